package consent

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"modernc.org/sqlite"               // also the driver "sqlite"
	sqlitecodes "modernc.org/sqlite/lib"
)

// MemoryJournal is a journal that ends with the process, for the embedded platform and for tests.
const MemoryJournal = ":memory:"

// connections bounds the connections of one process to the journal.
const connections = 8

// dialect is what differs between the two databases.
type dialect struct {
	name string
	// sequence declares a column that counts rows up.
	sequence string
	// prepare makes a transaction durable, and the only one of its lock until it ends.
	prepare func(ctx context.Context, tx *sql.Tx, lock int64) error
}

func sqliteDialect() dialect {
	return dialect{
		name: "sqlite", sequence: "INTEGER PRIMARY KEY AUTOINCREMENT",
		prepare: func(context.Context, *sql.Tx, int64) error { return nil }, // every transaction begins IMMEDIATE
	}
}

func postgresDialect() dialect {
	return dialect{
		name: "postgres", sequence: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		prepare: func(ctx context.Context, tx *sql.Tx, lock int64) error {
			// A server or role may have been told to acknowledge a commit before it is on disk.
			if _, err := tx.ExecContext(ctx, "SET LOCAL synchronous_commit = on"); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", lock)
			return err
		},
	}
}

// isPostgres reports whether a journal's place is an address rather than a path.
func isPostgres(place string) bool {
	return strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://")
}

// openDatabase opens the database at a place without changing what it holds.
func openDatabase(place string) (*sql.DB, dialect, error) {
	if isPostgres(place) {
		database, err := sql.Open("pgx", place)
		if err != nil {
			return nil, dialect{}, errors.New("open journal: its postgres address is not valid") // the cause may hold a password
		}
		database.SetMaxOpenConns(connections)
		return database, postgresDialect(), nil
	}
	database, err := openSQLite(place)
	return database, sqliteDialect(), err
}

func openSQLite(path string) (*sql.DB, error) {
	query := url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)"},
		"_txlock": {"immediate"},
	}
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
	if path == MemoryJournal {
		name = "file::memory:?" + query.Encode()
	} else if err := createPrivately(path); err != nil {
		return nil, err
	}
	database, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	database.SetMaxOpenConns(connections)
	if path == MemoryJournal {
		// Each connection to :memory: would be a database of its own.
		database.SetMaxOpenConns(1)
		database.SetConnMaxLifetime(0)
		database.SetMaxIdleConns(1)
	}
	return database, nil
}

// createPrivately makes a file that only its owner may read: it holds the key that handles are sealed with.
func createPrivately(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("create the journal's folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return fmt.Errorf("create journal: %w", err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	if err := file.Chmod(0o600); err != nil {
		return fmt.Errorf("create journal: %w", err)
	}
	return nil
}

// How long and how often a first start waits for another process.
const (
	freeWithin = 5 * time.Second
	freeRetry  = 10 * time.Millisecond
)

// whenFree repeats work that finds the database locked. SQLite does not wait by itself, whatever its busy timeout, while
// another process turns a new file to WAL.
func whenFree(ctx context.Context, work func() error) error {
	ctx, cancel := context.WithTimeout(ctx, freeWithin)
	defer cancel()
	retry := time.NewTicker(freeRetry)
	defer retry.Stop()
	for {
		err := work()
		var locked *sqlite.Error
		if !errors.As(err, &locked) || locked.Code()&0xff != sqlitecodes.SQLITE_BUSY {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-retry.C:
		}
	}
}
