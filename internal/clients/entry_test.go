package clients

import (
	"reflect"
	"strings"
	"testing"
)

// What the user put into the entry stays; what starts the server is brought up to date where it stands.
func TestInstallLeavesTheUsersPartOfTheEntry(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ client, before, after string }{
		{
			"windsurf",
			"{\n\t\"mcpServers\": {\n\t\t\"robutler\": {\n\t\t\t// mine\n\t\t\t\"disabled\": true,\n\t\t\t\"command\": \"old\",\n\t\t\t\"args\": [],\n\t\t\t\"alwaysAllow\": [\"get_agent\"],\n\t\t\t\"timeout\": 20.0\n\t\t}\n\t}\n}\n",
			"{\n\t\"mcpServers\": {\n\t\t\"robutler\": {\n\t\t\t// mine\n\t\t\t\"disabled\": true,\n\t\t\t\"command\": \"/opt/my tools/robutler-mcp\",\n\t\t\t\"args\": [\"stdio\", \"--sandbox\"],\n\t\t\t\"alwaysAllow\": [\"get_agent\"],\n\t\t\t\"timeout\": 20.0\n\t\t}\n\t}\n}\n",
		},
		{
			"zed",
			`{"context_servers": {"robutler": {"source": "custom", "enabled": false, "url": "https://old", "settings": {}}}}`,
			`{"context_servers": {"robutler": {"source": "custom", "enabled": false, "settings": {}, "command": "/opt/my tools/robutler-mcp", "args": ["stdio", "--sandbox"]}}}`,
		},
		{
			"vscode",
			`{"servers":{"robutler":{"type":"http","url":"https://old","dev":{}}}}`,
			`{"servers":{"robutler":{"type":"stdio","dev":{},"command":"/opt/my tools/robutler-mcp","args":["stdio","--sandbox"]}}}`,
		},
		{ // what was sent to an address goes with it: Codex reads no entry that has both, and no file with such an entry
			"codex",
			"[mcp_servers.robutler]\nurl = \"http://127.0.0.1:8080/mcp\"\nbearer_token_env_var = \"X\"\ntool_timeout_sec = 9\n\n[mcp_servers.robutler.http_headers]\nA = \"b\"\n",
			"[mcp_servers.robutler]\ntool_timeout_sec = 9\ncommand = '/opt/my tools/robutler-mcp'\nargs = ['stdio', '--sandbox']\n",
		},
		{
			"claude-code",
			`{"mcpServers":{"robutler":{"type":"http","url":"https://old","headers":{"Authorization":"Bearer rok_old"}}}}`,
			`{"mcpServers":{"robutler":{"type":"stdio","command":"/opt/my tools/robutler-mcp","args":["stdio","--sandbox"]}}}`,
		},
		{
			"codex",
			"[mcp_servers.robutler] # mine\r\nstartup_timeout_sec = 20 # slow\r\ncommand = \"old\" # where it was\r\nargs = [\r\n  \"stdio\",\r\n]\r\n\r\n# profiles\r\n[profiles.a]\r\n",
			"[mcp_servers.robutler] # mine\r\nstartup_timeout_sec = 20 # slow\r\ncommand = '/opt/my tools/robutler-mcp' # where it was\r\nargs = ['stdio', '--sandbox']\r\n\r\n# profiles\r\n[profiles.a]\r\n",
		},
		{
			"codex",
			"mcp_servers = { other = { command = \"x\" }, robutler = { enabled = false, command = \"old\" } }",
			"mcp_servers = { other = { command = \"x\" }, robutler = { enabled = false, command = '/opt/my tools/robutler-mcp', args = ['stdio', '--sandbox'] } }",
		},
		{
			"goose",
			"# mine\n\nextensions:\n    robutler:\n        enabled: false   # for now\n        timeout: 900\n        type: stdio\n        cmd: 'old' # where it was\n        args:\n        - stdio\n        available_tools: [ a,  b ]\n\n    other: {enabled: true}\n",
			"# mine\n\nextensions:\n    robutler:\n        enabled: false   # for now\n        timeout: 900\n        type: stdio\n        cmd: /opt/my tools/robutler-mcp # where it was\n        args:\n        - stdio\n        - --sandbox\n        available_tools: [ a,  b ]\n\n    other: {enabled: true}\n",
		},
	} {
		path := write(t, test.before)
		client := find(t, test.client)
		if done, err := client.Install(path, entryFor("--sandbox"), noon); err != nil || !done.Changed {
			t.Fatalf("%s: %+v, %v", test.client, done, err)
		}
		if got := read(t, path); got != test.after {
			t.Errorf("%s: got\n%s", test.client, got)
		}
		if done, err := client.Install(path, entryFor("--sandbox"), noon); err != nil || done.Changed {
			t.Errorf("%s, the second time: %+v, %v", test.client, done, err)
		}
	}
}

