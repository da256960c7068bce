package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/clients"
)

// What is installed is what was asked for, and starts the server: every flag that matters is in it.
func TestConfigInstallsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	environment := map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "xdg"), "APPDATA": filepath.Join(home, "appdata")}
	flags := []string{
		"--sandbox", "--sandbox-db", ":memory:", "--toolsets", "agents,keys", "--read-only", "--confirm", "always",
		"--max-spend-per-call", "2.5", "--journal", ":memory:", "--log-level", "debug",
	}
	for _, known := range clients.All() {
		got := execute(t, environment, append([]string{"config", known.Name, "--install"}, flags...)...)
		if got.status != 0 {
			t.Fatalf("%s: %+v", known.Name, got)
		}
		entry, ok, err := known.Read(strings.TrimSpace(strings.TrimPrefix(got.stdout, "wrote ")))
		if err != nil || !ok || len(entry.Environment) > 0 || !filepath.IsAbs(entry.Command) {
			t.Fatalf("%s: %+v, %v, %v", known.Name, entry, ok, err)
		}
		want := []string{
			"stdio", "--sandbox", "--sandbox-db", ":memory:", "--toolsets", "agents", "--toolsets", "keys", "--read-only",
			"--confirm", "always", "--max-spend-per-call", "2.5", "--journal", ":memory:", "--log-level", "debug",
		}
		if !slices.Equal(entry.Arguments, want) {
			t.Errorf("%s: %q", known.Name, entry.Arguments)
		}
		if got := execute(t, environment, "config", known.Name, "--remove"); got.status != 0 || !strings.Contains(got.stdout, "held nothing but robutler") {
			t.Errorf("%s: %+v", known.Name, got)
		}
	}
	if got := execute(t, environment, "config"); got.status != 0 || strings.Count(got.stdout, "\n") != len(clients.All())+1 || strings.Contains(got.stdout, "yes") {
		t.Errorf("%+v", got)
	}
}

func TestConfigPrints(t *testing.T) {
	t.Parallel()
	environment := map[string]string{"HOME": t.TempDir()}
	got := execute(t, environment, "config", "vscode")
	var parsed struct {
		Servers map[string]struct {
			Type, Command string
			Args          []string
			Env           map[string]string
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &parsed); err != nil || parsed.Servers["robutler"].Env["WEBAGENTS_API_KEY"] == "" || parsed.Servers["robutler"].Type != "stdio" {
		t.Errorf("%v: %+v", err, got)
	}
	if !strings.Contains(got.stderr, "vscode:mcp/install?") || !strings.Contains(got.stderr, "--install") {
		t.Error(got.stderr)
	}
	if left, err := os.ReadDir(environment["HOME"]); err != nil || len(left) > 0 {
		t.Errorf("printing wrote %v, %v", left, err)
	}
}

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	environment := map[string]string{"HOME": t.TempDir()}
	for words, arguments := range map[string][]string{
		"did you mean cursor?":       {"config", "cursr"},
		"name the client":            {"config", "--install"},
		"opposites":                  {"config", "cursor", "--install", "--remove"},
		"--sandbox-db is of":         {"config", "cursor", "--sandbox-db", "x"},
		"one client at a time":       {"config", "cursor", "zed"},
		"leave out --base-url":       {"config", "cursor", "--sandbox", "--base-url", "https://x"},
		"unknown flag: --instalx":    {"config", "cursor", "--instalx"},
		"read API key: open /absent": {"config", "cursor", "--api-key-file", "/absent"},
	} {
		if got := execute(t, environment, arguments...); got.status == 0 || !strings.Contains(got.stderr, words) {
			t.Errorf("%q: %+v", arguments, got)
		}
	}
}
