package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Shells put the user's folder in place of ~ in some places only; a file, a variable and what a client passes on keep it.
func TestHomeInPaths(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	key := filepath.Join(home, "key")
	if err := os.WriteFile(key, []byte("rok_home"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "s.yaml"), []byte("api-key-file: ~/key\nupload-root: [~/out, in]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environment := func(name, value string) map[string]string { return map[string]string{"HOME": home, name: value} }
	for name, given := range map[string]struct {
		environment map[string]string
		arguments   []string
	}{
		"file":     {environment("", ""), []string{"--config", filepath.Join(home, "s.yaml")}},
		"config":   {environment("ROBUTLER_CONFIG", "~/s.yaml"), nil},
		"variable": {environment("ROBUTLER_API_KEY_FILE", "~/key"), []string{"--upload-root", "~/out," + filepath.Join(home, "in")}},
		"flag":     {environment("", ""), []string{"--api-key-file=~/key", "--upload-root", "~/out", "--upload-root", filepath.Join(home, "in")}},
	} {
		c, err := load(t, given.environment, given.arguments...)
		if err != nil || c.Key.Reveal() != "rok_home" || c.KeyOrigin != "the file "+key {
			t.Errorf("%s: %+v, %v", name, c.Origins, err)
			continue
		}
		if want := []string{filepath.Join(home, "out"), filepath.Join(home, "in")}; strings.Join(c.UploadRoots, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %q", name, c.UploadRoots)
		}
	}
}

// Who writes a program and its arguments as a shell takes them is told how they are written here, without them.
func TestKeyCommandInOneWord(t *testing.T) {
	t.Parallel()
	faults := map[string]string{
		"api-key-command: absent-store show rok_secret\n":     `there is no "absent-store ..."; put commas between`,
		"api-key-command: [absent-store show rok_secret]\n":   `a file may have a list, [absent-store, show, name]`,
		"api-key-command: [absent-store, show, rok_secret]\n": "there is no absent-store",
	}
	if runtime.GOOS != "windows" {
		faults["api-key-command: "+os.DevNull+"\n"] = os.DevNull + " may not be run"
	}
	for text, want := range faults {
		c, err := load(t, nil, "--config", file(t, text, 0o600))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "rok_secret") {
			t.Errorf("%q: %v", text, err)
		}
		if origin, _ := c.Origin("api-key-command"); strings.Contains(origin.Value, "rok_secret") {
			t.Errorf("%q: %+v", text, origin)
		}
	}
}
