package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// uploads is a folder with files that may be uploaded and some that may not.
func uploads(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"in/deep", ".git"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"notes.txt", "in/a b.txt", ".env"} {
		writeFile(t, filepath.Join(folder, name), "x")
	}
	if err := os.Symlink("notes.txt", filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestUploadByPath: the error of a path shows the command that uploads the file.
func TestUploadByPath(t *testing.T) {
	t.Chdir(uploads(t))
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	sandbox := []string{"--sandbox", "--sandbox-db", filepath.Join(t.TempDir(), "sandbox.db")}
	for name, arguments := range map[string][]string{
		"here":         {"path=notes.txt", "tags=a", "tags=b"},
		"below":        {"path=in/a b.txt"},
		"below a root": {"path=in/a b.txt", "--upload-root", "in"},
		"elsewhere":    {"path=../" + filepath.Base(folder) + "/notes.txt"},
		"absolute":     {"path=" + filepath.Join(folder, "in", "a b.txt")},
		"object":       {"--args", `{"path":"notes.txt"}`},
	} {
		failed := execute(t, nil, append(append([]string{"call", "upload_content"}, arguments...), sandbox...)...)
		if failed.status != exitUsage || !strings.Contains(failed.stderr, `upload by "path"`) {
			t.Fatalf("%s: %+v", name, failed)
		}
		for _, command := range suggested(t, failed.stderr) {
			if got := execute(t, nil, command...); got.status != exitOK || !strings.Contains(got.stdout, "size_bytes") {
				t.Errorf("%s: %q: %+v", name, command, got)
			}
		}
	}
	for name, arguments := range map[string][]string{
		"no such file":           {"path=nothing.txt"},
		"hidden":                 {"path=.env", "--upload-root", "."},
		"elsewhere in an object": {"--args", `{"path":"../x"}`},
	} {
		failed := execute(t, nil, append(append([]string{"call", "upload_content"}, arguments...), sandbox...)...)
		if failed.status != exitUsage || !strings.Contains(failed.stderr, "folders that --upload-root names") || strings.Contains(failed.stderr, "    robutler-mcp") {
			t.Errorf("%s: %+v", name, failed)
		}
	}
}

func TestPathsAreCompleted(t *testing.T) {
	folder := uploads(t)
	t.Chdir(folder)
	for words, want := range map[string][]string{
		"path=":                    {"path=in/", "path=notes.txt"},
		"path=n":                   {"path=notes.txt"},
		"path=in/":                 {"path=in/a b.txt", "path=in/deep/"},
		"path=" + folder + "/in/a": {"path=" + folder + "/in/a b.txt"},
		"path=absent/":             nil,
		"--upload-root in path=":   {"path=a b.txt", "path=deep/"},
		"--upload-root in path=" + folder + "/not": {"path=" + folder + "/notes.txt"},
	} {
		got := execute(t, nil, append([]string{"__complete", "call", "upload_content"}, strings.Fields(words)...)...)
		lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
		offered, directive := lines[:len(lines)-1], lines[len(lines)-1]
		slices.Sort(offered)
		if !slices.Equal(offered, want) || (directive == ":6") != slices.ContainsFunc(want, isFolder) {
			t.Errorf("%s: %q %s, want %q", words, offered, directive, want)
		}
	}
}
