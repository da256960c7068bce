package client

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestALostConnectionIsOneFailure breaks the connection of many requests at once.
func TestALostConnectionIsOneFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		breaks := make(chan struct{})
		c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithMaxRetries(0), WithTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if broken.Load() {
				return jsonResponse(r, http.StatusOK, `{"agents":[]}`, nil), nil
			}
			<-breaks
			return nil, io.ErrUnexpectedEOF
		})))
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 2 * breakerFailures {
			group.Go(func() { _ = read(t.Context(), c) })
		}
		time.Sleep(time.Second)
		broken.Store(true)
		close(breaks)
		group.Wait()
		if err := read(t.Context(), c); err != nil {
			t.Error(err)
		}
	})
}

// openBreaker gives the breaker of a host whose health route fails, too.
func openBreaker(t *testing.T) *breaker {
	t.Helper()
	b := newBreaker()
	for range breakerFailures {
		health := &operation{Operation: Operation{Class: Read}, id: healthGet}
		done, err := b.allow(health)
		if err != nil {
			t.Fatal(err)
		}
		b.settle(health, done, errAttemptFailed)
	}
	return b
}

// TestABreakingTransportFreesTheProbe lets the transport panic as the probe: the next call must be a probe again.
func TestABreakingTransportFreesTheProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := openBreaker(t)
		time.Sleep(breakerPause)
		e := &exchange{operation: &operation{Operation: Operation{Class: Read}}, timeout: time.Second, deadline: time.Now().Add(time.Second), upstream: &upstream{breaker: b}}
		request, err := http.NewRequestWithContext(withExchange(t.Context(), e), http.MethodGet, "https://robutler.test", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() { _ = recover() }()
			response, err := (&exchangeTransport{next: roundTripFunc(func(*http.Request) (*http.Response, error) { panic("broken") })}).RoundTrip(request)
			t.Errorf("%v, %v", response, err)
		}()
		time.Sleep(breakerPause)
		if _, err := b.allow(&operation{Operation: Operation{Class: Read}}); err != nil {
			t.Error(err)
		}
	})
}

// TestOnlyAReadMayProbe asks the breaker itself, since the client reads ahead of a write.
func TestOnlyAReadMayProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, class := range []Class{Update, Create, Delete, Secret, Money, Read} {
			b := openBreaker(t)
			time.Sleep(breakerPause)
			if _, err := b.allow(&operation{Operation: Operation{Class: class}}); (err == nil) != (class == Read) {
				t.Errorf("%s: %v", class, err)
			}
		}
	})
}
