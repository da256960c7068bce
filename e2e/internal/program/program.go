// Package program finds the program that the tests are about.
package program

import (
	"os"
	"path/filepath"
	"testing"
)

// Path gives the program as make build leaves it, or as ROBUTLER_MCP_BINARY names it.
func Path(t testing.TB) string {
	t.Helper()
	if named := os.Getenv("ROBUTLER_MCP_BINARY"); named != "" {
		return existing(t, named)
	}
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for filepath.Base(folder) != "e2e" {
		above := filepath.Dir(folder)
		if above == folder {
			t.Fatal("the tests run outside of e2e: set ROBUTLER_MCP_BINARY")
		}
		folder = above
	}
	return existing(t, filepath.Join(folder, "..", "bin", "robutler-mcp"))
}

func existing(t testing.TB, path string) string {
	t.Helper()
	absolute, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(absolute); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return absolute
}
