package sandbox

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

func openDatabase(ctx context.Context, path string) (*sql.DB, error) {
	if path == "" {
		return nil, fmt.Errorf("open database: no path is given; use %s for one in memory", MemoryDatabase)
	}
	database, err := sqlite.Open(path, "foreign_keys(1)", "synchronous(NORMAL)")
	if err != nil {
		return nil, err
	}
	if err := sqlite.WhenFree(ctx, func() error { return migrate(ctx, database) }); err != nil {
		_ = database.Close() // the migration's error says it all
		return nil, err
	}
	return database, nil
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
