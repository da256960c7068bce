package bundle

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// TestGeminiExtension starts the server of the extension: with the variables that it asks for, and no others.
func TestGeminiExtension(t *testing.T) {
	var extension struct {
		Name, Version   string
		ContextFileName string
		MCPServers      map[string]entry
		Settings        []struct {
			Name, Description, EnvVar string
			Sensitive                 bool
		}
	}
	read(t, "gemini-extension.json", &extension)
	server := extension.MCPServers["robutler"]
	if server.Env != nil || extension.Version == "" || filepath.Ext(extension.ContextFileName) != ".md" {
		t.Errorf("%+v", extension)
	}
	server.Env = map[string]string{}
	for _, setting := range extension.Settings {
		server.Env[setting.EnvVar] = ""
		if setting.Sensitive != (setting.EnvVar == "WEBAGENTS_API_KEY") {
			t.Errorf("%+v", setting)
		}
	}
	blank := start(t, server)
	if text, failed := call(t, blank, "get_credits", nil); !failed || !strings.Contains(text, "WEBAGENTS_API_KEY") {
		t.Error(text)
	}
	if _, asked := server.Env["ROBUTLER_SANDBOX"]; !asked {
		t.Fatal("the extension does not ask for the sandbox")
	}
	server.Env["ROBUTLER_SANDBOX"] = "true"
	callThree(t, start(t, server))
}

// TestClaudeCodePlugin follows the marketplace to the plugin, and starts its server.
func TestClaudeCodePlugin(t *testing.T) {
	var marketplace struct {
		Plugins []struct{ Name, Source string }
	}
	read(t, ".claude-plugin/marketplace.json", &marketplace)
	if len(marketplace.Plugins) != 1 {
		t.Fatalf("%+v", marketplace)
	}
	folder := path.Clean(marketplace.Plugins[0].Source)
	var plugin struct {
		Name       string
		UserConfig map[string]struct {
			Title     string
			Sensitive bool
			Default   any
		}
	}
	read(t, folder+"/.claude-plugin/plugin.json", &plugin)
	if plugin.Name != marketplace.Plugins[0].Name || !plugin.UserConfig["api_key"].Sensitive || plugin.UserConfig["api_key"].Default != nil {
		t.Errorf("%+v", plugin)
	}
	var servers struct{ MCPServers map[string]entry }
	read(t, folder+"/.mcp.json", &servers)
	server := servers.MCPServers["robutler"]
	if skills, err := filepath.Glob(filepath.Join(root, folder, "skills", "*", "SKILL.md")); err != nil || len(skills) == 0 {
		t.Errorf("%v, %v", skills, err)
	}
	for name, value := range server.Env {
		key := strings.TrimSuffix(strings.TrimPrefix(value, "${user_config."), "}")
		if _, asked := plugin.UserConfig[key]; !asked {
			t.Errorf("%s is %s, which nobody is asked for", name, value)
		}
	}
	blank := start(t, server)
	if text, failed := call(t, blank, "get_credits", nil); !failed || !strings.Contains(text, "settings of the extension") {
		t.Error(text)
	}
	server.Env = fill(server.Env, "user_config.", map[string]string{"sandbox": "true", "read_only": "true", "api_key": ""})
	session := start(t, server)
	if slices.Contains(list(t, session), "create_agent") {
		t.Error("it changes what it should only read")
	}
	callThree(t, session)
}

// image is what server.json says of one way to start the image.
type image struct {
	RegistryType     string
	PackageArguments []struct{ Type, Value string }
	Environment      []struct {
		Name, Default string
		IsSecret      bool
	} `json:"environmentVariables"`
	Transport struct {
		Type, URL string
		Headers   []struct {
			Name, Value string
			IsSecret    bool
		}
	}
}

// images gives them by their transport.
func images(t *testing.T) map[string]image {
	t.Helper()
	var server struct{ Packages []image }
	read(t, "packaging/registry/server.json", &server)
	found := map[string]image{}
	for _, one := range server.Packages {
		if one.RegistryType == "oci" {
			found[one.Transport.Type] = one
		}
	}
	if len(found) != 2 {
		t.Fatalf("%+v", found)
	}
	return found
}

