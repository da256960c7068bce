package client

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lame is a platform whose paths that hold a word fail, while all others answer. It counts what reaches it.
type lame struct {
	mu      sync.Mutex
	fail    string
	how     func(*http.Request) (*http.Response, error)
	reached map[string]int
}

func (l *lame) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.reached[r.URL.Path]++
	fail := l.fail
	l.mu.Unlock()
	if strings.Contains(r.URL.Path, fail) {
		return l.how(r)
	}
	return jsonResponse(r, http.StatusOK, `{"agents":[],"success":true,"chargedDollars":0.1,"user":{"id":"1"}}`, nil), nil
}

func lost(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func broken(r *http.Request) (*http.Response, error) {
	return jsonResponse(r, http.StatusInternalServerError, `{}`, nil), nil
}

// TestOneBadObjectCutsNobodyOff: whoever shares the client with a caller of something that always fails goes on.
func TestOneBadObjectCutsNobodyOff(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(*http.Request) (*http.Response, error){"500": broken, "lost": lost, "silent": silent} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &lame{fail: "bad", how: how, reached: map[string]int{}}
				c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithTransport(l), WithTimeout(time.Second))
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					if _, err := c.Agents.Get(t.Context(), "bad"); err == nil || errors.Is(err, ErrNotFound) {
						t.Fatalf("the bad one: %v", err)
					}
				}
				if err := errors.Join(read(t.Context(), c), settle(t.Context(), c), c.Health(t.Context())); err != nil {
					t.Error(err)
				}
				for range 3 * breakerFailures { // nor do others of the same route meet the breaker
					_, _ = c.Agents.Get(t.Context(), "bad")
				}
				if _, err := c.Agents.Get(t.Context(), "good"); errors.Is(err, ErrUnavailable) {
					t.Error(err)
				}
				if c.Breaker() != BreakerClosed {
					t.Error(c.Breaker())
				}
			})
		})
	}
}

// TestHealthIsNeverRefused: readiness says how the platform is, not what the breaker thinks of it.
func TestHealthIsNeverRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(patient)
		c := p.client(t)
		p.trip(t, c)
		if err := c.Health(t.Context()); !errors.Is(err, ErrUpstream) || p.healths != 1 {
			t.Errorf("while it fails: %v, asked %d times", err, p.healths)
		}
		p.status = http.StatusOK
		if err := c.Health(t.Context()); err != nil {
			t.Errorf("once it is back: %v", err)
		}
		checkRefused(t, "a charge within the pause", settle(t.Context(), c))
	})
}

// TestManyCallersAskASuspectHostOnce, and no write leaves for a host that turns out to be down.
func TestManyCallersAskASuspectHostOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &lame{how: func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return broken(r)
		}, reached: map[string]int{}}
		c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithTransport(l), WithMaxRetries(0))
		if err != nil {
			t.Fatal(err)
		}
		for range breakerFailures {
			_ = read(t.Context(), c)
		}
		clear(l.reached)
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() { checkRefused(t, "a charge", settle(t.Context(), c)) })
		}
		calls.Wait()
		if len(l.reached) != 1 || l.reached["/api/health"] != 1 {
			t.Error(l.reached)
		}
	})
}
