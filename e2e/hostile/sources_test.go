package hostile

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// exist fails unless each named test is a function of its package, so that a table that points to it cannot rot. A
// name is that of the package's folder, a dot, and that of the function.
func exist(t *testing.T, tests []string) string {
	t.Helper()
	for _, name := range tests {
		folder, function, found := strings.Cut(name, ".")
		if !found || !declares(t, filepath.Join("..", "..", folder), function) {
			t.Errorf("there is no test %s", name)
		}
	}
	return strings.Join(tests, ", ")
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
