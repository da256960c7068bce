package bench

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

const (
	inFlight = 32
	rounds   = 20
)

// BenchmarkConnections counts the connections that a server opens to the platform while as many calls as inFlight are under
// way at once, over and over: the first time it needs as many, and afterwards none.
func BenchmarkConnections(b *testing.B) {
	for i, name := range []string{"ours", "bare"} {
		b.Run(name+"/http", func(b *testing.B) {
			platform := newCountingPlatform(b)
			server := servers(b, platform.URL)[i]
			calls := make([]func(string) string, inFlight)
			call := dial(b, server, "http")
			for i := range calls {
				calls[i] = call
			}
			for b.Loop() {
				for range rounds {
					platform.round(b, calls)
				}
			}
			b.ReportMetric(float64(platform.opened.Load()), "opened")
			b.ReportMetric(float64(max(0, platform.opened.Load()-inFlight)), "beyond")
		})
	}
}

// countingPlatform answers once as many requests as inFlight are there, and counts connections.
type countingPlatform struct {
	*httptest.Server

	opened atomic.Int64
	mu     sync.Mutex
	there  int
	all    chan struct{} // closed when they are there
}

func newCountingPlatform(b *testing.B) *countingPlatform {
	b.Helper()
	p := &countingPlatform{all: make(chan struct{})}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.await(r)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(smallList())
	}))
	p.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			p.opened.Add(1)
		}
	}
	p.Start()
	b.Cleanup(p.Close)
	return p
}

func (p *countingPlatform) await(r *http.Request) {
	p.mu.Lock()
	p.there++
	all := p.all
	if p.there == inFlight {
		p.there, p.all = 0, make(chan struct{})
		close(all)
	}
	p.mu.Unlock()
	select {
	case <-all:
	case <-r.Context().Done():
	}
}

// round makes each call once, all at once.
func (p *countingPlatform) round(b *testing.B, calls []func(string) string) {
	b.Helper()
	var running sync.WaitGroup
	for i, call := range calls {
		running.Go(func() {
			answer := call(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"list_agents","arguments":{}}}`, i+1))
			if !strings.Contains(answer, "agent-0001") {
				b.Errorf("the answer is %.300s", answer)
			}
		})
	}
	running.Wait()
}
