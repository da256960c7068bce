package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"github.com/robutlerai/robutler-mcp/internal/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// screen is what a run of the program prints.
type screen struct {
	stdout, stderr string
	status         int
}

// execute runs the program with an environment of its own and nothing on stdin.
func execute(t *testing.T, environment map[string]string, arguments ...string) screen {
	t.Helper()
	return executeWith(t, Streams{In: strings.NewReader(""), Environment: lookup(environment)}, arguments...)
}

func executeWith(t *testing.T, streams Streams, arguments ...string) screen {
	t.Helper()
	var out, errs bytes.Buffer
	streams.Out, streams.Err, streams.Program = &out, &errs, "robutler-mcp"
	status := run(t.Context(), arguments, streams)
	return screen{out.String(), errs.String(), status}
}

func lookup(environment map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	memory := []string{"--sandbox", "--sandbox-db", ":memory:"}
	tests := []struct {
		name        string
		environment map[string]string
		arguments   []string
		status      int
		stdout      string
		stderr      string
	}{
		{"help", nil, []string{"--help"}, 0, "Examples:", ""},
		{"version", nil, []string{"version"}, 0, "robutler-mcp ", ""},
		{"version as a flag", nil, []string{"--version"}, 0, "robutler-mcp ", ""},
		{"tools", nil, []string{"tools"}, 0, "search_agents", ""},
		{"tools stats", nil, []string{"tools", "--stats"}, 0, "20 tools", ""},
		{"tools markdown", nil, []string{"tools", "--md"}, 0, "### get_credits", ""},
		{"tools json, read only", nil, []string{"tools", "--json", "--read-only"}, 0, `"readOnlyHint": true`, ""},
		{"tools twice", nil, []string{"tools", "--json", "--md"}, 2, "", "only one of"},
		{"unknown command", nil, []string{"cal"}, 2, "", "did you mean call?"},
		{"unknown flag", nil, []string{"tools", "--jason"}, 2, "", "unknown flag: --jason"},
		{"unknown toolset", nil, []string{"tools", "--toolsets", "agent"}, 2, "", "did you mean agents?"},
		{"unknown toolset of the environment", map[string]string{"ROBUTLER_TOOLSETS": "agent"}, []string{"tools"}, 2, "", "did you mean agents?"},
		{"call", nil, append([]string{"call", "get_credits"}, memory...), 0, `"available_credits": "87.4215"`, ""},
		{"call by environment", map[string]string{"ROBUTLER_SANDBOX": "true", "ROBUTLER_SANDBOX_DB": ":memory:"}, []string{"call", "get_credits"}, 0, "87.4215", ""},
		{"call with pairs", nil, append([]string{"call", "upload_content", "filename=a.txt", "text=a=b", "tags=x", "tags=y"}, memory...), 0, `"size_bytes": 3`, ""},
		{"call with JSON", nil, append([]string{"call", "list_agents", "--args", `{"limit":1}`}, memory...), 0, `"next_cursor"`, ""},
		{"call for JSON", nil, append([]string{"call", "get_credits", "--json"}, memory...), 0, `"available_credits": "87.4215"`, ""},
		{"call without a tool", nil, []string{"call"}, 2, "", "needs the name of a tool"},
		{"call of no tool", nil, append([]string{"call", "list_agent"}, memory...), 2, "", "did you mean list_agents?"},
		{"call with bad JSON", nil, []string{"call", "get_credits", "--args", "[1]"}, 2, "", "--args must be a JSON object"},
		{"call with a bare word", nil, []string{"call", "get_credits", "x"}, 2, "", `"x" must look like name=value`},
		{"call with faults", nil, append([]string{"call", "list_agents", "limit=0", "x=1"}, memory...), 2, "", "2 problems"},
		{"call of a lost agent", nil, append([]string{"call", "get_agent", "agent=nobody"}, memory...), 1, "", "not_found"},
		{"call without a key", nil, []string{"call", "get_credits"}, 1, "", "set WEBAGENTS_API_KEY"},
		{"key unexpanded", map[string]string{"WEBAGENTS_API_KEY": "${KEY}"}, []string{"call", "get_credits"}, 1, "", "unexpanded"},
		{"platform down", map[string]string{"WEBAGENTS_API_KEY": "rok_0123456789abcdef", "ROBUTLER_API_URL": "http://127.0.0.1:1", "ROBUTLER_MAX_RETRIES": "0"}, []string{"call", "get_credits"}, 1, "", "upstream_unavailable"},
		{"plain http", map[string]string{"WEBAGENTS_API_KEY": "k", "ROBUTLER_API_URL": "http://robutler.example"}, []string{"call", "get_credits"}, 2, "", "must be https"},
		{"sandbox database alone", nil, []string{"call", "get_credits", "--sandbox-db", ":memory:"}, 2, "", "add --sandbox"},
		{"two platforms", nil, append([]string{"call", "get_credits", "--base-url", "https://robutler.ai"}, memory...), 2, "", "leave out --base-url"},
		{"arguments of the environment", map[string]string{"ROBUTLER_JSON": "maybe", "ROBUTLER_ARGS": `{"limit":0}`}, append([]string{"call", "list_agents"}, memory...), 0, `"agents"`, ""},
		{"placeholder key", map[string]string{"WEBAGENTS_API_KEY": "your key"}, []string{"call", "get_credits"}, 1, "", "put the key itself into WEBAGENTS_API_KEY"},
		{"nothing left", nil, []string{"tools", "--read-only", "--tools", "create_agent"}, 2, "", "no tool is left"},
		{"bad setting", map[string]string{"ROBUTLER_TIMEOUT": "soon"}, []string{"call", "get_credits"}, 2, "", "read ROBUTLER_TIMEOUT"},
		{"open to the network", nil, append([]string{"http", "--addr", "0.0.0.0:0"}, memory...), 2, "", "only loopback"},
		{"no port", nil, []string{"sandbox", "--addr", "localhost"}, 2, "", "must look like"},
		{"bad log level", nil, append([]string{"call", "get_credits", "--log-level", "loud"}, memory...), 2, "", "none of debug"},
		{"no such upload root", nil, append([]string{"call", "get_credits", "--upload-root", "/no/such/folder"}, memory...), 2, "", "open upload root"},
		{"stdio with an argument", nil, []string{"stdio", "x"}, 2, "", "takes no argument"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, test.environment, test.arguments...)
			if got.status != test.status || !strings.Contains(got.stdout, test.stdout) || !strings.Contains(got.stderr, test.stderr) {
				t.Errorf("status %d, want %d\nstdout: %s\nstderr: %s", got.status, test.status, got.stdout, got.stderr)
			}
			if test.status == 0 && got.stderr != "" {
				t.Errorf("stderr: %s", got.stderr)
			}
			if test.status != 0 && (got.stdout != "" || strings.Contains(got.stderr, "goroutine") || strings.Contains(got.stderr, "rok_")) {
				t.Errorf("stdout: %s\nstderr: %s", got.stdout, got.stderr)
			}
		})
	}
}

