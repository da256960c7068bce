package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wound is a clock that a test winds.
type wound struct {
	mu  sync.Mutex
	at  time.Time
	sys systemClock
}

func (w *wound) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *wound) wind(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(by)
}

func (w *wound) ticks(every time.Duration) (<-chan time.Time, func()) { return w.sys.ticks(every) }

func TestHTTPProbes(t *testing.T) {
	s, log := newTestServer(t, newFakes())
	clock := &wound{at: time.Unix(1, 0)}
	s.clock = clock
	var down atomic.Bool
	var asked atomic.Int32
	run := startHTTP(t, s, HTTPOptions{Checks: []Check{
		{Name: "platform", Run: func(context.Context) error { return nil }},
		{Name: "journal", Run: func(context.Context) error {
			asked.Add(1)
			if down.Load() {
				return errors.New("the disk is full: " + canary)
			}
			return nil
		}},
	}})
	probe := func(path string) (int, string) {
		response := run.do(http.MethodGet, path, "")
		return response.StatusCode, strings.TrimSpace(text(t, response))
	}
	ready, alive := `{"status":"ok","checks":{"journal":"ok","platform":"ok"}}`, `{"status":"ok"}`
	if status, body := probe("/readyz"); status != http.StatusOK || body != ready {
		t.Errorf("%d %s", status, body)
	}
	down.Store(true)
	if status, body := probe("/readyz"); status != http.StatusOK || body != ready || asked.Load() != 1 {
		t.Errorf("what was found out counts for a moment: %d %s, asked %d times", status, body, asked.Load())
	}
	clock.wind(readyFor)
	status, body := probe("/readyz")
	if status != http.StatusServiceUnavailable || body != `{"status":"unavailable","checks":{"journal":"failed","platform":"ok"}}` {
		t.Errorf("%d %s", status, body)
	}
	if !strings.Contains(log.String(), "the disk is full") || !strings.Contains(log.String(), "check=journal") {
		t.Errorf("the reason is not logged: %s", log)
	}
	if status, body := probe("/healthz"); status != http.StatusOK || body != alive {
		t.Errorf("alive but not ready: %d %s", status, body)
	}
	down.Store(false)
	clock.wind(readyFor)
	if status, _ := probe("/readyz"); status != http.StatusOK {
		t.Errorf("ready again: %d", status)
	}
}

// TestManyProbersAskOnce so that probing costs the platform nothing.
func TestManyProbersAskOnce(t *testing.T) {
	var asked atomic.Int32
	release := make(chan struct{})
	p := &probes{closing: t.Context(), clock: &wound{at: time.Unix(1, 0)}, logger: discard(), checks: []Check{{Name: "platform", Run: func(ctx context.Context) error {
		asked.Add(1)
		<-release
		return ctx.Err()
	}}}}
	var probing sync.WaitGroup
	gone, leave := context.WithCancel(t.Context())
	leave() // that this one has left must not spoil it for the others
	for range 20 {
		probing.Go(func() {
			if got := p.ask(gone); got.Status != statusOK {
				t.Errorf("%+v", got)
			}
		})
	}
	close(release)
	probing.Wait()
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestAServerThatEndsIsNotReady(t *testing.T) {
	closing, end := context.WithCancel(t.Context())
	p := &probes{closing: closing, clock: systemClock{}, logger: discard()}
	if got := p.ask(t.Context()); got.Status != statusOK {
		t.Errorf("%+v", got)
	}
	end()
	if got := p.ask(t.Context()); got.Status != statusUnavailable || got.Checks["server"] == "" {
		t.Errorf("%+v", got)
	}
}
