package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// TestGenerateIsReproducible writes twice, the second time over what was left by an earlier release.
func TestGenerateIsReproducible(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), t.TempDir()
	stale := filepath.Join(second, "man", "robutler-mcp-gone.1")
	if err := os.MkdirAll(filepath.Dir(stale), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{first, second} {
		if err := generate(folder, "1700000000"); err != nil {
			t.Fatal(err)
		}
	}
	want, got := tree(t, first), tree(t, second)
	if len(want) < 20 || len(want) != len(got) {
		t.Errorf("%d files and %d files", len(want), len(got))
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s differs", name)
		}
	}
}

func tree(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimPrefix(path, folder)] = string(text)
	}
	return files
}

func TestSourceDateEpoch(t *testing.T) {
	t.Parallel()
	if date, err := dateOf("1700000000"); err != nil || date.Format(time.DateOnly) != "2023-11-14" {
		t.Errorf("%v, %v", date, err)
	}
	if _, err := dateOf("yesterday"); err == nil || !strings.Contains(err.Error(), "SOURCE_DATE_EPOCH") {
		t.Errorf("%v", err)
	}
	if err := generate(t.TempDir(), "yesterday"); err == nil {
		t.Error("no error")
	}
}

// TestTextIsNoMarkup sees that what a command says of itself reaches the reader as it is.
func TestTextIsNoMarkup(t *testing.T) {
	t.Parallel()
	command := &cobra.Command{Use: "x", Short: "s", Long: `Takes *any* a_b_c, [x](y), <z> and \n.`, Run: func(*cobra.Command, []string) {}}
	command.Flags().String("level", "a_b", "one of `names`: *")
	page := string(render(manualPage(command, time.Unix(0, 0))))
	for _, want := range []string{"Takes *any* a_b_c, [x](y), <z> and \\\\n.", `\fB--level\fP \fInames\fP`, "one of names: * (default: a_b)", "Environment: ROBUTLER_LEVEL"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in\n%s", want, page)
		}
	}
}
