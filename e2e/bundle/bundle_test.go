package bundle

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// manifest is what the tests read of a bundle's manifest.
type manifest struct {
	Version string
	Server  struct {
		Type       string
		EntryPoint string `json:"entry_point"`
		Config     entry  `json:"mcp_config"`
	}
	Tools          []struct{ Name, Description string }
	ToolsGenerated bool `json:"tools_generated"`
	Prompts        []struct {
		Name, Text string
		Arguments  []string
	}
	UserConfig map[string]struct {
		Type                string
		Required, Sensitive bool
		Default             any
	} `json:"user_config"`
	Compatibility struct{ Platforms []string }
}

// pack makes the bundle of this platform, and gives its path.
func pack(t *testing.T, arguments ...string) string {
	t.Helper()
	folder := t.TempDir()
	arguments = append([]string{"run", "./packaging/mcpb", "-version", "v9.8.7", "-out", folder}, arguments...)
	command := exec.CommandContext(t.Context(), "go", append(arguments, runtime.GOOS+"/"+runtime.GOARCH)...)
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	made, err := filepath.Glob(filepath.Join(folder, "robutler-mcp_9.8.7_"+runtime.GOOS+"_*.mcpb"))
	if err != nil || len(made) != 1 {
		t.Fatalf("%v, %v", made, err)
	}
	return made[0]
}

// mcpb runs the tool that defines the format.
func mcpb(t *testing.T, arguments ...string) (output string, ok bool) {
	t.Helper()
	tool, err := filepath.Abs(filepath.Join(root, "packaging/mcpb/node_modules/.bin/mcpb"))
	if err != nil {
		t.Fatal(err)
	}
	printed, err := exec.CommandContext(t.Context(), tool, arguments...).CombinedOutput()
	return string(printed), err == nil
}

// resolve lets the library that clients use turn a manifest and what the user filled in into a command.
func resolve(t *testing.T, folder string, values map[string]any) entry {
	t.Helper()
	const script = `
		const [library, folder, values] = process.argv.slice(1);
		const { getMcpConfigForManifest } = await import(library);
		const { readFileSync } = await import("node:fs");
		const manifest = JSON.parse(readFileSync(folder + "/manifest.json", "utf8"));
		const config = await getMcpConfigForManifest({
			manifest, extensionPath: folder, systemDirs: {}, userConfig: JSON.parse(values), pathSeparator: "/" });
		process.stdout.write(JSON.stringify(config));`
	library, err := filepath.Abs(filepath.Join(root, "packaging/mcpb/node_modules/@anthropic-ai/mcpb/dist/index.js"))
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", script, library, folder, string(encoded))
	command.Stderr = t.Output()
	printed, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var resolved entry
	if err := json.Unmarshal(printed, &resolved); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	return resolved
}

// TestBundle packs, unpacks and starts a bundle.
func TestBundle(t *testing.T) {
	bundle, folder := pack(t), t.TempDir()
	if output, ok := mcpb(t, "unpack", bundle, folder); !ok {
		t.Fatal(output)
	}
	if output, ok := mcpb(t, "validate", filepath.Join(folder, "manifest.json")); !ok {
		t.Error(output)
	}
	var said manifest
	read(t, filepath.Join(folder, "manifest.json"), &said)
	if said.Version != "9.8.7" || said.Server.Type != "binary" || !slices.Equal(said.Compatibility.Platforms, []string{runtime.GOOS}) || !said.ToolsGenerated {
		t.Errorf("%+v", said)
	}
	if key := said.UserConfig["api_key"]; key.Type != "string" || !key.Sensitive || key.Default != nil || key.Required {
		t.Errorf("the key: %+v", key)
	}
	t.Run("is what it says", func(t *testing.T) { checkLists(t, folder, said) })
	t.Run("heeds settings", func(t *testing.T) { checkSettings(t, folder, said) })
	t.Run("needs no setting", func(t *testing.T) { checkBlank(t, folder, said) })
	t.Run("refuses other manifests", func(t *testing.T) { checkRefusals(t, folder) })
	t.Run("is reproducible", func(t *testing.T) {
		again := pack(t, "-binary", filepath.Join(folder, filepath.FromSlash(said.Server.EntryPoint)))
		first, err := os.ReadFile(bundle)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := os.ReadFile(again); err != nil || !bytes.Equal(first, second) {
			t.Errorf("two bundles of the same content differ: %v", err)
		}
	})
}

