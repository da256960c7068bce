//go:build unix

package consent

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/postgres"
)

// onPostgres opens an empty database with a table of names, over one connection.
func onPostgres(t *testing.T, parameters string) *sql.DB {
	t.Helper()
	database, err := postgres.Open(newPostgres(t) + parameters)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	database.SetMaxOpenConns(1)
	mustExec(t, database, "CREATE TABLE names (name TEXT PRIMARY KEY)")
	return database
}

func mustExec(t *testing.T, database *sql.DB, statement string, values ...any) {
	t.Helper()
	if _, err := database.ExecContext(t.Context(), statement, values...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func number(t *testing.T, database *sql.DB, query string, values ...any) (n int) {
	t.Helper()
	if err := database.QueryRowContext(t.Context(), query, values...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestPostgresKeepsValues(t *testing.T) {
	for _, parameters := range []string{"", "&default_query_exec_mode=exec"} {
		database := onPostgres(t, parameters)
		for range 3 { // prepared, and known by then
			for _, text := range []string{"", "é '\"\\ \x01\n", "$1"} {
				var gotText, gotNull sql.NullString
				var least, most int64
				var truth bool
				err := database.QueryRowContext(t.Context(), "SELECT $1::text, $2::bigint, $3::bigint, $4::boolean, $5::text", text,
					int64(math.MinInt64), int64(math.MaxInt64), true, nil).Scan(&gotText, &least, &most, &truth, &gotNull)
				if err != nil || gotText.String != text || !gotText.Valid || least != math.MinInt64 || most != math.MaxInt64 || !truth || gotNull.Valid {
					t.Errorf("%q: %v %d %d %v %v, %v", text, gotText, least, most, truth, gotNull, err)
				}
			}
		}
		rows, err := database.QueryContext(t.Context(), "SELECT name, 1 AS one FROM names WHERE name = $1", "nobody")
		if err != nil {
			t.Fatal(err)
		}
		if columns, err := rows.Columns(); err != nil || !slices.Equal(columns, []string{"name", "one"}) || rows.Next() || rows.Close() != nil {
			t.Errorf("no rows: %v, %v", columns, err)
		}
	}
}

func TestPostgresTransactions(t *testing.T) {
	database := onPostgres(t, "")
	for _, level := range []sql.IsolationLevel{sql.LevelReadCommitted, sql.LevelSerializable} {
		tx, err := database.BeginTx(t.Context(), &sql.TxOptions{Isolation: level, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		var isolation, readOnly string
		query := "SELECT upper(current_setting('transaction_isolation')), current_setting('transaction_read_only')"
		if err := tx.QueryRowContext(t.Context(), query).Scan(&isolation, &readOnly); err != nil || isolation != strings.ToUpper(level.String()) || readOnly != "on" {
			t.Errorf("%v: %s %s, %v", level, isolation, readOnly, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
	tx, err := database.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second breaks the key, and so the transaction
		_, err = tx.ExecContext(t.Context(), "INSERT INTO names VALUES ($1)", "twice")
	}
	if err == nil || tx.Commit() == nil {
		t.Errorf("what was rolled back is said to be committed: %v", err)
	}
	if n := number(t, database, "SELECT COUNT(*) FROM names"); n != 0 {
		t.Errorf("%d names", n)
	}
}

// TestPostgresEndsWithTheContext: what a caller no longer waits for holds neither a connection nor the server.
func TestPostgresEndsWithTheContext(t *testing.T) {
	database := onPostgres(t, "")
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := database.ExecContext(soon, "SELECT pg_sleep(60)"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	tx, err := database.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO names VALUES ('left')"); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := tx.Commit(); err == nil {
		t.Error("committed after all")
	}
	// Wait on the server for the other sessions to end, for at most the time of the test.
	for number(t, database, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
		AND state <> 'idle'`) > 0 {
		mustExec(t, database, "SELECT pg_sleep(0.02)")
	}
	if n := number(t, database, "SELECT COUNT(*) FROM names"); n != 0 {
		t.Errorf("%d names", n)
	}
}

// TestPostgresConnectionThatEndedIsReplaced, as after a restart of the server, before anything is lost with it.
func TestPostgresConnectionThatEndedIsReplaced(t *testing.T) {
	database := onPostgres(t, "")
	other, err := postgres.Open(sharedCluster.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	for range 3 {
		pid := number(t, database, "SELECT pg_backend_pid()")
		mustExec(t, other, "SELECT pg_terminate_backend($1, 10000)", pid)
		tx, err := database.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
	}
}

// TestPostgresStatementIsPreparedAnew when what it gives has changed.
func TestPostgresStatementIsPreparedAnew(t *testing.T) {
	database := onPostgres(t, "")
	const query = "SELECT * FROM names WHERE name = $1"
	read := func() (columns []string, _ error) {
		rows, err := database.QueryContext(t.Context(), query, "x")
		if err != nil {
			return nil, err
		}
		columns, err = rows.Columns()
		return columns, errors.Join(err, rows.Err(), rows.Close())
	}
	if _, err := read(); err != nil {
		t.Fatal(err)
	}
	mustExec(t, database, "ALTER TABLE names ADD age BIGINT")
	if _, err := read(); err == nil {
		t.Error("the server is expected to refuse the old plan")
	}
	if columns, err := read(); err != nil || len(columns) != 2 {
		t.Errorf("%v, %v", columns, err)
	}
}
