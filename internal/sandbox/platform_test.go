package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAuthentication(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	tests := []struct {
		name   string
		header map[string]string
		want   int
	}{
		{"both", map[string]string{"Authorization": "Bearer " + p.UserKey(), "X-API-Key": p.UserKey()}, 200},
		{"bearer", map[string]string{"Authorization": "bearer " + p.UserKey()}, 200},
		{"header", map[string]string{"X-API-Key": p.UserKey()}, 200},
		{"none", nil, 401},
		{"unknown", map[string]string{"X-API-Key": "rok_nobody"}, 401},
		{"basic", map[string]string{"Authorization": "Basic " + p.UserKey()}, 401},
		{"two that differ", map[string]string{"Authorization": "Bearer " + p.UserKey(), "X-API-Key": "rok_other"}, 401},
	}
	for _, test := range tests {
		for pattern := range map[string]bool{"/api/user": true, "/api/agents": true, "/api/balance": true, "/api/content/x": true} {
			r := httptest.NewRequest(http.MethodGet, pattern, http.NoBody)
			for name, value := range test.header {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			p.Handler().ServeHTTP(w, r)
			want := test.want
			if pattern == "/api/content/x" && want == 200 {
				want = 404
			}
			if w.Code != want {
				t.Errorf("%s %s: %d, want %d", test.name, pattern, w.Code, want)
			}
		}
	}
	if got := send(t, p, "", http.MethodGet, "/api/health", "", ""); got.status != 200 {
		t.Errorf("health: %d", got.status)
	}
}

func TestKeysAreHashedAtRest(t *testing.T) {
	t.Parallel()
	path := database(t)
	p := open(t, Options{Database: path})
	if got := postJSON(t, p, "/api/agents", `{"name":"x","instructions":"y"}`); got.status != 200 {
		t.Fatal(got.status)
	}
	raw := p.UserKey()
	if _, err := p.database.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), raw) || strings.Contains(string(data), raw[4:]) {
		t.Error("the database holds the raw key")
	}
	for _, name := range []string{path, path + ".key"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestErrorsAreJSONWithBothTexts(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	tests := []struct {
		method, target, body string
		status               int
		allow                string
	}{
		{"GET", "/api/nothing", "", 404, ""},
		{"GET", "/", "", 404, ""},
		{"GET", "/api/agents/../user", "", 404, ""},
		{"GET", "/api//agents", "", 404, ""},
		{"GET", "/api/agents/%2e%2e", "", 404, ""},
		{"PUT", "/api/agents", "", 405, "GET, HEAD, POST"},
		{"DELETE", "/api/user", "", 405, "GET, HEAD, PATCH"},
		{"POST", "/api/agents", "{", 400, ""},
		{"POST", "/api/agents", "[]", 400, ""},
		{"POST", "/api/agents", `{"name":5}`, 400, ""},
		{"POST", "/api/agents", `{"name":"Bad Name","instructions":""}`, 400, ""},
		{"POST", "/api/agents", `{"name":"search","instructions":"x"}`, 400, ""},
		{"POST", "/api/agents", "{\"name\":\"\xff\"}", 400, ""},
		{"POST", "/api/agents", strings.Repeat(" ", maxJSONBody+1), 413, ""},
		{"POST", "/api/agents/search", `{}`, 400, ""},
		{"POST", "/api/agents/search", `{"query":"x","minSimilarity":2}`, 400, ""},
		{"POST", "/api/agents/search", `{"query":"x","mode":"magic"}`, 400, ""},
		{"POST", "/api/agents/search", `{"query":"x","limit":"many"}`, 400, ""},
		{"GET", "/api/agents?limit=0", "", 400, ""},
		{"GET", "/api/user/transactions?offset=-1", "", 400, ""},
		{"GET", "/api/user/transactions?type=gift", "", 400, ""},
		{"GET", "/api/content?visibility=secret", "", 400, ""},
		{"POST", "/api/content", "{}", 400, ""},
		{"POST", "/api/user/transactions", `{"amount":"1e3"}`, 400, ""},
		{"POST", "/api/user/transactions", `{"amount":"0"}`, 400, ""},
		{"POST", "/api/user/transactions", `{"amount":"1000"}`, 402, ""},
		{"POST", "/api/api-keys", `{}`, 400, ""},
		{"DELETE", "/api/api-keys/none", "", 404, ""},
		{"DELETE", "/api/content/none", "", 404, ""},
	}
	for _, test := range tests {
		got := send(t, p, p.UserKey(), test.method, test.target, "application/json", test.body)
		name := test.method + " " + test.target
		if got.status != test.status {
			t.Errorf("%s: %d, want %d: %s", name, got.status, test.status, got.raw)
		}
		if got.body["error"] == "" || got.body["error"] != got.body["message"] || got.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %s", name, got.raw)
		}
		if got.header.Get("Allow") != test.allow {
			t.Errorf("%s: Allow = %q", name, got.header.Get("Allow"))
		}
	}
}

func TestTrailingSlash(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for _, target := range []string{"/api/agents/", "/api/user/", "/api/agents/legal-translator/"} {
		if got := get(t, p, target); got.status != 200 {
			t.Errorf("%s: %d", target, got.status)
		}
	}
}

func TestWhatIsWrittenSurvivesARestart(t *testing.T) {
	t.Parallel()
	path := database(t)
	first := open(t, Options{Database: path})
	key := first.UserKey()
	if got := postJSON(t, first, "/api/agents", `{"name":"kept","instructions":"x","isPublic":true,"intents":["keep things"]}`); got.status != 200 {
		t.Fatal(string(got.raw))
	}
	stored := uploadFile(t, first, key, "/api/content/upload", "notes.txt", "hello", nil)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, Options{Database: path})
	if second.UserKey() != key {
		t.Error("the key changed")
	}
	if got := get(t, second, "/api/agents/kept"); got.status != 200 {
		t.Error("the agent is gone")
	}
	if got := postJSON(t, second, "/api/agents/search", `{"query":"keep things"}`); len(rows(t, got, "agents")) == 0 {
		t.Error("the agent is not found")
	}
	if got := get(t, second, fmt.Sprint(stored.body["url"])); string(got.raw) != "hello" {
		t.Errorf("the file reads %q", got.raw)
	}
	if got := get(t, second, "/api/user/credits"); got.body["availableCredits"] != "87.4215" {
		t.Errorf("credits = %s", got.raw)
	}
}

// TestALostKeyFileIsReplaced opens a database whose key nobody has any more.
func TestALostKeyFileIsReplaced(t *testing.T) {
	t.Parallel()
	path := database(t)
	first := open(t, Options{Database: path})
	if err := os.Remove(path + ".key"); err != nil {
		t.Fatal(err)
	}
	second := open(t, Options{Database: path})
	if second.UserKey() == first.UserKey() || get(t, second, "/api/user").status != 200 {
		t.Error("no working key was made")
	}
	if err := os.WriteFile(path+".key", []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), Options{Database: path}); err == nil || !strings.Contains(err.Error(), "does not hold a key") {
		t.Errorf("error = %v", err)
	}
}

func TestTransactionsAreFinal(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for _, statement := range []string{"UPDATE postings SET nano = 1", "DELETE FROM postings", "UPDATE entries SET kind = 'usage'", "DELETE FROM entries"} {
		err := p.inTransaction(context.Background(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(context.Background(), statement)
			return err
		})
		if err == nil {
			t.Errorf("%s went through", statement)
		}
	}
}
