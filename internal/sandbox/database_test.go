package sandbox

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"
)

func TestANewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	path := database(t)
	p := open(t, Options{Database: path})
	if _, err := p.database.ExecContext(context.Background(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), Options{Database: path}); err == nil || !strings.Contains(err.Error(), "newer robutler-mcp") {
		t.Errorf("error = %v", err)
	}
	if _, err := Open(context.Background(), Options{}); err == nil {
		t.Error("a platform without a database opened")
	}
}

// TestAnOlderDatabaseIsBroughtUp opens a file that an earlier release wrote: its entries stay and name no agent.
func TestAnOlderDatabaseIsBroughtUp(t *testing.T) {
	t.Parallel()
	path := database(t)
	older, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	script, err := migrations.ReadFile("migrations/0001_initial.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		string(script), "PRAGMA user_version = 1",
		"INSERT INTO users VALUES ('" + demoUserID + "', 'Old', 'old@example.com', 'user', 'Pro', 'OLD', 0)",
		"INSERT INTO entries (id, kind, description, source, created_at) VALUES ('one', 'addition', 'gift', 'test', 1)",
		"INSERT INTO postings (account, entry, nano) VALUES ('external', 1, -5), ('" + userAccount(demoUserID) + "', 1, 5)",
	} {
		if _, err := older.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}
	p := open(t, Options{Database: path})
	kept := rows(t, get(t, p, "/api/balance/transactions"), "transactions")
	if len(kept) != 1 || kept[0]["description"] != "gift" || kept[0]["agentId"] != nil {
		t.Errorf("transactions = %v", kept)
	}
}

// TestSeveralPlatformsShareADatabase starts four at once on one new file, as two clients and a shell would, and lets
// them all write.
func TestSeveralPlatformsShareADatabase(t *testing.T) {
	t.Parallel()
	path := database(t)
	const platforms, writes = 4, 10
	var group sync.WaitGroup
	keys := make([]string, platforms)
	for i := range platforms {
		group.Go(func() {
			p, err := Open(context.Background(), Options{Database: path, Now: noon})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			keys[i] = p.UserKey()
			for j := range writes {
				if got := postJSON(t, p, "/api/agents", fmt.Sprintf(`{"name":"a%d-%d","instructions":"x"}`, i, j)); got.status != 200 {
					t.Errorf("create: %s", got.raw)
				}
				if got := postJSON(t, p, "/api/user/transactions", `{"amount":"0.000000001"}`); got.status != 200 {
					t.Errorf("charge: %s", got.raw)
				}
			}
			if err := p.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	group.Wait()
	p := open(t, Options{Database: path})
	for _, key := range keys {
		if key != p.UserKey() {
			t.Errorf("keys differ: %q", keys)
		}
	}
	if got := get(t, p, "/api/agents"); got.body["total"] != float64(platforms*writes+2) {
		t.Errorf("total = %v", got.body["total"])
	}
	if got := get(t, p, "/api/user/credits"); got.body["availableCredits"] != "87.42149996" {
		t.Errorf("credits = %s", got.raw)
	}
}

func TestDefaultDatabase(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("XDG_DATA_HOME", folder)
	t.Setenv("LocalAppData", folder)
	path, err := DefaultDatabase()
	if err != nil || !strings.HasSuffix(path, "sandbox.db") {
		t.Errorf("%s, %v", path, err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("it made %v, %v", entries, err)
	}
}
