package hostile

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// exist fails unless each named test is a function of its package, so that a table that points to it cannot rot. A
// name is that of the package's folder, a dot, and that of the function.
func exist(t *testing.T, tests []string) {
	t.Helper()
	for _, name := range tests {
		folder, function, found := strings.Cut(name, ".")
		if !found || !declares(t, filepath.Join("..", "..", folder), function) {
			t.Errorf("there is no test %s", name)
		}
	}
}

// declares reports whether a test file in a folder declares a function.
func declares(t *testing.T, folder, function string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	declaration := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(function) + `\(`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if declaration.Match(source) {
			return true
		}
	}
	return false
}

// sourceOf gives the files that the program is built from, without what was built of them.
func sourceOf(t *testing.T) fs.FS {
	t.Helper()
	root := filepath.Join("..", "..")
	listed, err := exec.Command("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".", ":!e2e").Output()
	if err != nil {
		t.Fatalf("list the source: %v", err)
	}
	source := fstest.MapFS{}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		source[name] = &fstest.MapFile{Data: text, Mode: 0o600}
	}
	return source
}
