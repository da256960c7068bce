package clients

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFindNamesTheNearest(t *testing.T) {
	if _, err := Find("claude-desktp"); err == nil || !strings.Contains(err.Error(), "did you mean claude-desktop?") || strings.Contains(err.Error(), "goose") {
		t.Error(err)
	}
	if _, err := Find("emacs"); err == nil || !strings.Contains(err.Error(), "goose") {
		t.Error(err)
	}
}

func TestPaths(t *testing.T) {
	environment := map[string]string{"APPDATA": "/appdata"}
	at := func(system string) Machine {
		return Machine{OS: system, Home: "/home/u", Variable: func(name string) (string, bool) { value, ok := environment[name]; return value, ok }}
	}
	tests := []struct{ client, system, want string }{
		{"claude-desktop", "darwin", "/home/u/Library/Application Support/Claude/claude_desktop_config.json"},
		{"claude-desktop", "windows", "/appdata/Claude/claude_desktop_config.json"},
		{"claude-desktop", "linux", "/home/u/.config/Claude/claude_desktop_config.json"},
		{"claude-code", "linux", "/home/u/.claude.json"},
		{"vscode", "darwin", "/home/u/Library/Application Support/Code/User/mcp.json"},
		{"zed", "darwin", "/home/u/.config/zed/settings.json"},
		{"codex", "linux", "/home/u/.codex/config.toml"},
		{"gemini-cli", "linux", "/home/u/.gemini/settings.json"},
		{"goose", "windows", "/appdata/Block/goose/config/config.yaml"},
		{"goose", "linux", "/home/u/.config/goose/config.yaml"},
	}
	for _, test := range tests {
		if got := filepath.ToSlash(find(t, test.client).Path(at(test.system))); got != test.want {
			t.Errorf("%s on %s: %s", test.client, test.system, got)
		}
	}
	environment["CODEX_HOME"], environment["XDG_CONFIG_HOME"] = "/codex", "/xdg"
	if got := find(t, "codex").Path(at("linux")); filepath.ToSlash(got) != "/codex/config.toml" {
		t.Error(got)
	}
	for system, want := range map[string]string{"linux": "/xdg/zed/settings.json", "darwin": "/home/u/.config/zed/settings.json"} {
		if got := find(t, "zed").Path(at(system)); filepath.ToSlash(got) != want {
			t.Errorf("%s: %s", system, got)
		}
	}
}

func TestLinks(t *testing.T) {
	started := entryFor("--journal", "a + b&c=#?.db")
	started.Command = "/opt/my bin/robutler-mcp"
	for _, client := range All() {
		link, err := client.Link(started)
		if err != nil {
			t.Fatal(err)
		}
		if (link != "") != (client.Name == "vscode" || client.Name == "cursor") {
			t.Errorf("%s: %q", client.Name, link)
		}
		if link == "" {
			continue
		}
		parsed, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		text, err := url.PathUnescape(parsed.RawQuery) // as decodeURIComponent does: a plus sign stays one
		if client.Name == "cursor" {
			var decoded []byte
			decoded, err = base64.StdEncoding.DecodeString(parsed.Query().Get("config"))
			text = string(decoded)
		}
		var entry struct {
			Command string
			Args    []string
		}
		if err != nil || json.Unmarshal([]byte(text), &entry) != nil || entry.Command != started.Command || !slices.Equal(entry.Args, started.Arguments) {
			t.Errorf("%s: %v: %s", client.Name, err, text)
		}
	}
}
