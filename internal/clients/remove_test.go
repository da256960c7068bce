package clients

import (
	"os"
	"path/filepath"
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
			if removed, err := client.Remove(path, noon); err != nil || !removed.Changed || !removed.Deleted || removed.Backup != "" {
				t.Errorf("%+v, %v", removed, err)
			}
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			install(entryFor("--sandbox"))
			if err := os.WriteFile(path, []byte(read(t, path)+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if removed, err := client.Remove(path, noon); err != nil || removed.Deleted || removed.Backup == "" {
				t.Errorf("a file that was written into: %+v, %v", removed, err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			withKey := entryFor()
			withKey.Environment = map[string]string{"WEBAGENTS_API_KEY": "rok_1"}
			install(withKey)
			if removed, err := client.Remove(path, noon.AddDate(0, 0, 1)); err != nil || removed.Deleted || removed.Backup == "" {
				t.Errorf("a file with a key: %+v, %v", removed, err)
			}
		})
	}
}
