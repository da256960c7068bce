package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExamplesAreShownAsProgramsHaveThem(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	source := `package p

// Wrapped shows.
func ExampleWrapped() {
	example(func(ctx int) error {
		if ctx > 0 {
			return nil
		}

		return nil
	})
	// Output:
	// x
}

func ExampleBare() {
	fmt.Println("a")
	// Output: a
}

// helper helps.
func helper() {}
`
	if err := os.WriteFile(filepath.Join(folder, "p_test.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	var page, want strings.Builder
	for name, code := range map[string]string{
		"ExampleWrapped": "if ctx > 0 {\n\treturn nil\n}\n", "ExampleBare": "fmt.Println(\"a\")\n", "helper": "// helper helps.\nfunc helper() {}\n",
	} {
		fmt.Fprintf(&page, "<!-- begin example %s -->\nstale\n<!-- end example %s -->\n", name, name)
		fmt.Fprintf(&want, "<!-- begin example %s -->\n```go\n%s```\n<!-- end example %s -->\n", name, code, name)
	}
	if got, err := fillExamples([]byte(page.String()), folder); err != nil || string(got) != want.String() {
		t.Errorf("%v\ngot\n%s\nwant\n%s", err, got, want.String())
	}
	for page, words := range map[string]string{
		"no marks": "no marks", "<!-- begin example absent -->\n<!-- end example absent -->": "no absent", "<!-- begin example helper -->\n": "helper",
	} {
		if _, err := fillExamples([]byte(page), folder); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v", page, err)
		}
	}
}
