// Package sqlite opens SQLite databases in one way, for whatever is kept in them.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlitecodes "modernc.org/sqlite/lib"
)

// Memory is the name of a database that ends with the process.
const Memory = ":memory:"

// connections bounds what is open of a file at a time.
const connections = 8

// Open opens a database, whose file it creates if need be, for its owner alone. Transactions hold the write lock from
// their start. Further pragmas look like "synchronous(FULL)".
func Open(path string, pragmas ...string) (*sql.DB, error) {
	query := url.Values{
		"_pragma": append([]string{"busy_timeout(5000)", "journal_mode(WAL)"}, pragmas...),
		"_txlock": {"immediate"},
	}
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
	if path == Memory {
		name = "file::memory:?" + query.Encode()
	} else if err := createPrivately(path); err != nil {
		return nil, err
	}
	// Commits sync data and size, and leave the time of the change to the file system. Where there is no such call the whole
	// file is synced, as it is by default.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return nil, fmt.Errorf("open database: %w", err)
	}
	plain, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	database := sql.OpenDB(connector{plain})
	database.SetMaxOpenConns(connections)
	if path == Memory {
		// Each connection to :memory: would be a database of its own.
		database.SetMaxOpenConns(1)
		database.SetConnMaxLifetime(0)
		database.SetMaxIdleConns(1)
	}
	return database, nil
}

// createPrivately makes a file that only its owner may read, whatever it was before.
func createPrivately(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("create the database's folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	if err := file.Chmod(0o600); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

// How long and how often a first start waits for another process.
const (
	freeWithin = 5 * time.Second
	freeRetry  = 10 * time.Millisecond
)

// WhenFree repeats work that finds the database locked. SQLite does not wait by itself, whatever its busy timeout, while
// another process turns a new file to WAL.
func WhenFree(ctx context.Context, work func() error) error {
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

// IsDuplicate reports whether an error is the database's refusal of a second row of the same key.
func IsDuplicate(err error) bool {
	var refused *sqlite.Error
	return errors.As(err, &refused) &&
		(refused.Code() == sqlitecodes.SQLITE_CONSTRAINT_UNIQUE || refused.Code() == sqlitecodes.SQLITE_CONSTRAINT_PRIMARYKEY)
}
