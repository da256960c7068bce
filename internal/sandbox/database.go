package sandbox

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"modernc.org/sqlite" // also the driver "sqlite"
	sqlitecodes "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrations embed.FS

// fileConnections bounds the connections to a database in a file: SQLite has one writer, and readers are short.
const fileConnections = 8

func openDatabase(ctx context.Context, path string) (*sql.DB, error) {
	if path == "" {
		return nil, fmt.Errorf("open database: no path is given; use %s for one in memory", MemoryDatabase)
	}
	query := url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(NORMAL)"},
		"_txlock": {"immediate"},
	}
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
	if path == MemoryDatabase {
		name = "file::memory:?" + query.Encode()
	} else if err := createPrivately(path); err != nil {
		return nil, err
	}
	database, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	database.SetMaxOpenConns(fileConnections)
	if path == MemoryDatabase {
		// Each connection to :memory: would be a database of its own.
		database.SetMaxOpenConns(1)
		database.SetConnMaxLifetime(0)
		database.SetMaxIdleConns(1)
	}
	if err := whenFree(ctx, func() error { return migrate(ctx, database) }); err != nil {
		_ = database.Close() // the migration's error says it all
		return nil, err
	}
	return database, nil
}

// createPrivately makes a file that only its owner may read, since it holds the user's files and messages.
func createPrivately(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("create the database's folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("create database: %w", err)
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

// migrate brings a database to this version, one transaction a step. PRAGMA user_version counts the steps taken.
func migrate(ctx context.Context, database *sql.DB) error {
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(steps)
	for {
		done, err := migrateOnce(ctx, database, steps)
		if err != nil {
			return fmt.Errorf("migrate database: %w", err)
		}
		if done {
			return nil
		}
	}
}

func migrateOnce(ctx context.Context, database *sql.DB, steps []string) (done bool, err error) {
	var version int
	if err := database.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return false, err
	}
	if version > len(steps) {
		return false, fmt.Errorf("it is of version %d and this program knows %d: use a newer robutler-mcp, or another file",
			version, len(steps))
	}
	if version == len(steps) {
		return true, nil
	}
	tx, err := database.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // of no effect after the commit
	// Another process may have taken the step while this one waited for the lock.
	var now int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&now); err != nil || now != version {
		return false, err
	}
	script, err := migrations.ReadFile(steps[version])
	if err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, string(script)); err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+1)); err != nil {
		return false, err
	}
	return false, tx.Commit()
}

// inTransaction runs work in one transaction that holds the write lock from its start.
func (p *Platform) inTransaction(ctx context.Context, work func(*sql.Tx) error) error {
	tx, err := p.database.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := work(tx); err != nil {
		_ = tx.Rollback() // the work's error says it all
		return err
	}
	return tx.Commit()
}