// entry is the command that the image runs: its entry point with the arguments, and the defaults of the variables.
func (i image) entry() entry {
	server := entry{Command: "robutler-mcp", Env: map[string]string{}}
	for _, argument := range i.PackageArguments {
		server.Args = append(server.Args, argument.Value)
	}
	for _, variable := range i.Environment {
		if variable.Default != "" {
			server.Env[variable.Name] = variable.Default
		}
	}
	return server
}

// TestImageArgumentsOverStdio starts the program, in no container, with what server.json says of the image.
func TestImageArgumentsOverStdio(t *testing.T) {
	server := images(t)["stdio"].entry()
	if server.Env["ROBUTLER_SANDBOX"] != "false" {
		t.Fatalf("%+v", server)
	}
	server.Env["ROBUTLER_SANDBOX"] = "true"
	callThree(t, start(t, server))
}

// bearer sends a header with every request.
type bearer struct{ name, value string }

func (b bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set(b.name, b.value)
	return http.DefaultTransport.RoundTrip(request)
}

// TestImageArgumentsOverHTTP serves as the image does, but in no container and on another port, in front of an embedded platform, and brings the key in
// the header that server.json asks for.
func TestImageArgumentsOverHTTP(t *testing.T) {
	described := images(t)["streamable-http"]
	platform := serve(t, entry{Args: []string{"sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:"}}, "WEBAGENTS_API_KEY=")
	address, key := value(t, platform, "ROBUTLER_API_URL="), value(t, platform, "WEBAGENTS_API_KEY=")
	header := described.Transport.Headers[0]
	if header.Name != "Authorization" || !header.IsSecret || header.Value != "Bearer {api_key}" {
		t.Fatalf("%+v", header)
	}
	server := described.entry()
	server.Env["ROBUTLER_API_URL"] = address
	port := freePort(t)
	for i, argument := range server.Args {
		server.Args[i] = strings.ReplaceAll(argument, ":8080", ":"+port)
	}
	serve(t, server, "Ctrl-C ends it.")
	url := strings.ReplaceAll(described.Transport.URL, ":8080", ":"+port)
	session := connect(t, &mcp.StreamableClientTransport{
		Endpoint: url, HTTPClient: &http.Client{Transport: bearer{header.Name, strings.ReplaceAll(header.Value, "{api_key}", key)}},
	})
	callThree(t, session)
	response, err := http.Post(url, "application/json", strings.NewReader(`{}`))
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a key: %v, %v", response, err)
	}
	if err == nil {
		_ = response.Body.Close()
	}
}

// freePort gives a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// serve starts the program and gives what it printed by the time that it says that it serves. It must end cleanly.
func serve(t *testing.T, server entry, ready string) string {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program.Path(t), server.Args...)
	command.Env = []string{"HOME=" + t.TempDir()}
	for name, value := range server.Env {
		command.Env = append(command.Env, name+"="+value)
	}
	pipe, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = writer, writer
	if err := errors.Join(command.Start(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	scanner := bufio.NewScanner(pipe)
	for scanner.Scan() {
		printed.WriteString(scanner.Text() + "\n")
		if strings.Contains(scanner.Text(), ready) {
			break
		}
	}
	t.Cleanup(func() {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("signal: %v", err)
		}
		for scanner.Scan() { // so that it is not blocked by what nobody reads
			printed.WriteString(scanner.Text() + "\n")
		}
		if err := errors.Join(command.Wait(), pipe.Close()); err != nil {
			t.Errorf("%v ended with %v:\n%s", server.Args, err, printed.String())
		}
	})
	return printed.String()
}

// value finds what follows a word in a text.
func value(t *testing.T, text, word string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, word)
	if !found || rest == "" {
		t.Fatalf("%s is missing in:\n%s", word, text)
	}
	return strings.Fields(rest)[0]
}
