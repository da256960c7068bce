package consent

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/postgres"
	"github.com/robutlerai/robutler-mcp/internal/sqlite"
)

// MemoryJournal is a journal that ends with the process, for the embedded platform and for tests.
const MemoryJournal = sqlite.Memory

// connections bounds the connections of one process to the journal.
const connections = 8

// idleConnection is for how long an unused connection is kept: less than what firewalls commonly allow.
const idleConnection = time.Minute

// idleLock is for how long a lock is kept of which nothing is heard.
const idleLock = journalTimeout + 2*time.Second

// dialect is what differs between the two databases.
type dialect struct {
	name string
	// sequence declares a column that counts rows up: a new one has a higher number than all that there are.
	sequence string
	// setsDurability says that a connection can be told what its commits wait for. PostgreSQL syncs all, as prepare asks.
	setsDurability bool
	// isolation is that of every transaction, whatever the server's or the role's default is.
	isolation sql.IsolationLevel
	// prepare makes a transaction durable, and the only one of its lock until it ends.
	prepare func(ctx context.Context, tx *sql.Tx, lock int64) error
}

func sqliteDialect() dialect {
	return dialect{
		name: "sqlite", sequence: "INTEGER PRIMARY KEY", setsDurability: true,
		prepare: func(context.Context, *sql.Tx, int64) error { return nil }, // every transaction begins IMMEDIATE
	}
}

func postgresDialect() dialect {
	return dialect{
		name: "postgres", sequence: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		// Higher levels read what there was before the lock was waited for, and so past what another replica has just spent.
		isolation: sql.LevelReadCommitted,
		prepare: func(ctx context.Context, tx *sql.Tx, lock int64) error {
			// A server or role may have been told to acknowledge a commit before it is on disk. And a client that is frozen,
			// or gone without a word, must not keep the lock for longer than its own work may take.
			if _, err := tx.ExecContext(ctx, `SELECT set_config('synchronous_commit', 'on', true),
				set_config('idle_in_transaction_session_timeout', $1, true)`, strconv.FormatInt(idleLock.Milliseconds(), 10)); err != nil {
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
		database, err := postgres.Open(place)
		if err != nil {
			return nil, dialect{}, fmt.Errorf("open journal: %w", err)
		}
		database.SetMaxOpenConns(connections)
		database.SetMaxIdleConns(connections) // else a burst of calls opens and closes one for each
		database.SetConnMaxIdleTime(idleConnection)
		return database, postgresDialect(), nil
	}
	database, err := openSQLite(place)
	return database, sqliteDialect(), err
}

// openWriter gives the database to write with: for SQLite another connection to it.
func openWriter(place string, database *sql.DB) (*sql.DB, error) {
	if place == MemoryJournal || isPostgres(place) {
		return database, nil
	}
	writer, err := openSQLite(place)
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	return writer, nil
}

// openSQLite opens a journal in SQLite. By default each connection would keep up to 2 MB of it, so that a server grew with
// it for hours. On macOS a commit is on disk only with fullfsync; elsewhere it changes nothing.
func openSQLite(place string) (*sql.DB, error) {
	return sqlite.Open(place, "synchronous(FULL)", "fullfsync(1)", "checkpoint_fullfsync(1)", "cache_size(-256)")
}
