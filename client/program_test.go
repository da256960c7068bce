package client_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// startPlatform runs the embedded platform for the time of a test, on a free port and in memory, and gives a client of it.
func startPlatform(t *testing.T) *client.Client {
	t.Helper()
	command := exec.CommandContext(t.Context(), "robutler-mcp", "sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Wait() })
	// It prints two lines, which are NAME=VALUE as the client reads them from its environment.
	settings := map[string]string{}
	for lines := bufio.NewScanner(output); len(settings) < 2 && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		settings[name] = value
	}
	c, err := client.New(client.WithBaseURL(settings[client.BaseURLVariable]), client.WithAPIKey(settings[client.KeyVariable]))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAgainstTheProgram does what docs/client.md tells others to do in their own tests.
func TestAgainstTheProgram(t *testing.T) {
	folder := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(folder, "robutler-mcp"+executableSuffix()), "..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	t.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("HOME", folder)

	c := startPlatform(t)
	credits, err := c.User.Credits(t.Context())
	if err != nil || credits.Available.String() != "87.4215" {
		t.Errorf("%+v, %v", credits, err)
	}
}

// executableSuffix ends the names of programs.
func executableSuffix() string {
	if os.PathSeparator == '\\' {
		return ".exe"
	}
	return ""
}