// A file on one line is settled at once, however often it is written.
func TestInstallSettlesACompactFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"mcpServers":{"o":{"command":"x"},"robutler":{"command":"o"}}}`, `{"mcpServers":{"o":{"command":"x"}}}`, `{}`, `{"a":{}}`, byteOrderMark + "{}\r\n",
	} {
		path := write(t, text)
		for round, changed := range []bool{true, false, false} {
			if done, err := find(t, "cursor").Install(path, entryFor("--sandbox"), noon); err != nil || done.Changed != changed {
				t.Errorf("%s, round %d: %+v, %v\n%s", text, round, done, err, read(t, path))
			}
		}
		if strings.HasPrefix(text, byteOrderMark) != strings.HasPrefix(read(t, path), byteOrderMark) {
			t.Errorf("%q: the byte-order mark: %q", text, read(t, path))
		}
	}
}

// Whoever is asked to change a file by hand finds nothing changed in it, and learns what it is about.
func TestRefusalsSayWhatIsUnusual(t *testing.T) {
	t.Parallel()
	for text, words := range map[string]string{
		"extensions: [a]\n":                               "extensions is no mapping",
		"{extensions: {}}\n":                              "on one line",
		"a: 1\n---\nb: 1\n":                               "more than one document",
		"a: 1\n...\n":                                     "the end of a document",
		"extensions:\n  a: \"\u2028\"\n":                  "unusual ends of lines",
		"extensions:\n  robutler:\n    cmd: >\n      x\n": "the value of cmd",
	} {
		path := write(t, text)
		if done, err := find(t, "goose").Install(path, entryFor(), noon); err == nil || !strings.Contains(err.Error(), words) || read(t, path) != text {
			t.Errorf("%q: %+v, %v", text, done, err)
		}
	}
}

// Whatever a text is, it comes back as it was: in a file of its own, and in place of another.
func TestEveryTextComesBack(t *testing.T) {
	t.Parallel()
	texts := []string{
		"", " ", "a b ", "true", "12", "1e3", "~", "null", "no", "2026-01-02", "-", "- a", "--flag=x", "a: b", "a:b", ":", "# a", "a #b", "C:\\Program Files\\x", `"quoted"`,
		"it's", "'''", "{a}", "[a]", "a, b", "&a", "*a", "!a", "%a", "@a", "`a`", "|", ">", "line\nline", "tab\t", "ä\u2028\u0085", "\U0001f600", "<a & b>", "${env:KEY}", "=", "?", "? a",
	}
	for _, client := range All() {
		path := write(t, "")
		for _, arguments := range [][]string{{"stdio"}, append([]string{"stdio"}, texts...), {"one"}} {
			entry := entryFor()
			entry.Arguments, entry.Environment = arguments, map[string]string{"TEXT": strings.Join(arguments, "~"), "A-b.c": arguments[len(arguments)-1]}
			if _, err := client.Install(path, entry, noon); err != nil {
				t.Fatalf("%s: %v", client.Name, err)
			}
			if got, ok, err := client.Read(path); err != nil || !ok || !reflect.DeepEqual(got, entry) {
				t.Errorf("%s: %+v, %v, %v", client.Name, got, ok, err)
			}
		}
	}
}
