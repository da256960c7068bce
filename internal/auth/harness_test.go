package auth

import (
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/robutlerai/robutler-mcp/internal/auth/authtest"
	"github.com/robutlerai/robutler-mcp/internal/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	aliceKey = "rok_alice_0123456789abcdef"
	public   = "https://mcp.example.com"
)

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// keyFile writes a mapping.
func keyFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func scopes() map[server.Permission]string {
	return map[server.Permission]string{
		server.PermissionRead: "robutler:read", server.PermissionWrite: "robutler:write",
		server.PermissionSecret: "robutler:secret", server.PermissionMoney: "robutler:money",
	}
}

// open builds an authenticator of an issuer that knows alice.
func open(t testing.TB, issuer string, now func() time.Time) *OIDC {
	t.Helper()
	keys, err := OpenKeyFile(keyFile(t, "alice: "+aliceKey+"\n"), now)
	if err != nil {
		t.Fatal(err)
	}
	made, err := NewOIDC(OIDCOptions{
		Issuer: issuer, Audiences: []string{"other", authtest.Audience}, Keys: keys, Scopes: scopes(), Needed: server.Permissions(),
		PublicURL: public, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = made.Close() })
	return made
}

// request is one with a bearer; none when it is empty.
func request(t testing.TB, target, bearer string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1"+target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	return r
}
