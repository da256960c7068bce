package server

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// lingering is a tool whose call takes a while to notice that it was given up.
func lingering(started chan<- struct{}, lingers time.Duration, over chan<- struct{}) tools.Tool {
	spec := tools.Spec{Name: "linger", Title: "Linger", Description: "Lingers.", Toolset: tools.ToolsetAgents, Class: client.Read}
	return tools.Define(spec, func(ctx context.Context, in echoInput) (echoOutput, error) {
		started <- struct{}{}
		<-ctx.Done()
		time.Sleep(lingers) // the bubble's time
		over <- struct{}{}
		return echoOutput(in), ctx.Err()
	})
}

// The owner closes what calls use when the server has ended: those that were given up get a second to notice.
func TestGivenUpCallsEndBeforeTheServer(t *testing.T) {
	for name, lingers := range map[string]time.Duration{"soon": stragglerTime / 2, "late": 2 * stragglerTime} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { endWhileLingering(t, lingers) })
		})
	}
}

func endWhileLingering(t *testing.T, lingers time.Duration) {
	t.Helper()
	started, over := make(chan struct{}, 1), make(chan struct{}, 1)
	s, err := New(Options{Version: "1", Catalog: collect(t, lingering(started, lingers, over))})
	if err != nil {
		t.Fatal(err)
	}
	listener := newPipeListener()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.ServeListener(ctx, listener, HTTPOptions{}) }()
	run := &pipeRun{t: t, listener: listener, started: time.Now(), stop: stop}
	conn := run.dial()
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	go func() {
		_, _ = io.WriteString(conn, requestOf(routeMCP, modernCall("1", "linger"), modernHeaders("linger")...))
	}()
	<-started
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if waited := len(over) == 1; waited != (lingers < stragglerTime) {
		t.Errorf("the call has ended before the server: %v", waited)
	}
	time.Sleep(2 * lingers) // the bubble ends with its last goroutine
}

// An SSE call runs on when its POST has been answered, and counts until it has ended.
func TestSSECallsCountAsHandled(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	if status := stream.post(callLine("1", "stubborn", `{"text":"a"}`)); status != http.StatusAccepted {
		t.Fatalf("status %d", status)
	}
	receive(t, f.started, "the call")
	_ = stream.response.Body.Close()
	for { // the stream's own handler ends now
		s.handling.mu.Lock()
		running := s.handling.running
		s.handling.mu.Unlock()
		if running <= 1 {
			break
		}
		runtime.Gosched()
	}
	none := s.handling.none()
	select {
	case <-none:
		t.Error("the call does not count")
	default:
	}
	close(f.release)
	receive(t, none, "the end of the call")
}

// What is told of the requests that are worked on leaves out the streams, which do nothing but wait.
func TestStreamsAreNotWorkedOn(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	var working atomic.Int64
	s.handling.working = func(requests int) { working.Store(int64(requests)) }
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	listening := run.do(http.MethodPost, "/mcp", listenLine, "Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: subscriptions/listen")
	defer func() { _ = listening.Body.Close() }()
	awaitWorking(t, &working, 0)
	if status := stream.post(callLine("1", "stubborn", `{"text":"a"}`)); status != http.StatusAccepted {
		t.Fatalf("status %d", status)
	}
	receive(t, f.started, "the call")
	awaitWorking(t, &working, 1)
	close(f.release)
	awaitWorking(t, &working, 0)
}

func awaitWorking(t *testing.T, working *atomic.Int64, want int64) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); working.Load() != want; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d requests are worked on, want %d", working.Load(), want)
		}
	}
}
