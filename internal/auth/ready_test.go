package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/auth/authtest"
)

// TestNobodyWaitsInTurnForASilentIssuer: callers and probers leave when their own time ends, and one discovery serves all.
func TestNobodyWaitsInTurnForASilentIssuer(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked, leave := 0, make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked++
		mu.Unlock()
		select {
		case <-leave:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(leave) })
	o := open(t, silent.URL, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	ended := make(chan error, 20)
	for range cap(ended) {
		go func() { ended <- o.Ready(ctx) }()
	}
	late := time.NewTimer(issuerTime / 2)
	defer late.Stop()
	for range cap(ended) {
		select {
		case err := <-ended:
			if !errors.Is(err, errIssuer) || !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		case <-late.C:
			t.Fatal("one waits on")
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// settled tries until there is no error: the library gives an answer out a moment before it keeps it.
func settled(t *testing.T, what string, try func() error) {
	t.Helper()
	var err error
	for range 10_000 {
		if err = try(); err == nil {
			return
		}
		runtime.Gosched()
	}
	t.Fatalf("%s: %v", what, err)
}

// TestNotReadyWithoutKeys: an issuer that is found but whose keys cannot be had authenticates nobody.
func TestNotReadyWithoutKeys(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string]string{"none": `{"keys":[]}`, "another document": `{"login":"please"}`, "no JSON": "<html>"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer, now := authtest.New(t), newClock()
			issuer.Publish("/keys", []byte(keys))
			o := open(t, issuer.URL, now.now)
			for range 3 {
				if err := o.Ready(t.Context()); !errors.Is(err, errIssuer) {
					t.Errorf("ready: %v", err)
				}
			}
			if _, err := o.Authenticate(request(t, "/mcp", issuer.Token("alice", nil))); !isFault(err) {
				t.Errorf("a token: %v", err)
			}
			if n := issuer.Asked("/keys"); n > 2 {
				t.Errorf("fetched %d times", n)
			}
			issuer.PublishKeys()
			settled(t, "once there are keys", func() error {
				now.pass(discoverEvery)
				return o.Ready(t.Context())
			})
			settled(t, "once they are held", func() error {
				before := issuer.Asked("/keys")
				if _, err := o.Authenticate(request(t, "/mcp", issuer.Token("alice", nil))); err != nil || issuer.Asked("/keys") != before {
					return errors.Join(errors.New("the keys were fetched again"), err)
				}
				return nil
			})
			issuer.Down(true)
			now.pass(time.Minute)
			if _, err := o.Authenticate(request(t, "/mcp", issuer.Token("alice", nil))); err != nil {
				t.Errorf("with keys that are held: %v", err)
			}
			if err := o.Ready(t.Context()); err != nil {
				t.Errorf("keys that are held are kept: %v", err)
			}
		})
	}
}
