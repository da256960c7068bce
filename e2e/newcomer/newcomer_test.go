package newcomer

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// TestNewcomer goes the whole way with each client: from an empty home and back to one that holds nothing but what the
// embedded platform keeps.
func TestNewcomer(t *testing.T) {
	for _, p := range products() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			path := filepath.Join(home, p.file)
			wants(t, run(t, home, "config", p.name, "--install", "--sandbox"), "wrote "+path)
			wants(t, run(t, home, "config", p.name, "--install", "--sandbox"), path+" is as it should be")

			configured := p.servers(t, path)
			if len(configured) != 1 {
				t.Errorf("configured are %v", configured)
			}
			session := start(t, home, configured["robutler"])
			callThree(t, session)
			// The doctor is asked while the client runs, and again after it has ended.
			allGreen(t, run(t, home, "doctor"), p.name)
			if err := session.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
			allGreen(t, run(t, home, "doctor"), p.name)

			wants(t, run(t, home, "config", p.name, "--remove"), path)
			wants(t, run(t, home, "config", p.name, "--remove"), path+" is not there")
			for _, left := range files(t, home) {
				if !strings.HasPrefix(left, ".local/share/robutler-mcp/") {
					t.Errorf("left behind: %s", left)
				}
			}
			if folders, err := os.ReadDir(home); err != nil || len(folders) != 1 {
				t.Errorf("the home holds %v, %v", folders, err)
			}
		})
	}
}

// TestNewcomerWithServersOfOthers finds Claude Desktop's file in use: another server stays as it is, byte for byte, and
// what the file was is kept beside it.
func TestNewcomerWithServersOfOthers(t *testing.T) {
	home, desktop := t.TempDir(), products()[0]
	path := filepath.Join(home, desktop.file)
	before := "{\n    \"globalShortcut\": \"Ctrl+Space\",\n    \"mcpServers\": {\n        \"other\": {\"command\": \"other-mcp\", \"args\": []}\n    }\n}\n"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	wants(t, run(t, home, "config", desktop.name, "--install", "--sandbox"), "a copy of what was there is "+path)
	configured := desktop.servers(t, path)
	if len(configured) != 2 || configured["other"].command != "other-mcp" {
		t.Errorf("configured are %v", configured)
	}
	session := start(t, home, configured["robutler"])
	callThree(t, session)
	if err := session.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	wants(t, run(t, home, "config", desktop.name, "--remove"), "removed robutler from "+path)
	after, err := os.ReadFile(path)
	if err != nil || string(after) != before {
		t.Errorf("%v: the file was\n%s\nand is\n%s", err, before, after)
	}
	copies, err := filepath.Glob(path + ".*.bak")
	if err != nil || len(copies) != 2 {
		t.Errorf("copies are %v, %v", copies, err)
	}
}

// environment is that of a desktop session which has no settings of the program.
func environment(home string) []string {
	return []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "XDG_CONFIG_HOME=" + filepath.Join(home, ".config"),
		"XDG_DATA_HOME=" + filepath.Join(home, ".local", "share"), "XDG_STATE_HOME=" + filepath.Join(home, ".local", "state"),
		"XDG_CACHE_HOME=" + filepath.Join(home, ".cache"),
	}
}

// run runs the program to its end and gives what it printed on stdout. It must succeed.
func run(t *testing.T, home string, arguments ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), program.Path(t), arguments...)
	c.Env, c.Dir = environment(home), home
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		t.Fatalf("%q: %v\n%s%s", arguments, err, out.String(), errs.String())
	}
	return out.String()
}

func wants(t *testing.T, output, words string) {
	t.Helper()
	if !strings.Contains(output, words) {
		t.Errorf("%q is not in %q", words, output)
	}
}

// start starts a server as a client does: the very command, arguments and environment, from the root folder.
func start(t *testing.T, home string, configured server) *mcp.ClientSession {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), configured.command, configured.arguments...)
	c.Env, c.Dir = append(environment(home), configured.environment...), "/"
	client := mcp.NewClient(&mcp.Implementation{Name: "newcomer", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: c}, nil)
	if err != nil {
		t.Fatalf("start %v: %v", configured, err)
	}
	return session
}

// callThree lists the tools and calls three of them, the last of which sees what the one before it did.
func callThree(t *testing.T, session *mcp.ClientSession) {
	t.Helper()
	listed := map[string]bool{}
	for tool, err := range session.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		listed[tool.Name] = true
	}
	for _, step := range []struct {
		tool      string
		arguments map[string]any
		says      string
	}{
		{"search_agents", map[string]any{"query": "translate a contract"}, `"name"`},
		{"upload_content", map[string]any{"filename": "first-steps.txt", "text": "hello", "tags": []string{"newcomer"}}, `"first-steps.txt"`},
		{"list_content", map[string]any{"tags": []string{"newcomer"}}, `"first-steps.txt"`},
	} {
		if !listed[step.tool] {
			t.Errorf("%s is not listed", step.tool)
		}
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: step.tool, Arguments: step.arguments})
		if err != nil {
			t.Fatalf("%s: %v", step.tool, err)
		}
		text, ok := result.Content[0].(*mcp.TextContent)
		if result.IsError || result.StructuredContent == nil || !ok || !strings.Contains(text.Text, step.says) {
			t.Errorf("%s: %+v", step.tool, result)
		}
	}
}

// allGreen wants every line of the doctor's to be a good one.
func allGreen(t *testing.T, report, client string) {
	t.Helper()
	for line := range strings.Lines(report) {
		if !strings.HasPrefix(line, "✓ ") {
			t.Errorf("%s: the doctor says %s", client, line)
		}
	}
	wants(t, report, "starts this program with")
	wants(t, report, "the embedded platform has its own")
}

// files gives all files below a folder, in paths from there.
func files(t *testing.T, folder string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		found = append(found, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
