package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"
)

func open(t testing.TB, path string) *sql.DB {
	t.Helper()
	database, err := sqlite.Open(path, "synchronous(NORMAL)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := database.ExecContext(t.Context(), "CREATE TABLE numbers (n INTEGER PRIMARY KEY); INSERT INTO numbers VALUES (1), (2), (3)"); err != nil {
		t.Fatal(err)
	}
	return database
}

const upTo = "SELECT n FROM numbers WHERE n <= ? ORDER BY n"

func read(t testing.TB, on interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, most int,
) []int {
	t.Helper()
	rows, err := on.QueryContext(t.Context(), upTo, most)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		found = append(found, n)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// TestStatementWithinItself runs a statement while the rows of the same one are read: each must have one of its own.
func TestStatementWithinItself(t *testing.T) {
	t.Parallel()
	database := open(t, sqlite.Memory)
	tx, err := database.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	rows, err := tx.QueryContext(t.Context(), upTo, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var outer []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		if got := read(t, tx, n); len(got) != n {
			t.Errorf("up to %d: %v", n, got)
		}
		outer = append(outer, n)
	}
	if err := rows.Err(); err != nil || len(outer) != 3 {
		t.Errorf("%v %v", outer, err)
	}
}

// TestStatementsAfterTrouble repeats statements after what may have left them in a bad state.
func TestStatementsAfterTrouble(t *testing.T) {
	t.Parallel()
	database := open(t, sqlite.Memory)
	insert := func(n any) error {
		_, err := database.ExecContext(t.Context(), "INSERT INTO numbers VALUES (?)", n)
		return err
	}
	for range 3 {
		if err := insert(1); !sqlite.IsDuplicate(err) {
			t.Fatalf("a duplicate: %v", err)
		}
	}
	if _, err := database.ExecContext(t.Context(), "INSERT INTO numbers VALUES (?)"); err == nil {
		t.Fatal("an argument is missing")
	}
	if err := insert(4); err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	var none int
	if err := database.QueryRowContext(canceled, upTo, 9).Scan(&none); !errors.Is(err, context.Canceled) {
		t.Fatalf("the context had ended: %v", err)
	}
	// A caller that stops reading leaves rows behind; the next one begins anew.
	var first int
	if err := database.QueryRowContext(t.Context(), upTo, 9).Scan(&first); err != nil || first != 1 {
		t.Fatal(first, err)
	}
	if got := read(t, database, 9); len(got) != 4 {
		t.Errorf("in the end: %v", got)
	}
	if _, err := database.ExecContext(t.Context(), "ALTER TABLE numbers ADD COLUMN word TEXT DEFAULT 'x'"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, database, 2); len(got) != 2 {
		t.Errorf("after a change of the table: %v", got)
	}
}

// TestMoreStatementsThanAreKept runs many, with several connections on one file.
func TestMoreStatementsThanAreKept(t *testing.T) {
	t.Parallel()
	database := open(t, filepath.Join(t.TempDir(), "numbers.db"))
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 400 {
				var got int
				query := fmt.Sprintf("SELECT n + %d FROM numbers WHERE n = ?", (i*(worker+1))%150)
				if err := database.QueryRowContext(t.Context(), query, 2).Scan(&got); err != nil || got != 2+(i*(worker+1))%150 {
					t.Errorf("%s: %d %v", query, got, err)
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkQuery reads one row by its key.
func BenchmarkQuery(b *testing.B) {
	database := open(b, filepath.Join(b.TempDir(), "numbers.db"))
	b.ReportAllocs()
	for b.Loop() {
		var n int
		if err := database.QueryRowContext(b.Context(), "SELECT n FROM numbers WHERE n = ?", 2).Scan(&n); err != nil {
			b.Fatal(err)
		}
	}
}
