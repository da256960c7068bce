package soak

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	// rate is how many calls are due in a second.
	rate = 200
	// callsPerSession is how long a session lasts. Of so many sessions one is left without a goodbye.
	callsPerSession, abandonedEvery = 60, 50
	// paymentEvery makes one of so many calls a payment, which takes two.
	paymentEvery = 200
	token        = "e687a3cb-07e6-5515-921a-7a341ea8858e"
)

// load are the clients of a server. Calls fall due at a fixed rate; a client that is behind makes its calls wait, and
// their time counts from when they were due.
type load struct {
	address string
	due     []chan time.Time // of each client
	end     context.CancelFunc
	working sync.WaitGroup

	mu     sync.Mutex
	minute counts
	total  counts
}

// counts is what came of calls.
type counts struct {
	calls, failed, opened int
	times                 []time.Duration
	example               string // of a failure
}

// at gives the time within which so many of a hundred calls were answered.
func (c *counts) at(percent int) time.Duration {
	if len(c.times) == 0 {
		return 0
	}
	slices.Sort(c.times)
	return c.times[max(len(c.times)*percent/100-1, 0)]
}

func startLoad(t *testing.T, address string) *load {
	t.Helper()
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	l := &load{address: address, end: end}
	for i := range 20 {
		// Two in five know sessions, two in five the revision without, and one in five speaks SSE.
		kind := []string{"2025-11-25", "2026-07-28", "sse", "2025-11-25", "2026-07-28"}[i%5]
		due := make(chan time.Time, 10*rate)
		l.due = append(l.due, due)
		l.working.Go(func() { l.work(ctx, i, kind, due) })
	}
	l.working.Go(func() { l.schedule(ctx) })
	t.Cleanup(func() { l.stop() })
	return l
}

// schedule lets calls fall due, to one client after the other.
func (l *load) schedule(ctx context.Context) {
	began := time.Now()
	for i := 0; ; i++ {
		due := began.Add(time.Duration(i) * time.Second / rate)
		select {
		case <-ctx.Done():
			for _, client := range l.due {
				close(client)
			}
			return
		case <-time.After(time.Until(due)):
		}
		select {
		case l.due[i%len(l.due)] <- due:
		default:
			l.note(due, fmt.Errorf("the clients are %d calls behind", 10*rate))
		}
	}
}

// work is the life of a client: session after session, one call after the other.
func (l *load) work(ctx context.Context, number int, kind string, due <-chan time.Time) {
	made := 0
	for session := 0; ; session++ {
		opened, err := l.open(ctx, kind)
		if ctx.Err() != nil {
			return
		}
		l.noteOpened()
		for left := callsPerSession + number; left > 0; left-- { // not all at once
			at, more := <-due
			if !more {
				_ = opened.close()
				return
			}
			if err == nil {
				made++
				err = opened.call(ctx, number, made)
			}
			if ctx.Err() == nil {
				l.note(at, err)
			}
			if err != nil {
				break
			}
		}
		if opened != nil && session%abandonedEvery != abandonedEvery-1 {
			_ = opened.close() // a server that fails to end a session shows it in its memory
		}
	}
}

func (l *load) note(due time.Time, err error) {
	took := time.Since(due)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.minute.calls++
	l.minute.times = append(l.minute.times, took)
	if err != nil {
		l.minute.failed++
		l.minute.example = err.Error()
	}
}

func (l *load) noteOpened() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.minute.opened++
}

// count gives what came of the calls since it was asked last.
func (l *load) count() counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	minute := l.minute
	l.minute = counts{times: make([]time.Duration, 0, 60*rate+rate)}
	l.total.calls += minute.calls
	l.total.failed += minute.failed
	l.total.opened += minute.opened
	if minute.example != "" {
		l.total.example = minute.example
	}
	return minute
}

// stop ends the load and gives what came of all calls.
func (l *load) stop() counts {
	l.end()
	l.working.Wait()
	l.count()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

// open connects a client of a kind: a revision over Streamable HTTP, or sse.
func (l *load) open(ctx context.Context, kind string) (*connection, error) {
	var transport mcp.Transport = &mcp.StreamableClientTransport{Endpoint: "http://" + l.address + "/mcp"}
	version := kind
	if kind == "sse" {
		transport, version = &mcp.SSEClientTransport{Endpoint: "http://" + l.address + "/sse"}, "2025-11-25"
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "soak", Version: "1"}, nil)
	session, err := client.Connect(ctx, transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		return nil, fmt.Errorf("connect (%s): %w", kind, err)
	}
	return &connection{session: session, kind: kind}, nil
}
