package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/bundles"
)

// TestDocumentationIsFreshForBundles fails when make docs would change what clients and registries read.
func TestDocumentationIsFreshForBundles(t *testing.T) {
	t.Parallel()
	files, err := bundles.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, fresh := range files {
		stored, err := os.ReadFile("../../" + name)
		if err != nil || !bytes.Equal(stored, fresh) {
			t.Errorf("%s is stale, run make docs: %v", name, err)
		}
	}
}

func TestWriteBundles(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := writeBundles(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "packaging", "claude-code", ".mcp.json")); err != nil {
		t.Error(err)
	}
}
