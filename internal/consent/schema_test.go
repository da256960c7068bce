package consent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

// TestWhatACallWrites counts the pages: each is written, and is what there is to sync.
func TestWhatACallWrites(t *testing.T) {
	place := filepath.Join(t.TempDir(), "journal.db")
	b := newBench(t, place, mode(ModeOff))
	if _, err := b.gate.Pass(t.Context(), numbered(b.call("0.1"), 0)); err != nil {
		t.Fatal(err)
	}
	const page = 4096 + 24
	before, claimed := written(t, place), int64(0)
	call := numbered(b.call("0.1"), 1)
	do := call.Do
	call.Do = func(ctx context.Context) (tools.Result, error) {
		claimed = written(t, place)
		return do(ctx)
	}
	if _, err := b.gate.Pass(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	if claimed-before != claimBytes || written(t, place)-claimed != 3*page {
		t.Fatalf("%d bytes before the call, want %d, and %d after it, want %d", claimed-before, claimBytes, written(t, place)-claimed, 3*page)
	}
}

// written is how long SQLite's log is.
func written(t *testing.T, place string) int64 {
	t.Helper()
	file, err := os.Stat(place + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return file.Size()
}

// TestAJournalThatCountsRowsGoesOn opens a journal whose table is of the first form: it counted rows that are gone, and had
// its keys in the table.
func TestAJournalThatCountsRowsGoesOn(t *testing.T) {
	place := filepath.Join(t.TempDir(), "journal.db")
	database, _, err := openDatabase(place)
	if err != nil {
		t.Fatal(err)
	}
	earlier := tables(dialect{sequence: "INTEGER PRIMARY KEY AUTOINCREMENT"})[1]
	earlier = earlier[:len(earlier)-1] + ", UNIQUE (caller, idempotency_key))"
	_, err = database.ExecContext(t.Context(), earlier)
	if err := errors.Join(err, database.Close()); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, place, mode(ModeOff))
	for range 2 {
		if _, err := b.gate.Pass(t.Context(), keyed(b.call("0.5"), "order-1")); err != nil {
			t.Fatal(err)
		}
	}
	wantCommits(t, b, 1)
	if _, err := b.gate.Pass(t.Context(), keyed(numbered(b.call("0.5"), 1), "order-2")); err != nil {
		t.Fatal(err)
	}
	wantCommits(t, b, 2)
}
