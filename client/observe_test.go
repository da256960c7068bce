package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// seen gathers what an observer was told.
type seen struct {
	mu       sync.Mutex
	attempts []Attempt
	results  []AttemptResult
}

func (s *seen) observe(_ context.Context, attempt Attempt, header http.Header) func(AttemptResult) {
	header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	return func(result AttemptResult) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.attempts, s.results = append(s.attempts, attempt), append(s.results, result)
	}
}

func TestAnObserverSeesEveryAttemptByItsRoute(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var traced []string
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		traced = append(traced, r.Header.Get("Traceparent"))
		if len(traced) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"agent":{"id":"a-secret-id","name":"muse"}}`))
	}))
	defer platform.Close()
	var got seen
	c, err := New(WithAPIKey("rok_0123456789"), WithBaseURL(platform.URL), WithObserver(got.observe))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Agents.Get(t.Context(), "a-secret-id"); err != nil {
		t.Fatal(err)
	}
	if len(got.attempts) != 2 || len(traced) != 2 || traced[0] == "" || traced[1] == "" {
		t.Fatalf("attempts %+v, trace contexts %q", got.attempts, traced)
	}
	for i, attempt := range got.attempts {
		if attempt.Route != "/agents/{agent}" || attempt.Method != http.MethodGet || attempt.Class != Read || attempt.Number != i+1 {
			t.Errorf("%+v", attempt)
		}
	}
	if first := got.results[0]; first.StatusCode != http.StatusBadGateway || first.Kind != nil || first.Duration <= 0 {
		t.Errorf("%+v", first)
	}
	if got.results[1].StatusCode != http.StatusOK {
		t.Errorf("%+v", got.results[1])
	}
}

func TestAnObserverLearnsWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	platform := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	}))
	defer platform.Close()
	defer close(stop)
	for name, test := range map[string]struct {
		address string
		want    error
	}{"slow": {platform.URL, ErrTimeout}, "nobody": {"http://127.0.0.1:1", ErrUnavailable}} {
		var got seen
		c, err := New(WithAPIKey("rok_0123456789"), WithBaseURL(test.address), WithObserver(got.observe), WithMaxRetries(0),
			WithTimeout(50*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		for range 4 * breakerFailures { // on a busy machine an attempt may end with its call, which tells nothing
			if _ = c.Health(t.Context()); got.results[len(got.results)-1].Refused {
				break
			}
		}
		if !errors.Is(got.results[0].Kind, test.want) || got.results[0].StatusCode != 0 {
			t.Errorf("%s: %+v", name, got.results[0])
		}
		if last := got.results[len(got.results)-1]; !last.Refused || c.Breaker() != BreakerOpen {
			t.Errorf("%s: %+v, breaker %s", name, last, c.Breaker())
		}
	}
	if _, err := New(WithAPIKey("rok_0123456789"), WithObserver(nil)); err == nil {
		t.Error("a nil observer was taken")
	}
}

// TestHealthNeedsNoKey since probes ask whether the platform can be reached, not who asks.
func TestHealthNeedsNoKey(t *testing.T) {
	t.Parallel()
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("X-API-Key") != "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"ok"}`))
	}))
	defer platform.Close()
	none := func(context.Context) (string, error) { return "", ErrMissingKey }
	c, err := New(WithKeySource(none), WithBaseURL(platform.URL))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Health(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := c.User.Get(t.Context()); !errors.Is(err, ErrMissingKey) {
		t.Errorf("%v", err)
	}
}
