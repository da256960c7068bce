package consent

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// schemaVersion counts the changes of the tables. A journal of a higher one is refused.
const schemaVersion = "1"

// schemaLock keeps two servers from making the tables at once.
const schemaLock = 0x726f6275746c6572

// tables are the journal's. Times are microseconds since 1970, amounts 1e-9 credits, ids and digests hexadecimal.
func tables(d dialect) []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS robutler_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
		strings.ReplaceAll(`CREATE TABLE IF NOT EXISTS robutler_calls (
	sequence SEQUENCE,
	id TEXT NOT NULL UNIQUE,
	caller TEXT NOT NULL,
	tool TEXT NOT NULL,
	class TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('prepared', 'sent', 'succeeded', 'rejected', 'unknown')),
	effect TEXT NOT NULL,
	given TEXT NOT NULL DEFAULT '',
	idempotency_key TEXT,
	amount BIGINT NOT NULL,
	preview TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	sent_at BIGINT NOT NULL DEFAULT 0,
	updated_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	instance TEXT NOT NULL DEFAULT '',
	host TEXT NOT NULL DEFAULT '',
	pid BIGINT NOT NULL DEFAULT 0,
	result TEXT NOT NULL DEFAULT '',
	failure TEXT NOT NULL DEFAULT '',
	request_id TEXT NOT NULL DEFAULT '',
	detail TEXT NOT NULL DEFAULT '')`, "SEQUENCE", d.sequence),
		// Most calls have no key, and are not written into this one.
		`CREATE UNIQUE INDEX IF NOT EXISTS robutler_calls_key ON robutler_calls (caller, idempotency_key)
			WHERE idempotency_key IS NOT NULL`,
		`CREATE INDEX IF NOT EXISTS robutler_calls_effect ON robutler_calls (caller, effect, sent_at)`,
		`DROP INDEX IF EXISTS robutler_calls_spent`,
		// The sum of a day is read from the index alone.
		`CREATE INDEX IF NOT EXISTS robutler_calls_day ON robutler_calls (caller, sent_at, state, amount)`,
		`CREATE INDEX IF NOT EXISTS robutler_calls_state ON robutler_calls (state, updated_at)`,
	}
}

// install makes the tables and the key where they are missing, and gives the key.
func (j *journal) install(ctx context.Context) (key []byte, err error) {
	err = j.inTransaction(ctx, schemaLock, func(tx *sql.Tx) error {
		for _, statement := range tables(j.dialect) {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		if err := addGiven(ctx, tx); err != nil {
			return err
		}
		version, err := j.setting(ctx, tx, "schema", schemaVersion)
		if err != nil {
			return err
		}
		if version != schemaVersion {
			return fmt.Errorf("it is of version %s and this program knows %s: use a newer robutler-mcp, or another journal",
				version, schemaVersion)
		}
		fresh := make([]byte, keyBytes)
		_, _ = rand.Read(fresh) // never fails
		text, err := j.setting(ctx, tx, "key", hex.EncodeToString(fresh))
		if err != nil {
			return err
		}
		key, err = hex.DecodeString(text)
		if err != nil || len(key) != keyBytes {
			return errors.New("its key is damaged: use another journal")
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("prepare journal: %w", err)
	}
	return key, nil
}

// addGiven adds the column that journals of earlier versions lack. Those leave it empty, and go on working beside.
func addGiven(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "SELECT * FROM robutler_calls WHERE 1 = 0")
	if err != nil {
		return err
	}
	columns, err := rows.Columns()
	if err := errors.Join(err, rows.Close(), rows.Err()); err != nil || slices.Contains(columns, "given") {
		return err
	}
	_, err = tx.ExecContext(ctx, "ALTER TABLE robutler_calls ADD COLUMN given TEXT NOT NULL DEFAULT ''")
	return err
}

// setting gives a stored value, and stores the given one first where there is none.
func (j *journal) setting(ctx context.Context, tx *sql.Tx, name, value string) (stored string, err error) {
	insert := `INSERT INTO robutler_settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`
	if _, err := tx.ExecContext(ctx, insert, name, value); err != nil {
		return "", err
	}
	query := `SELECT value FROM robutler_settings WHERE name = $1`
	err = tx.QueryRowContext(ctx, query, name).Scan(&stored)
	return stored, err
}
