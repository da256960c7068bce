package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/robutlerai/robutler-mcp/internal/bundles"
)

// writeBundles writes what clients and registries read anew, below the root of the repository.
func writeBundles(root string) error {
	files, err := bundles.Files()
	if err != nil {
		return fmt.Errorf("describe the bundles: %w", err)
	}
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // it is for everybody
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // it is for everybody
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
