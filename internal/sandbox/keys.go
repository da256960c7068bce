package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/google/uuid"
)

// keyPrefixLength is how much of a key its row shows.
const keyPrefixLength = 8

// mintKey makes a key of 160 random bits.
func mintKey() string {
	var random [20]byte
	_, _ = rand.Read(random[:]) // never fails since Go 1.24
	return "rok_" + hex.EncodeToString(random[:])
}

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, arguments ...any) (sql.Result, error)
}

// storeKey keeps a key's hash and gives the id of its row.
func (p *Platform) storeKey(ctx context.Context, on execer, key, userID, agentID, name string) (string, error) {
	id := uuid.NewString()
	hash := sha256.Sum256([]byte(key))
	agent := sql.NullString{String: agentID, Valid: agentID != ""}
	_, err := on.ExecContext(ctx,
		"INSERT INTO api_keys (id, user_id, agent_id, name, prefix, hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		id, userID, agent, name, key[:min(keyPrefixLength, len(key))], hash[:], p.now().UnixMilli())
	if err != nil {
		return "", fmt.Errorf("store API key: %w", err)
	}
	return id, nil
}

// provideUserKey finds or makes the demo user's key. The database holds its hash alone, so the key itself lies in a
// file beside it that only its owner may read. A key that the database does not know, or no longer since somebody
// removed it, is replaced. All of it happens under the database's write lock: of several processes that start at once
// one makes the key and the others read it.
func (p *Platform) provideUserKey(ctx context.Context, database string) error {
	return p.inTransaction(ctx, func(tx *sql.Tx) error {
		path := database + ".key"
		if database != MemoryDatabase {
			key, err := readKey(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			hash := sha256.Sum256([]byte(key))
			var known bool
			if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM api_keys WHERE hash = ? AND user_id = ?)",
				hash[:], demoUserID).Scan(&known); err != nil {
				return fmt.Errorf("look API key up: %w", err)
			}
			if known {
				p.userKey = key
				return nil
			}
		}
		p.userKey = mintKey()
		if database != MemoryDatabase {
			if err := replaceKey(path, p.userKey); err != nil {
				return err
			}
		}
		_, err := p.storeKey(ctx, tx, p.userKey, demoUserID, "", "sandbox")
		return err
	})
}

// replaceKey writes the key's file at once: whoever reads it finds the old key or the new one, never half of one.
func replaceKey(path, key string) error {
	own := path + "." + uuid.NewString()
	file, err := os.OpenFile(own, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // it lies beside the database that the user names
	if err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	_, writeErr := file.WriteString(key + "\n")
	if err := errors.Join(writeErr, file.Close()); err != nil {
		return errors.Join(fmt.Errorf("write key file: %w", err), os.Remove(own))
	}
	if err := os.Rename(own, path); err != nil {
		return errors.Join(fmt.Errorf("write key file: %w", err), os.Remove(own))
	}
	return nil
}

// isKey reports whether a text could be a key.
func isKey(text string) bool { return strings.HasPrefix(text, "rok_") && len(text) >= 32 }

func readKey(path string) (string, error) {
	data, err := os.ReadFile(path) //nolint:gosec // it lies beside the database that the user names
	if err != nil {
		return "", fmt.Errorf("read key file: %w", err)
	}
	key := strings.TrimSpace(string(data))
	if !isKey(key) {
		return "", fmt.Errorf("read key file: %s does not hold a key; remove it and start again", path)
	}
	return key, nil
}

func (p *Platform) listKeys(r *request) (any, error) {
	limit, offset, err := r.window(1000)
	if err != nil {
		return nil, err
	}
	keys, total, err := page(r.Context(), p.database, keyColumns, "FROM api_keys WHERE user_id = ? AND agent_id IS NULL",
		"created_at, id", limit, offset, scanKey, r.caller.userID)
	return members{"keys": keys, "total": total}, err
}

const keyColumns = "id, name, prefix, created_at, last_used_at"

func scanKey(from scanner) (members, error) {
	var id, name, prefix string
	var created int64
	var used sql.NullInt64
	err := from.Scan(&id, &name, &prefix, &created, &used)
	return keyRow(id, name, prefix, created, used), err
}

func keyRow(id, name, prefix string, created int64, used sql.NullInt64) members {
	row := members{
		"id": id, "name": name, "keyPrefix": prefix + "...", "isActive": true, "expiresAt": nil,
		"createdAt": timestamp(created), "permissions": members{}, "lastUsed": nil, "lastUsedAt": nil,
	}
	if used.Valid {
		row["lastUsed"], row["lastUsedAt"] = timestamp(used.Int64), timestamp(used.Int64)
	}
	return row
}

// createKey shows the raw key, this once. Clients of 2025 that send X-API-Key want it flat, older ones nested.
func (p *Platform) createKey(r *request) (any, error) {
	var input struct {
		Name string `json:"name"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	name := strings.TrimSpace(input.Name)
	if name == "" || len(name) > 100 {
		return nil, badRequest("name is required and has at most 100 characters")
	}
	key := mintKey()
	id, err := p.storeKey(r.Context(), p.database, key, r.caller.userID, "", name)
	if err != nil {
		return nil, err
	}
	row := keyRow(id, name, key[:keyPrefixLength], p.now().UnixMilli(), sql.NullInt64{})
	if r.Header.Get("X-API-Key") == "" {
		return members{"rawKey": key, "key": row}, nil
	}
	row["key"], row["rawKey"] = key, key
	return row, nil
}

func (p *Platform) deleteKey(r *request) (any, error) {
	result, err := p.database.ExecContext(r.Context(),
		"DELETE FROM api_keys WHERE id = ? AND user_id = ? AND agent_id IS NULL", r.PathValue("key"), r.caller.userID)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return nil, errors.Join(notFound("API key"), err)
	}
	return members{"success": true}, nil
}
