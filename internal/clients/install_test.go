package clients

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func entryFor(arguments ...string) Entry {
	return Entry{Command: `/opt/my tools/robutler-mcp`, Arguments: append([]string{"stdio"}, arguments...)}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "folder", "settings")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func find(t *testing.T, name string) Client {
	t.Helper()
	client, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Every client takes the entry into a file that is not there yet, gives it back, is left alone by a second time, and
// forgets it again.
func TestEveryClientRoundTrips(t *testing.T) {
	for _, client := range All() {
		t.Run(client.Name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a", "b", "settings")
			want := entryFor("--sandbox")
			want.Environment = map[string]string{"A": "b c"}
			first, err := client.Install(path, want, noon)
			if err != nil || !first.Changed || first.Backup != "" {
				t.Fatalf("%+v, %v", first, err)
			}
			if info, err := os.Stat(path); err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != 0o600) {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			got, ok, err := client.Read(path)
			if err != nil || !ok || !reflect.DeepEqual(got, want) {
				t.Errorf("read back %+v, %v, %v", got, ok, err)
			}
			text := read(t, path)
			if snippet, err := client.Snippet(want); err != nil || snippet != text {
				t.Errorf("the snippet differs from what is installed: %v\n%s\n%s", err, snippet, text)
			}
			if again, err := client.Install(path, want, noon); err != nil || again.Changed || read(t, path) != text {
				t.Errorf("the second time: %+v, %v\n%s", again, err, read(t, path))
			}
			if removed, err := client.Remove(nobodys(), path, noon); err != nil || !removed.Changed || removed.Backup == "" {
				t.Errorf("%+v, %v", removed, err)
			}
			if _, ok, err := client.Read(path); ok || err != nil {
				t.Errorf("it is still there: %v\n%s", err, read(t, path))
			}
			if removed, err := client.Remove(nobodys(), path, noon); err != nil || removed.Changed {
				t.Errorf("removed twice: %+v, %v", removed, err)
			}
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 { // the copy, for it holds what may be a key
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

const zedSettings = `// Zed settings
{
    "theme": "One Dark", // dark
    /* servers */
    "context_servers": {
        // mine
        "other": {"command": "x", "args": [],},
    },
    "big": 12345678901234567890,
}
`

const zedInstalled = `// Zed settings
{
    "theme": "One Dark", // dark
    /* servers */
    "context_servers": {
        // mine
        "other": {"command": "x", "args": [],},
        "robutler": {
            "command": "/opt/my tools/robutler-mcp",
            "args": [
                "stdio",
                "--sandbox"
            ]
        },
    },
    "big": 12345678901234567890,
}
`

const codexSettings = `# Codex
model = "o5"

[mcp_servers.other] # mine
command = "x"

# what follows is about profiles
[profiles.a]
model = "b"
`

const codexInstalled = `# Codex
model = "o5"

[mcp_servers.other] # mine
command = "x"

# what follows is about profiles
[profiles.a]
model = "b"

[mcp_servers.robutler]
command = '/opt/my tools/robutler-mcp'
args = ['stdio', '--sandbox']
`

const gooseSettings = `# goose
GOOSE_PROVIDER: ollama # local
extensions:
  developer: # built in
    enabled: true
    type: builtin
`

const gooseInstalled = gooseSettings + `  robutler:
    name: robutler
    type: stdio
    enabled: true
    cmd: /opt/my tools/robutler-mcp
    args:
      - stdio
      - --sandbox
    timeout: 300
`

func TestInstallKeepsWhatIsThere(t *testing.T) {
	tests := []struct{ client, before, after string }{
		{"zed", zedSettings, zedInstalled},
		{"codex", codexSettings, codexInstalled},
		{"goose", gooseSettings, gooseInstalled},
		{
			"goose", "extensions:\r\n    a: {}\r\n\r\n# last\r\nb: [1,  2]", "extensions:\r\n    a: {}\r\n    robutler:\r\n        name: robutler\r\n        type: stdio\r\n" +
				"        enabled: true\r\n        cmd: /opt/my tools/robutler-mcp\r\n        args:\r\n            - stdio\r\n            - --sandbox\r\n        timeout: 300\r\n\r\n# last\r\nb: [1,  2]",
		},
		{"claude-desktop", `{"mcpServers":{}}`, `{"mcpServers":{"robutler":{"command":"/opt/my tools/robutler-mcp","args":["stdio","--sandbox"]}}}`},
	}
	for _, test := range tests {
		t.Run(test.client, func(t *testing.T) {
			client, path := find(t, test.client), write(t, test.before)
			done, err := client.Install(path, entryFor("--sandbox"), noon)
			if err != nil || !done.Changed {
				t.Fatalf("%+v, %v", done, err)
			}
			if got := read(t, path); got != test.after {
				t.Errorf("got\n%s", got)
			}
			if read(t, done.Backup) != test.before || !strings.Contains(done.Backup, "20261124-120000") {
				t.Errorf("the copy %s", done.Backup)
			}
			if info, err := os.Stat(path); err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != 0o640) {
				t.Errorf("the permissions changed: %v, %v", info.Mode(), err)
			}
			if _, err := client.Remove(nobodys(), path, noon); err != nil {
				t.Fatal(err)
			}
			if got := read(t, path); got != test.before {
				t.Errorf("removed:\n%s", got)
			}
		})
	}
}

// A key that the user put there survives, a new one replaces it, and a Placeholder does not.
func TestInstallKeepsTheKey(t *testing.T) {
	for _, client := range All() {
		path := filepath.Join(t.TempDir(), "settings")
		install := func(key string) map[string]string {
			entry := entryFor()
			if key != "" {
				entry.Environment = map[string]string{"WEBAGENTS_API_KEY": key}
			}
			if _, err := client.Install(path, entry, noon); err != nil {
				t.Fatal(err)
			}
			got, _, err := client.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			return got.Environment
		}
		for _, step := range []struct{ given, want string }{{Placeholder, Placeholder}, {"one", "one"}, {Placeholder, "one"}, {"", "one"}, {"two", "two"}} {
			if got := install(step.given); got["WEBAGENTS_API_KEY"] != step.want {
				t.Errorf("%s: given %q, it holds %v", client.Name, step.given, got)
			}
		}
	}
}

func TestInstallRefusesWhatItWouldSpoil(t *testing.T) {
	tests := map[string]struct{ client, text string }{
		"not JSON":            {"cursor", `{"mcpServers":`},
		"a list":              {"cursor", `[]`},
		"servers in a list":   {"cursor", `{"mcpServers":[1]}`},
		"servers are nothing": {"cursor", `{"mcpServers":"none"}`},
		"not TOML":            {"codex", `a =`},
		"dotted keys":         {"codex", "[mcp_servers]\nrobutler.command = \"x\"\n"},
		"a list of tables":    {"codex", "[[mcp_servers]]\ncommand = \"x\"\n"},
		"documents":           {"goose", "extensions:\n  a: {}\n---\nb: 1\n"},
		"one line":            {"goose", "{extensions: {a: {}}}\n"},
		"an anchor":           {"goose", "extensions: &a\n  b: {}\nc: *a\n"},
		"a tag":               {"goose", "extensions: !!map\n  b: {}\n"},
		"not YAML":            {"goose", "a: [\n"},
		"a YAML list":         {"goose", "- a\n"},
		"YAML servers listed": {"goose", "extensions: [a]\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := write(t, test.text)
			done, err := find(t, test.client).Install(path, entryFor(), noon)
			if err == nil || read(t, path) != test.text {
				t.Errorf("%+v, %v:\n%s", done, err, read(t, path))
			}
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestInstallFollowsALink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making links takes privileges there")
	}
	kept := write(t, `{}`)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(kept, link); err != nil {
		t.Fatal(err)
	}
	if _, err := find(t, "cursor").Install(link, entryFor(), noon); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.Contains(read(t, kept), "robutler") {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
