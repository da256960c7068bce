package bundle

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// root is the repository.
const root = "../.."

// entry is how a client starts a server.
type entry struct {
	Command string            `json:"command"`
	Args    []string          `json:"args"`
	Env     map[string]string `json:"env"`
}

// read reads JSON of the repository, or of an absolute path.
func read(t *testing.T, path string, into any) {
	t.Helper()
	if !filepath.IsAbs(path) {
		path = filepath.Join(root, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// fill replaces ${PREFIX.KEY} by values. What there is no value for stays as it is, as some clients leave it.
func fill(texts map[string]string, prefix string, values map[string]string) map[string]string {
	filled := maps.Clone(texts)
	for name, text := range filled {
		for key, value := range values {
			text = strings.ReplaceAll(text, "${"+prefix+key+"}", value)
		}
		filled[name] = text
	}
	return filled
}

// start starts the server as a client would: with a home of its own, and without the variables of whoever runs the tests.
// A command without a folder is found on the PATH, where the program that was built is.
func start(t *testing.T, server entry) *mcp.ClientSession {
	t.Helper()
	path := filepath.Dir(program.Path(t)) + string(os.PathListSeparator) + os.Getenv("PATH")
	t.Setenv("PATH", path)
	command := exec.CommandContext(context.WithoutCancel(t.Context()), server.Command, server.Args...)
	command.Env = []string{"HOME=" + t.TempDir(), "PATH=" + path}
	for name, value := range server.Env {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Stderr = t.Output()
	return connect(t, &mcp.CommandTransport{Command: command})
}

func connect(t *testing.T, transport mcp.Transport) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "bundle", Version: "1"}, nil)
	session, err := client.Connect(context.WithoutCancel(t.Context()), transport, nil)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return session
}

// list gives the names of the tools, sorted.
func list(t *testing.T, session *mcp.ClientSession) []string {
	t.Helper()
	var names []string
	for tool, err := range session.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, tool.Name)
	}
	slices.Sort(names)
	return names
}

// call calls a tool and gives the text of its result.
func call(t *testing.T, session *mcp.ClientSession, name string, arguments map[string]any) (text string, failed bool) {
	t.Helper()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	content, ok := result.Content[0].(*mcp.TextContent)
	if !ok {
		t.Fatalf("%s: no text", name)
	}
	return content.Text, result.IsError
}

// callThree calls three tools that need nothing but a platform.
func callThree(t *testing.T, session *mcp.ClientSession) {
	t.Helper()
	for name, arguments := range map[string]map[string]any{
		"list_agents": nil, "search_agents": {"query": "translate a contract"}, "get_credits": nil,
	} {
		if text, failed := call(t, session, name, arguments); failed {
			t.Errorf("%s: %s", name, text)
		}
	}
}