// checkLists starts the command as a client resolves it, and compares what the server lists with the manifest.
func checkLists(t *testing.T, folder string, said manifest) {
	server := resolve(t, folder, map[string]any{"sandbox": true})
	if server.Command != filepath.Join(folder, said.Server.EntryPoint) {
		t.Errorf("%s is started, the entry point is %s", server.Command, said.Server.EntryPoint)
	}
	if server.Env["WEBAGENTS_API_KEY"] != "${user_config.api_key}" {
		t.Error("clients do not leave the placeholder of a blank setting any more: look at config.Blank")
	}
	session := start(t, server)
	if version := session.InitializeResult().ServerInfo.Version; version != "v9.8.7" {
		t.Errorf("the program is of version %s", version)
	}
	var named []string
	for _, tool := range said.Tools {
		if named = append(named, tool.Name); tool.Description == "" {
			t.Errorf("%s has no description", tool.Name)
		}
	}
	slices.Sort(named)
	if listed := list(t, session); !slices.Equal(listed, named) {
		t.Errorf("the server lists %v, the manifest %v", listed, named)
	}
	var prompts []string
	for prompt, err := range session.Prompts(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		prompts = append(prompts, prompt.Name)
	}
	if len(prompts) != len(said.Prompts) {
		t.Errorf("the server lists %v", prompts)
	}
	for _, prompt := range said.Prompts {
		if !slices.Contains(prompts, prompt.Name) || prompt.Text == "" {
			t.Errorf("%+v", prompt)
		}
	}
	callThree(t, session)
}

// checkSettings fills in what a user can, and sees that the server does it.
func checkSettings(t *testing.T, folder string, said manifest) {
	read := start(t, resolve(t, folder, map[string]any{"sandbox": true, "read_only": true, "toolsets": "agents"}))
	if names := list(t, read); slices.Contains(names, "create_agent") || slices.Contains(names, "get_credits") || !slices.Contains(names, "list_agents") {
		t.Errorf("only agents, to read: %v", names)
	}
	all := start(t, resolve(t, folder, map[string]any{
		"sandbox": true, "toolsets": "all", "no_money": true, "max_spend_per_call": "0.25", "max_spend_per_day": "2", "upload_folder": t.TempDir(),
	}))
	if names := list(t, all); len(names) <= len(said.Tools) || slices.Contains(names, "settle_payment") {
		t.Errorf("all but money: %v", names)
	}
	callThree(t, all)
}

// checkBlank starts the server with nothing filled in, whether the client leaves placeholders or clears them.
func checkBlank(t *testing.T, folder string, said manifest) {
	left := resolve(t, folder, nil)
	cleared := entry{Command: left.Command, Args: left.Args, Env: map[string]string{}}
	for name, value := range left.Env {
		if strings.Contains(value, "${") {
			value = ""
		}
		cleared.Env[name] = value
	}
	raw := entry{Command: left.Command, Args: left.Args, Env: said.Server.Config.Env}
	for what, test := range map[string]struct {
		server entry
		says   string
	}{"left": {left, "settings of the extension"}, "cleared": {cleared, "WEBAGENTS_API_KEY"}, "not even defaults": {raw, "settings of the extension"}} {
		session := start(t, test.server)
		if names := list(t, session); len(names) != len(said.Tools) {
			t.Errorf("%s: %v", what, names)
		}
		if text, failed := call(t, session, "get_credits", nil); !failed || !strings.Contains(text, test.says) {
			t.Errorf("%s: %s", what, text)
		}
	}
}

// checkRefusals makes sure that the validation can fail.
func checkRefusals(t *testing.T, folder string) {
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string][2]string{
		"another type of server": {`"binary"`, `"pigeon"`}, "a member that does not exist": {`"tools_generated"`, `"tools_made"`}, "a missing icon": {"icon.png", "none.png"},
	} {
		changed := filepath.Join(t.TempDir(), "manifest.json")
		if err := os.WriteFile(changed, bytes.Replace(text, []byte(change[0]), []byte(change[1]), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(folder, "icon.png"), filepath.Join(filepath.Dir(changed), "icon.png")); err != nil {
			t.Fatal(err)
		}
		if output, ok := mcpb(t, "validate", changed); ok {
			t.Errorf("%s is valid: %s", what, output)
		}
	}
}
