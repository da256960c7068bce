package client_test

import (
	"context"
	"errors"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// TestHealthNeedsNoKey: a server whose callers bring their keys has none of its own to ask with. Nothing else goes
// without one.
func TestHealthNeedsNoKey(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]string{"GET /api/health": `{"status":"ok"}`})
	c, err := client.New(client.WithBaseURL(f.URL), client.WithKeySource(func(context.Context) (string, error) { return "", client.ErrMissingKey }))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Health(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := c.User.Get(t.Context()); !errors.Is(err, client.ErrMissingKey) {
		t.Errorf("a call without a key: %v", err)
	}
	if seen := f.seen(); len(seen) != 1 || f.headers[0].Get("Authorization")+f.headers[0].Get("X-API-Key") != "" {
		t.Errorf("%v, %v", seen, f.headers)
	}
}
