package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that Install made goes as a whole, unless somebody has written into it, or it is kept elsewhere.
func TestRemoveDeletesWhatInstallMade(t *testing.T) {
	for _, client := range All() {
		t.Run(client.Name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "folder", "settings")
			install := func(entry Entry) {
				t.Helper()
				if _, err := client.Install(path, entry, noon); err != nil {
					t.Fatal(err)
				}
			}
			install(entryFor("--sandbox"))
			if removed, err := client.Remove(nobodys(), path, noon); err != nil || !removed.Changed || !removed.Deleted || removed.Backup != "" {
				t.Errorf("%+v, %v", removed, err)
			}
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			install(entryFor("--sandbox"))
			if err := os.WriteFile(path, []byte(read(t, path)+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if removed, err := client.Remove(nobodys(), path, noon); err != nil || removed.Deleted || removed.Backup == "" {
				t.Errorf("a file that was written into: %+v, %v", removed, err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			withKey := entryFor()
			withKey.Environment = map[string]string{"WEBAGENTS_API_KEY": "rok_1"}
			install(withKey)
			if removed, err := client.Remove(nobodys(), path, noon.AddDate(0, 0, 1)); err != nil || !removed.Deleted || removed.Backup == "" {
				t.Errorf("a file with a key: %+v, %v", removed, err)
			}
		})
	}
}

// Of a newcomer's empty home nothing is left: neither the file nor the folders that Install made for it.
func TestRemoveLeavesNoEmptyFolder(t *testing.T) {
	t.Parallel()
	for _, client := range All() {
		for _, system := range []string{"linux", "darwin", "windows"} {
			m := Machine{OS: system, Home: t.TempDir(), Variable: func(string) (string, bool) { return "", false }}
			path := client.Path(m)
			for _, entry := range []Entry{entryFor("--sandbox"), entryFor("--read-only")} {
				if change, err := client.Install(path, entry, noon); err != nil || change.Backup != "" {
					t.Fatalf("%s: %+v, %v", client.Name, change, err)
				}
			}
			if _, err := client.Remove(m, path, noon); err != nil {
				t.Fatalf("%s: %v", client.Name, err)
			}
			if left, err := os.ReadDir(m.Home); err != nil || len(left) > 0 {
				t.Errorf("%s on %s: left behind %v, %v", client.Name, system, left, err)
			}
		}
	}
}

// Folders that somebody else uses stay, and so does one that a file elsewhere is in, but for a client's own in a project.
func TestRemoveLeavesTheFoldersOfOthers(t *testing.T) {
	t.Parallel()
	cursor, err := Find("cursor")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	m := Machine{OS: "linux", Home: home, Variable: func(string) (string, bool) { return "", false }}
	elsewhere := filepath.Join(t.TempDir(), "linked")
	used := filepath.Join(home, ".cursor", "used")
	for _, folder := range []string{elsewhere, used} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	linked := filepath.Join(home, ".linked")
	if err := os.Symlink(elsewhere, linked); err != nil {
		t.Skip(err)
	}
	project := filepath.Join(home, "project")
	for path, stays := range map[string]string{
		cursor.Path(m): used, filepath.Join(linked, "mcp.json"): linked, filepath.Join(project, "mcp.json"): project,
		filepath.Join(home, "other", ".cursor", "mcp.json"): filepath.Join(home, "other"),
	} {
		if _, err := cursor.Install(path, entryFor("--sandbox"), noon); err != nil {
			t.Fatal(err)
		}
		if removed, err := cursor.Remove(m, path, noon); err != nil || !removed.Deleted {
			t.Errorf("%s: %+v, %v", path, removed, err)
		}
		if _, err := os.Stat(stays); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(home, "other", ".cursor")); err == nil {
		t.Error("the client's own folder in a project stays")
	}
}

// What is broken is shown by its line, in words, without what stands there: it may be a key.
func TestABrokenFileIsShownByItsLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ client, text, want string }{
		{"cursor", "{\n  \"mcpServers\": {\n    \"x\" rok_secret\n}}", "it is not valid JSON, near line 3, column 9"},
		{"cursor", "[]", "it is not a JSON object"},
		{"codex", "a = 1\nb = rok_secret\n", "it is not valid TOML, near line 2, column 5"},
		{"goose", "a: 1\nb: c: rok_secret\n", "it is not valid YAML, near line 2"},
		{"goose", "- rok_secret\n", "it is not a YAML mapping"},
		{"goose", "a: rok_secret\na: 2\n", "it is not valid YAML: a name stands there twice, near line 2"},
	} {
		client, err := Find(test.client)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "settings")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := client.Read(path); err == nil || err.Error() != test.want {
			t.Errorf("%q: %v, want %s", test.text, err, test.want)
		}
		if _, err := client.Install(path, entryFor(), noon); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "rok_secret") {
			t.Errorf("%q: %v", test.text, err)
		}
	}
}

// A key that is asked for no more leaves no mark behind.
func TestInstallTakesAPlaceholderBack(t *testing.T) {
	t.Parallel()
	for _, client := range All() {
		path := filepath.Join(t.TempDir(), "settings")
		asking := entryFor()
		asking.Environment = map[string]string{"WEBAGENTS_API_KEY": Placeholder}
		for _, entry := range []Entry{asking, entryFor("--sandbox")} {
			if _, err := client.Install(path, entry, noon); err != nil {
				t.Fatal(err)
			}
		}
		if entry, _, err := client.Read(path); err != nil || len(entry.Environment) > 0 {
			t.Errorf("%s: %+v, %v", client.Name, entry, err)
		}
	}
}

// nobodys is a machine on which no file of a test is at its usual place.
func nobodys() Machine {
	return Machine{OS: "linux", Home: "/absent", Variable: func(string) (string, bool) { return "", false }}
}
