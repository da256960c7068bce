package client_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

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

// serve starts a platform with the fault and counts the writes that reach it. Where the fault is to answer too late, the
// time is up as soon as the request is there.
func (f *matrixFault) serve(t *testing.T, writes *atomic.Int64, expire func()) string {
	t.Helper()
	if f.handler == nil {
		server := faultnet.Start(t, f.network)
		server.OnRequest = func(r *http.Request) {
			if r.Method != http.MethodGet {
				writes.Add(1)
			}
			if f.network == faultnet.Stall || f.network == faultnet.Drip {
				expire()
			}
		}
		return server.URL()
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method != http.MethodGet {
			writes.Add(1)
		}
		f.handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
