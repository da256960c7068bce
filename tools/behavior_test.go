package tools_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// observer sees what a platform holds, whatever its routes tell.
type observer struct{ database *sql.DB }

func observe(t *testing.T, path string) observer {
	t.Helper()
	database, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	return observer{database}
}

// state is a digest of every row of every table but those of the search index, which follow from the others.
func (o observer) state(t *testing.T) string {
	t.Helper()
	digest := sha256.New()
	for _, table := range o.strings(t, "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name") {
		columns := strings.Join(o.strings(t, "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info(?)", table), " || ',' || ")
		rows := o.strings(t, "SELECT "+columns+" FROM "+table+" ORDER BY 1")
		_, _ = fmt.Fprintln(digest, table, rows) // a hash never fails
	}
	return hex.EncodeToString(digest.Sum(nil))
}

func (o observer) strings(t *testing.T, query string, arguments ...any) []string {
	t.Helper()
	rows, err := o.database.QueryContext(t.Context(), query, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var found []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		found = append(found, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// ownTool reads what this server keeps itself.
const ownTool = "list_pending_payments"

// maxResultTokens bounds the result of an example, at 4 bytes a token.
const maxResultTokens = 2000

// TestHintsAreTrue calls every tool with its example and looks at what the platform holds: one that is read-only
// changes nothing, any other something, and an idempotent one nothing the second time.
func TestHintsAreTrue(t *testing.T) {
	t.Parallel()
	for _, tool := range offline(t).Tools() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "sandbox.db")
			s := newStageOn(t, path)
			watched := observe(t, path)
			mustCall(t, s, "get_user", `{}`) // notes when the key was used
			before := watched.state(t)
			if tokens := len(encode(t, mustCall(t, s, tool.Name, tool.Example))) / 4; tokens > maxResultTokens {
				t.Errorf("the result takes %d tokens", tokens)
			}
			after := watched.state(t)
			hints := tool.Hints()
			if changed := before != after; changed == (hints.ReadOnly || tool.NoEffect) {
				t.Errorf("read only %v, and the platform changed: %v", hints.ReadOnly, changed)
			}
			if !hints.Idempotent {
				return
			}
			if _, err := s.call(t, tool.Name, tool.Example); err != nil && tool.Class != client.Delete {
				t.Errorf("the second time: %v", err)
			}
			if watched.state(t) != after {
				t.Error("idempotent, and the second call changed the platform")
			}
			if tool.Class == client.Read && tool.Name != ownTool && len(s.requests()) == 1 {
				t.Error("it asked the platform nothing")
			}
		})
	}
}
