package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestDocumentationIsFresh fails when make docs would change anything.
func TestDocumentationIsFresh(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if filled, err := fill(readme); err != nil || !bytes.Equal(filled, readme) {
		t.Errorf("README.md is stale, run make docs: %v", err)
	}
	if lines := strings.Count(string(readme), "\n"); lines >= 150 {
		t.Errorf("README.md has %d lines", lines)
	}
	reference, err := os.ReadFile("../../docs/tools.md")
	if err != nil {
		t.Fatal(err)
	}
	if fresh, err := toolReference(); err != nil || !bytes.Equal(fresh, reference) {
		t.Errorf("docs/tools.md is stale, run make docs: %v", err)
	}
}

func TestMarksAreNeeded(t *testing.T) {
	t.Parallel()
	if _, err := fill([]byte("no marks")); err == nil {
		t.Error("no error")
	}
}
