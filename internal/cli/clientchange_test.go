package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/clients"
	"github.com/robutlerai/robutler-mcp/internal/doctor"
)

// home gives an empty home with a client's file in it.
func home(t *testing.T, client, text string) (environment map[string]string, path string) {
	t.Helper()
	folder := t.TempDir()
	environment = map[string]string{"HOME": folder, "XDG_CONFIG_HOME": filepath.Join(folder, "x"), "APPDATA": filepath.Join(folder, "x")}
	known, err := clients.Find(client)
	if err != nil {
		t.Fatal(err)
	}
	path = known.Path(clients.Machine{OS: runtime.GOOS, Home: folder, Variable: lookup(environment)})
	if text == "" {
		return environment, path
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return environment, path
}

// Whoever keeps the key in a file from now on does not keep it in the client's file, too.
func TestAKeyMovesOutOfTheClientsFile(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("rok_file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, text string
		arguments  []string
		stays      bool
	}{
		{"a key's file", `{"mcpServers":{"robutler":{"command":"x","env":{"WEBAGENTS_API_KEY":"rok_old","MINE":"y"}}}}`, []string{"--api-key-file", key}, false},
		{"the other name", `{"mcpServers":{"robutler":{"command":"x","env":{"ROBUTLER_API_KEY":"rok_old"}}}}`, []string{"--api-key-file", key}, false},
		{"the embedded platform", `{"mcpServers":{"robutler":{"command":"x","env":{"WEBAGENTS_API_KEY":"rok_old"}}}}`, []string{"--sandbox"}, true},
		{"no other key", `{"mcpServers":{"robutler":{"command":"x","env":{"WEBAGENTS_API_KEY":"rok_old"}}}}`, nil, true},
	} {
		environment, path := home(t, "windsurf", test.text)
		got := execute(t, environment, append([]string{"config", "windsurf", "--install"}, test.arguments...)...)
		text, err := os.ReadFile(path)
		if err != nil || got.status != 0 {
			t.Fatalf("%s: %v, %+v", test.name, err, got)
		}
		if stays := strings.Contains(string(text), "rok_old"); stays != test.stays || stays == strings.Contains(got.stderr, "is taken out") {
			t.Errorf("%s: %+v\n%s", test.name, got, text)
		}
		if strings.Contains(test.text, "MINE") && !strings.Contains(string(text), `"MINE":"y"`) {
			t.Errorf("%s: another variable is lost:\n%s", test.name, text)
		}
	}
}

// An entry that its user has switched off stays so, and whoever asks about it learns it.
func TestAnEntryThatIsSwitchedOff(t *testing.T) {
	t.Parallel()
	for client, text := range map[string]string{
		"windsurf":   `{"mcpServers":{"robutler":{"command":"x","disabled":true}}}`,
		"zed":        `{"context_servers":{"robutler":{"command":"x","enabled":false}}}`,
		"codex":      "[mcp_servers.robutler]\ncommand = 'x'\nenabled = false\n",
		"goose":      "extensions:\n  robutler:\n    cmd: x\n    enabled: false\n",
		"gemini-cli": `{"mcp":{"excluded":["robutler"]},"mcpServers":{"robutler":{"command":"x"}}}`,
	} {
		environment, _ := home(t, client, text)
		for range 2 {
			if got := execute(t, environment, "config", client, "--install", "--sandbox"); got.status != 0 || !strings.Contains(got.stderr, "switched off") {
				t.Errorf("%s: %+v", client, got)
			}
		}
		if got := execute(t, environment, "config"); !strings.Contains(got.stdout, "yes, switched off") {
			t.Errorf("%s: %s", client, got.stdout)
		}
		found, _ := diagnose(t, environment, "--sandbox", "--sandbox-db", ":memory:")
		if got := found["client"]; got.Status != doctor.Warning || !strings.Contains(got.Detail, "is switched off in") {
			t.Errorf("%s: %+v", client, got)
		}
	}
}

// A file that cannot be changed with certainty is left, and what belongs into it is shown.
func TestWhatIsToBeDoneByHandIsShown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ client, text, snippet string }{
		{"cursor", `{"mcpServers":[]}`, `"robutler": {`},
		{"codex", "[mcp_servers]\nrobutler.command = 'x'\n", "[mcp_servers.robutler]"},
		{"goose", "{extensions: {a: {}}}\n", "    cmd: "},
	} {
		environment, path := home(t, test.client, test.text)
		got := execute(t, environment, "config", test.client, "--install", "--sandbox")
		if got.status == 0 || !strings.Contains(got.stderr, "by hand") || !strings.Contains(got.stderr, test.snippet) {
			t.Errorf("%s: %+v", test.client, got)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != test.text {
			t.Errorf("%s: %v\n%s", test.client, err, text)
		}
	}
	environment, _ := home(t, "goose", "a: 1\n---\nb: 1\n")
	if got := execute(t, environment, "config", "goose", "--remove"); got.status != 0 || !strings.Contains(got.stdout, "nothing to remove") {
		t.Errorf("%+v", got)
	}
	environment, _ = home(t, "goose", "{extensions: {robutler: {cmd: x}}}\n")
	if got := execute(t, environment, "config", "goose", "--remove"); got.status == 0 || !strings.Contains(got.stderr, "Take robutler out of it by hand") {
		t.Errorf("%+v", got)
	}
}

// Servers that are null are none yet.
func TestNullIsNoServers(t *testing.T) {
	t.Parallel()
	environment, path := home(t, "cursor", `{"mcpServers": null}`)
	for _, arguments := range [][]string{{"--install", "--sandbox"}, {"--remove"}} {
		if got := execute(t, environment, append([]string{"config", "cursor"}, arguments...)...); got.status != 0 {
			t.Errorf("%+v", got)
		}
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != `{"mcpServers": null}` {
		t.Errorf("%v: %s", err, text)
	}
}

// In an empty home no client is found, not even the one that keeps its file in the home itself.
func TestConfigSaysWhichClientsAreThere(t *testing.T) {
	t.Parallel()
	environment, path := home(t, "claude-code", "")
	got := execute(t, environment, "config")
	if strings.Count(got.stdout, "client not found") != len(clients.All()) {
		t.Error(got.stdout)
	}
	if err := os.Mkdir(filepath.Join(environment["HOME"], ".claude"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := execute(t, environment, "config"); strings.Count(got.stdout, "client not found") != len(clients.All())-1 {
		t.Error(got.stdout)
	}
	if got := execute(t, environment, "config", "claude-code", "--remove"); got.status != 0 || !strings.Contains(got.stdout, path+" is not there: there is nothing to remove") {
		t.Errorf("%+v", got)
	}
}
