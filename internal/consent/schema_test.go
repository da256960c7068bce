package consent

import (
	"errors"
	"path/filepath"
	"testing"
)

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
