package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// pipeRecorder takes an answer that goes on, and tells once its header is out.
type pipeRecorder struct {
	*httptest.ResponseRecorder
	begun chan struct{}
}

func newPipeRecorder() *pipeRecorder {
	return &pipeRecorder{ResponseRecorder: newRecorder(), begun: make(chan struct{}, 1)}
}

// Flush tells of the first part of the answer.
func (p *pipeRecorder) Flush() {
	select {
	case p.begun <- struct{}{}:
	default:
	}
}

// Sessions that nobody uses, and streams that nobody ends, take little and end by themselves. The clock is the bubble's.
func TestIdleSessionsExpire(t *testing.T) {
	const clients = 1000
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestServer(t, newFakes())
		closing, stop := context.WithCancel(t.Context())
		transport := s.newStreamable(closing, false)
		before, routines := heap(), runtime.NumGoroutine()
		listening, hangUp := context.WithCancel(t.Context())
		ids := make([]string, clients)
		for i := range ids {
			opened := newRecorder()
			transport.serve(opened, post(t.Context(), initializeLine))
			ids[i] = opened.Header().Get("Mcp-Session-Id")
			if i%2 == 1 {
				continue // idle
			}
			request := httptest.NewRequestWithContext(listening, http.MethodGet, "/mcp", http.NoBody)
			request.Header.Set("Mcp-Session-Id", ids[i])
			stream := newPipeRecorder()
			go transport.serve(stream, request)
			<-stream.begun
		}
		grown := heap() - before
		t.Logf("%d sessions, half of them with a stream: %d KiB, %d goroutines", clients, grown>>10, runtime.NumGoroutine()-routines)
		if grown > 20<<20 {
			t.Errorf("%d sessions take %d MiB", clients, grown>>20)
		}
		time.Sleep(2 * sessionTTL)
		if open := transport.sessions.size(); open != clients/2 {
			t.Errorf("%d sessions are open, of which %d have a stream", open, clients/2)
		}
		hangUp()
		time.Sleep(2 * sessionTTL)
		if open := transport.sessions.size(); open != 0 {
			t.Errorf("%d sessions are left", open)
		}
		if status := listTools(t, transport, ids[0]); status != http.StatusNotFound {
			t.Errorf("an expired session: status %d", status)
		}
		if left := transport.listeners.size(); left != 0 {
			t.Errorf("%d streams are left", left)
		}
		stop()
		if err := transport.shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if left := runtime.NumGoroutine() - routines; left > 0 {
			t.Errorf("%d goroutines are left", left)
		}
	})
}

// size tells how many streams are open.
func (l *listeners) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

func heap() int64 {
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	return int64(memory.HeapAlloc)
}

func listTools(t *testing.T, transport *streamable, session string) int {
	t.Helper()
	recorder := newRecorder()
	transport.serve(recorder, post(t.Context(), toolsListLine, "Mcp-Session-Id: "+session))
	return recorder.Code
}

// Clients that come and go without a word leave nothing: the goroutines of this test's server end with it, which
// TestMain sees, and its tables are empty before.
func TestStreamsLeaveNothing(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	var transports struct {
		events *events
		mcp    *streamable
	}
	closing, stop := context.WithCancel(t.Context())
	transports.events, transports.mcp = s.newEvents(), s.newStreamable(closing, false)
	web := httptest.NewServer(route(map[string]http.HandlerFunc{
		routeMCP: transports.mcp.serve, routeSSE: transports.events.serveStream, routeMessage: transports.events.serveMessage,
	}))
	defer func() {
		web.CloseClientConnections()
		web.Close()
		stop()
		_ = transports.mcp.shutdown(context.Background())
	}()
	run := &httpRun{t: t, base: web.URL, web: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	session := run.session()
	for range 200 {
		stream := run.sse()
		stream.post(callLine("1", "echo", `{"text":"a"}`))
		_ = stream.response.Body.Close()
		listening := run.do(http.MethodGet, "/mcp", "", session)
		for listening.StatusCode == http.StatusTooManyRequests { // the last ones are still ending
			runtime.Gosched()
			listening = run.do(http.MethodGet, "/mcp", "", session)
		}
		_ = listening.Body.Close()
	}
	for deadline := time.Now().Add(patience); ; runtime.Gosched() {
		transports.events.mu.Lock()
		streams := len(transports.events.streams)
		transports.events.mu.Unlock()
		streams += transports.mcp.listeners.size()
		if streams == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d streams are left", streams)
		}
	}
	s.readers.mu.Lock()
	defer s.readers.mu.Unlock()
	if left := len(s.readers.sessions); left > 0 {
		t.Errorf("%d sessions are remembered", left)
	}
}
