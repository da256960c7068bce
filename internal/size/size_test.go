package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestTheCanaryTells: one call by a name that is not known ahead makes the linker keep what nothing calls.
func TestTheCanaryTells(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string]bool{`"Len"`: false, "os.Args[0]": true} {
		module := t.TempDir()
		program := "package main\n\nimport (\n\t\"os\"\n\t\"reflect\"\n\t\"time\"\n)\n\n" +
			"func main() { println(reflect.ValueOf(time.Now()).MethodByName(%s).IsValid(), len(os.Args)) }\n"
		for file, text := range map[string]string{"go.mod": "module x\n\ngo 1.26\n", "main.go": fmt.Sprintf(program, name)} {
			if err := os.WriteFile(filepath.Join(module, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		size, reached, err := build(t.Context(), module, filepath.Join(module, "program"), "")
		if err != nil || size == 0 || bytes.Contains(reached, []byte(canary)) != kept {
			t.Errorf("%s: %d bytes, kept: %v, %v", name, size, !kept, err)
		}
	}
}

func TestFilesAreEmptied(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file.go")
	source := `package p

import (
	"bytes"
	"os"
	other "strings"
)

type t struct{ os func() bytes.Buffer }

var f = func() string { return other.Repeat("{", 2) }

func (t) g() (n int) { if true { n = len(os.Args) }; return n }
`
	want := `package p

import (
	"bytes"
	_ "unsafe"
	_ "unsafe"
)

type t struct{ os func() bytes.Buffer }

var f = func() string { panic("left out") }

func (t) g() (n int) { panic("left out") }
`
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := empty(path, map[string]string{"bytes": "bytes", "os": "os", "strings": "strings"}); err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestComponentsAreWholePaths(t *testing.T) {
	t.Parallel()
	drawing := component{packages: []string{"image"}}
	for path, want := range map[string]bool{"image": true, "image/png": true, "imagery": false, "golang.org/x/image": false} {
		if drawing.matches(path) != want {
			t.Errorf("%s", path)
		}
	}
}
