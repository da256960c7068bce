// Package golden compares what tests print with files that people have read.
package golden

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Check compares with a file of the test's folder testdata. With UPDATE_GOLDEN set, as make golden does, it writes the
// file instead.
func Check(t testing.TB, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path) //nolint:gosec // the test names it
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale; run make golden and read the difference. Got:\n%s", path, got)
	}
}
