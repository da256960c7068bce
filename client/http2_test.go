package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/faultnet"
)

// TestHTTP2Goodbyes refuses and breaks streams with real frames. What the server says it did not take up is sent again,
// a secret excepted; of what it may have taken up only a read is.
func TestHTTP2Goodbyes(t *testing.T) {
	t.Parallel()
	const body = `{"agents":[],"success":true,"chargedDollars":1,"agent":{"id":"1","name":"a"},"key":{"id":"1","rawKey":"rok_1"},"rawKey":"rok_1"}`
	const read, create, secret, money = "Agents.List", "Agents.Create", "APIKeys.Create", "Tokens.Settle"
	refusals := []faultnet.StreamFault{faultnet.RefuseStream, faultnet.RefuseStream, faultnet.RefuseStream}
	tests := []struct {
		name     string
		faults   []faultnet.StreamFault
		method   string
		want     error
		requests int64
		taken    int64
	}{
		{"refused", refusals[:1], read, nil, 2, 1},
		{"refused", refusals[:1], create, nil, 2, 1},
		{"refused", refusals[:1], money, nil, 2, 1},
		{"refused", refusals[:1], secret, client.ErrUnavailable, 1, 0},
		{"refused again and again", refusals, money, client.ErrUnavailable, 3, 0},
		{"goodbye before", []faultnet.StreamFault{faultnet.GoAwayBefore}, read, nil, 2, 1},
		{"goodbye before", []faultnet.StreamFault{faultnet.GoAwayBefore}, create, nil, 2, 1},
		{"goodbye before", []faultnet.StreamFault{faultnet.GoAwayBefore}, money, nil, 2, 1},
		{"goodbye before", []faultnet.StreamFault{faultnet.GoAwayBefore}, secret, client.ErrUnavailable, 1, 0},
		{"goodbye after", []faultnet.StreamFault{faultnet.GoAwayAfter}, read, nil, 2, 2},
		{"goodbye after", []faultnet.StreamFault{faultnet.GoAwayAfter}, money, client.ErrOutcomeUnknown, 1, 1},
		{"goodbye after", []faultnet.StreamFault{faultnet.GoAwayAfter}, secret, client.ErrOutcomeUnknown, 1, 1},
		{"refused late", []faultnet.StreamFault{faultnet.RefuseLate}, read, nil, 2, 2},
		{"refused late", []faultnet.StreamFault{faultnet.RefuseLate}, money, client.ErrOutcomeUnknown, 1, 1},
		{"failed", []faultnet.StreamFault{faultnet.ResetInternal}, read, nil, 2, 2},
		{"failed", []faultnet.StreamFault{faultnet.ResetInternal}, money, client.ErrOutcomeUnknown, 1, 1},
		{"protocol", []faultnet.StreamFault{faultnet.ResetProtocol}, read, nil, 2, 2},
		{"protocol", []faultnet.StreamFault{faultnet.ResetProtocol}, money, client.ErrOutcomeUnknown, 1, 1},
		{"protocol", []faultnet.StreamFault{faultnet.ResetProtocol}, "Agents.RegenerateAPIKey", client.ErrOutcomeUnknown, 1, 1},
		{"refused, then failed", []faultnet.StreamFault{faultnet.RefuseStream, faultnet.ResetInternal}, money, client.ErrOutcomeUnknown, 2, 1},
	}
	calls := invocations()
	for _, test := range tests {
		t.Run(test.name+"/"+test.method, func(t *testing.T) {
			t.Parallel()
			server := faultnet.StartHTTP2(t, body, test.faults...)
			err := calls[test.method](t.Context(), newClient(t, server.URL(), client.WithTransport(server.Transport())))
			if !errors.Is(err, test.want) || (test.want == nil) != (err == nil) {
				t.Fatalf("error = %v, want %v", err, test.want)
			}
			if requests, taken := server.Requests.Load(), server.Taken.Load(); requests != test.requests || taken != test.taken {
				t.Errorf("%d requests, %d taken up, want %d and %d", requests, taken, test.requests, test.taken)
			}
			if apiError, ok := errors.AsType[*client.APIError](err); ok && apiError.NotSent != (test.taken == 0) {
				t.Errorf("not sent: %t", apiError.NotSent)
			}
		})
	}
}

// TestABurstSurvivesAShutdown shuts an HTTP/2 server down while reads and charges are under way, with another in its
// place: every read succeeds, and no charge is made twice.
func TestABurstSurvivesAShutdown(t *testing.T) {
	t.Parallel()
	books := &ledger{charges: map[string]int{}, begun: make(chan struct{})}
	retiring, next := startHTTP2(t, books), startHTTP2(t, books)
	transport, ok := retiring.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("no transport")
	}
	transport = transport.Clone()
	var current atomic.Pointer[string]
	current.Store(new(retiring.Listener.Addr().String()))
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, *current.Load())
	}
	t.Cleanup(transport.CloseIdleConnections)
	c := newClient(t, "https://example.com", client.WithTransport(transport)) // as the servers' certificate says

	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for range 30 {
				if _, err := c.User.Get(t.Context()); err != nil {
					t.Errorf("read: %v", err)
				}
			}
		})
		group.Go(func() {
			for n := range 30 {
				books.charge(t, c, fmt.Sprintf("charge-%d-%d", worker, n))
			}
		})
	}
	<-books.begun
	current.Store(new(next.Listener.Addr().String()))
	if err := retiring.Config.Shutdown(t.Context()); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	group.Wait()
	if books.otherProtocols.Load() != 0 {
		t.Error("not every request came by HTTP/2")
	}
}

// ledger is what two servers of one platform have in common.
type ledger struct {
	mu             sync.Mutex
	charges        map[string]int
	requests       atomic.Int64
	otherProtocols atomic.Int64
	begun          chan struct{}
}

func startHTTP2(t *testing.T, books *ledger) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(books)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if r.ProtoMajor != 2 {
		l.otherProtocols.Add(1)
	}
	if l.requests.Add(1) == 50 {
		close(l.begun)
	}
	if r.Method == http.MethodPost {
		l.mu.Lock()
		l.charges[r.Header.Get("Idempotency-Key")]++
		l.mu.Unlock()
	}
	answerWith(http.StatusOK, "application/json", `{"user":{"id":"1"},"success":true,"chargedDollars":1}`)(w, r)
}

// charge settles once and compares what the client says with the books.
func (l *ledger) charge(t *testing.T, c *client.Client, key string) {
	t.Helper()
	one := credits("1")
	_, err := c.Tokens.Settle(t.Context(), client.SettleParams{LockID: "l", AmountCredits: &one, IdempotencyKey: key})
	l.mu.Lock()
	defer l.mu.Unlock()
	made := l.charges[key]
	apiError, _ := errors.AsType[*client.APIError](err)
	switch {
	case err == nil && made == 1, errors.Is(err, client.ErrOutcomeUnknown) && made <= 1:
	case apiError != nil && apiError.NotSent && made == 0:
	default:
		t.Errorf("%s: %v, and %d charges", key, err, made)
	}
}