// TestAtATerminalItExplainsItself instead of waiting for what no person types.
func TestAtATerminalItExplainsItself(t *testing.T) {
	t.Parallel()
	got := executeWith(t, Streams{In: neverRead{t}, InTerminal: true, Environment: lookup(nil)})
	if got.status != 0 || got.stdout != "" || !strings.Contains(got.stderr, "call list_agents --sandbox") || !strings.Contains(got.stderr, "mcpServers") {
		t.Errorf("%+v", got)
	}
}

type neverRead struct{ t *testing.T }

func (r neverRead) Read([]byte) (int, error) {
	r.t.Error("stdin was read")
	return 0, io.EOF
}

// TestStdioServes pipes a request in, with and without naming the command.
func TestStdioServes(t *testing.T) { // not parallel: the library's stdio session is one a process
	request := `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	for _, command := range [][]string{{}, {"stdio"}} {
		got := executeWith(t, Streams{In: strings.NewReader(request), Environment: lookup(nil)}, append(command, "--tools", "get_credits")...)
		var answer struct {
			Result struct {
				Tools []struct{ Name string } `json:"tools"`
			} `json:"result"`
		}
		if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.status != 0 {
			t.Fatalf("%v: %+v, %v", command, got, err)
		}
		if len(answer.Result.Tools) != 1 || answer.Result.Tools[0].Name != "get_credits" {
			t.Errorf("%v: %s", command, got.stdout)
		}
	}
}

// announced waits for a text in what a running command prints.
type announced struct {
	mu      sync.Mutex
	text    strings.Builder
	wanted  string
	found   chan struct{}
	closing sync.Once
}

func (a *announced) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text.Write(p)
	if strings.Contains(a.text.String(), a.wanted) {
		a.closing.Do(func() { close(a.found) })
	}
	return len(p), nil
}

func (a *announced) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}

// TestServersServeUntilTheyAreTold starts the two commands that listen, asks them, and ends them.
func TestServersServeUntilTheyAreTold(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "sandbox.db")
	for name, arguments := range map[string][]string{
		"http":    {"http", "--addr", "127.0.0.1:0", "--sandbox", "--sandbox-db", database},
		"sandbox": {"sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", database},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			output := &announced{wanted: "Ctrl-C ends it.", found: make(chan struct{})}
			ended := make(chan int, 1)
			go func() {
				ended <- run(ctx, arguments, Streams{Out: output, Err: output, In: strings.NewReader(""), Environment: lookup(nil), Program: "./robutler-mcp"})
			}()
			select {
			case <-output.found:
			case status := <-ended:
				cancel()
				t.Fatalf("ended with %d: %s", status, output)
			}
			_, rest, _ := strings.Cut(output.String(), "http://")
			address, _, _ := strings.Cut(strings.Split(rest, "\n")[0], "/")
			path := map[string]string{"http": "/healthz", "sandbox": "/api/health"}[name]
			for origin, want := range map[string]int{"": http.StatusOK, "https://evil.example": http.StatusForbidden} {
				if got := statusFor(t, "http://"+address+path, origin); got != want {
					t.Errorf("%s for %q: %d", path, origin, got)
				}
			}
			cancel()
			if status := <-ended; status != 0 {
				t.Errorf("ended with %d: %s", status, output)
			}
			if strings.Contains(output.String(), "rok_") != (name == "sandbox") {
				t.Errorf("the key: %s", output)
			}
		})
	}
}

// statusFor gets a page as a browser on a page of an origin does; as a program does when that is empty.
func statusFor(t *testing.T, address, origin string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestSnippetIsWhatClientsRead(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{nil, {"--sandbox", "--read-only"}} {
		var parsed struct {
			MCPServers map[string]struct {
				Command string
				Args    []string
				Env     map[string]string
			} `json:"mcpServers"`
		}
		if err := json.Unmarshal([]byte(Snippet(`/a "b"/robutler-mcp`, arguments...)), &parsed); err != nil {
			t.Fatal(err)
		}
		entry := parsed.MCPServers["robutler"]
		if entry.Command != `/a "b"/robutler-mcp` || !slices.Equal(entry.Args, append([]string{"stdio"}, arguments...)) || (entry.Env["WEBAGENTS_API_KEY"] != "") != (arguments == nil) {
			t.Errorf("%+v", entry)
		}
	}
}

// TestSuggestionsCarryTheServersFlags: what a running server suggests does what it does.
func TestSuggestionsCarryTheServersFlags(t *testing.T) {
	t.Parallel()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	settings := &config.Config{}
	settings.AddShared(flags)
	if err := flags.Parse([]string{"--sandbox", "--sandbox-db", "/x y/db", "--toolsets", "agents,content", "--read-only", "--log-level", "debug"}); err != nil {
		t.Fatal(err)
	}
	if err := settings.Load(flags, lookup(nil)); err != nil {
		t.Fatal(err)
	}
	want := ` --sandbox --sandbox-db '/x y/db' --toolsets agents --toolsets content --read-only`
	if got := quoted(carried(flags, settings)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := flags.Set("sandbox-db", ":memory:"); err != nil {
		t.Fatal(err)
	}
	if got := quoted(carried(flags, settings)); strings.Contains(got, "memory") {
		t.Error(got)
	}
}

// TestAConfigurationFile sets what neither flag nor environment does.
func TestAConfigurationFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("sandbox: true\nsandbox-db: ':memory:'\ntoolsets: [account]\nread-only: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := execute(t, nil, "call", "get_credits", "--config", path); got.status != 0 {
		t.Errorf("%+v", got)
	}
	if got := execute(t, map[string]string{"ROBUTLER_CONFIG": path}, "call", "list_agents"); got.status != 2 {
		t.Errorf("%+v", got)
	}
	if got := execute(t, nil, "call", "list_agents", "--config", path, "--toolsets", "agents"); got.status != 0 {
		t.Errorf("%+v", got)
	}
}
