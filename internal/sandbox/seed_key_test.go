package sandbox

import (
	"context"
	"strings"
	"testing"
)

// TestASecondUserWithAKey lets seed data name another user's key, so that two users can be tried.
func TestASecondUserWithAKey(t *testing.T) {
	t.Parallel()
	const seed = `{"users":[{"name":"Me","email":"me@example.com","plan":"Free"},{"name":"You","email":"you@example.com","plan":"Free","key":"KEY"}]}`
	key := "rok_" + strings.Repeat("0a", 20)
	p := open(t, Options{Seed: []byte(strings.Replace(seed, "KEY", key, 1))})
	for own, email := range map[string]string{p.UserKey(): "me@example.com", key: "you@example.com"} {
		if got := sendAs(t, p, own, "GET", "/api/user", ""); got.status != 200 || !strings.Contains(string(got.raw), email) {
			t.Errorf("%s: %d %s", email, got.status, got.raw)
		}
	}
	if _, err := Open(context.Background(), Options{Database: MemoryDatabase, Seed: []byte(strings.Replace(seed, "KEY", "short", 1))}); err == nil {
		t.Error("a key that is none was taken")
	}
}
