package client_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/faultnet"
)

// expiring is a context whose deadline comes when a test says so.
type expiring struct {
	context.Context //nolint:containedctx // it is one
	done            chan struct{}
	expire          func()
}

func newExpiring(ctx context.Context) *expiring {
	done := make(chan struct{})
	return &expiring{Context: ctx, done: done, expire: sync.OnceFunc(func() { close(done) })}
}

func (e *expiring) Done() <-chan struct{} { return e.done }

func (e *expiring) Err() error {
	select {
	case <-e.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// serve starts a platform with the fault, and counts the requests for the operation's own routes. Where the fault is to
// answer too late, the time is up as soon as the request is there. Where it lies in the network, connections count.
func (f *matrixFault) serve(t *testing.T, operation *client.Operation, expire func()) (base string, asked func() int64) {
	t.Helper()
	var own atomic.Int64
	count := func(r *http.Request) {
		if slices.ContainsFunc(operation.Routes, func(to client.Route) bool {
			return r.Method == to.Method && pattern(to.Path).MatchString(r.URL.Path)
		}) {
			own.Add(1)
		}
	}
	switch {
	case f.transport != nil:
		return "https://robutler.test", own.Load
	case f.handler == nil:
		server := faultnet.Start(t, f.network)
		server.OnRequest = func(r *http.Request) {
			count(r)
			if f.network == faultnet.Stall || f.network == faultnet.Drip {
				expire()
			}
		}
		if f.network == faultnet.CloseAtOnce {
			return server.URL(), server.Connections.Load
		}
		return server.URL(), own.Load
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		count(r)
		f.handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, own.Load
}

// refusing connects to a port that nobody listens on.
func refusing(*testing.T) http.RoundTripper { return dialing("127.0.0.1:1") }

// hostless finds no host.
func hostless(*testing.T) http.RoundTripper {
	return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "nowhere.invalid", IsNotFound: true}}
	}}
}

// distrusting connects to a server whose certificate nobody has signed.
func distrusting(t *testing.T) http.RoundTripper {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came through") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return dialing(server.Listener.Addr().String())
}

func dialing(address string) http.RoundTripper {
	return &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
}

// endless answers for as long as somebody reads.
func endless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	block := []byte(strings.Repeat(" ", 1<<20))
	for {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}
