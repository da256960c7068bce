package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// readme gives the README's shell lines, and its one JSON snippet.
func readme(t *testing.T) (commands []string, snippet string) {
	t.Helper()
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	fence := ""
	for line := range strings.Lines(string(page)) {
		switch trimmed := strings.TrimSpace(line); {
		case strings.HasPrefix(trimmed, "```"):
			fence = strings.TrimPrefix(trimmed, "```")
		case fence == "sh":
			commands = append(commands, trimmed)
		case fence == "json":
			snippet += line
		}
	}
	return commands, snippet
}

// clone copies what a clone would have into an empty folder: nothing that was built, fetched or left by an earlier run.
func clone(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	copying := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", "git ls-files -z --cached --others --exclude-standard | "+
		"tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory=\"$0\"", folder)
	copying.Dir = ".."
	if output, err := copying.CombinedOutput(); err != nil {
		t.Fatalf("copy the repository: %v\n%s", err, output)
	}
	return folder
}

// TestReadmeCommands runs every command of the README in turn, in a copy that holds nothing built, and with a home of its
// own. Those that serve are ended once they say that they do. The test command is what runs this whole suite's siblings, so
// here it is only held to be the one that CI calls.
func TestReadmeCommands(t *testing.T) {
	commands, _ := readme(t)
	if len(commands) < 6 {
		t.Fatalf("commands: %q", commands)
	}
	folder, home := clone(t), t.TempDir()
	for _, line := range commands {
		switch line {
		case "make test":
			script, err := os.ReadFile("../.ci/run")
			if err != nil || !slices.Contains(strings.Split(string(script), "\n"), line) {
				t.Errorf("CI does not call %q: %v", line, err)
			}
		case "make run", "./bin/robutler-mcp sandbox":
			serveLine(t, folder, home, line)
		default:
			shell := exec.CommandContext(t.Context(), "bash", "-euc", line)
			shell.Dir, shell.Env = folder, readmeEnvironment(home)
			if output, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", line, err, output)
			}
		}
	}
}

// readmeEnvironment is a home of its own, with what Go needs to build.
func readmeEnvironment(home string) []string {
	environment := []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOPATH"} {
		value, err := exec.Command("go", "env", name).Output()
		if err == nil {
			environment = append(environment, name+"="+strings.TrimSpace(string(value)))
		}
	}
	return environment
}

// serveLine starts a command of the README that serves, asks the address that it prints, and ends it as Ctrl-C would.
func serveLine(t *testing.T, folder, home, line string) {
	t.Helper()
	shell := exec.CommandContext(context.Background(), "bash", "-euc", line)
	shell.Dir, shell.Env = folder, readmeEnvironment(home)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	shell.Stdout, shell.Stderr = writer, writer
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	path := map[string]string{"make run": "/healthz"}[line]
	if path == "" {
		path = "/api/health"
	}
	var printed strings.Builder
	served := false
	scanner := bufio.NewScanner(reader)
	for scanner.Scan() {
		printed.WriteString(scanner.Text() + "\n")
		if !strings.Contains(scanner.Text(), "Ctrl-C ends it.") {
			continue
		}
		served = true
		_, rest, _ := strings.Cut(printed.String(), "http://")
		address, _, _ := strings.Cut(strings.Fields(rest)[0], "/")
		response, err := http.Get("http://" + address + path)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s: %v", line, path, err)
		} else if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
		if err := syscall.Kill(-shell.Process.Pid, syscall.SIGINT); err != nil {
			t.Error(err)
		}
	}
	_ = shell.Wait() // make reports the interrupt as an error
	if !served {
		t.Errorf("%s does not say that it serves:\n%s", line, printed.String())
	}
}

// TestReadmeSnippetStarts does what a client does with the snippet: it starts the command that it names.
func TestReadmeSnippetStarts(t *testing.T) {
	_, snippet := readme(t)
	var settings struct {
		MCPServers map[string]struct {
			Command string            `json:"command"`
			Args    []string          `json:"args"`
			Env     map[string]string `json:"env"`
		} `json:"mcpServers"`
	}
	if err := json.Unmarshal([]byte(snippet), &settings); err != nil {
		t.Fatal(err)
	}
	entry, ok := settings.MCPServers["robutler"]
	if !ok || filepath.Base(entry.Command) != "robutler-mcp" {
		t.Fatalf("snippet: %s", snippet)
	}
	stdout, stderr, status := run(t, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, entry.Args...)
	if status != 0 || !strings.Contains(stdout, `"get_credits"`) {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if entry.Env["WEBAGENTS_API_KEY"] == "" {
		t.Error("the snippet does not say where the key goes")
	}
}
