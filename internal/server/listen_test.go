package server

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

const listenLine = `{"jsonrpc":"2.0","id":9,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` +
	modernMeta + `}}`

// newListeningServer offers something to listen to, so that listen streams stay open.
func newListeningServer(t *testing.T) (*Server, *syncBuffer) {
	t.Helper()
	s, log := newTestServer(t, newFakes())
	mcpserver.WithToolCapabilities(true)(s.mcp)
	return s, log
}

func awaitAcknowledgement(t *testing.T, line string) {
	t.Helper()
	if !strings.Contains(line, "notifications/subscriptions/acknowledged") {
		t.Fatalf("not acknowledged: %s", line)
	}
}

func TestListenEndsWithTheHTTPServer(t *testing.T) {
	s, log := newListeningServer(t)
	run := startHTTP(t, s, HTTPOptions{})
	response := run.do(http.MethodPost, "/mcp", listenLine, "Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: subscriptions/listen")
	checkHeaders(t, response)
	events := bufio.NewScanner(response.Body)
	for events.Scan() && !strings.HasPrefix(events.Text(), "data:") {
	}
	awaitAcknowledgement(t, events.Text())
	run.stop()
	for events.Scan() { // to the end
	}
	run.end()
	if strings.Contains(log.String(), "calls are given up") {
		t.Error("the stream had to be broken")
	}
}

func TestListenEndsWithTheInput(t *testing.T) {
	s, _ := newListeningServer(t)
	run := startStdio(t, s)
	run.send(listenLine)
	if !run.lines.Scan() {
		t.Fatal("no answer")
	}
	awaitAcknowledgement(t, run.lines.Text())
	_ = run.in.Close()
	if answers := run.rest(); len(answers) != 1 || answers["9"].JSONRPC == "" {
		t.Errorf("got %+v", answers)
	}
	run.end()
}

// Nothing changes while this server runs, so that it has no streams to hold open.
func TestListenToNothingEndsAtOnce(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	run.send(listenLine)
	run.send(`{"jsonrpc":"2.0","id":10,"method":"ping"}`)
	_ = run.in.Close()
	if answers := run.rest(); answers["9"].Result == nil || answers["10"].Result == nil {
		t.Errorf("got %+v", answers)
	}
	run.end()
}

// The library's acknowledgement races with its answer; the client must have the one before the other, and each once.
func TestListenToNothingIsAcknowledgedFirst(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	for range 200 {
		response := run.do(http.MethodPost, "/mcp", listenLine, "Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: subscriptions/listen")
		checkHeaders(t, response)
		body := text(t, response)
		events := strings.Split(strings.TrimSpace(body), "\n\n")
		if len(events) != 2 || !strings.Contains(events[0], `"method":"notifications/subscriptions/acknowledged"`) ||
			!strings.Contains(events[0], `"io.modelcontextprotocol/subscriptionId":9`) || !strings.Contains(events[1], `"result"`) {
			t.Fatalf("%s: %s", response.Header.Get("Content-Type"), body)
		}
		if response.Header.Get("X-Accel-Buffering") != "no" {
			t.Fatal("proxies may hold the events back")
		}
	}
}

// What the library writes is right in one way and wrong in two, by chance: the test takes it through each.
func TestListenWriterAcknowledgesOnce(t *testing.T) {
	const ack, result = `{"method":"notifications/subscriptions/acknowledged"}`, `{"jsonrpc":"2.0","id":1,"result":{}}`
	for name, write := range map[string]func(*listenWriter){
		"an object": func(w *listenWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write([]byte(result + "\n"))
		},
		"an event": func(w *listenWriter) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write(eventOf([]byte(result)))
		},
		"both events": func(w *listenWriter) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write(eventOf([]byte(ack)))
			_, _ = w.Write(eventOf([]byte(result)))
		},
	} {
		recorder := httptest.NewRecorder()
		write(&listenWriter{ResponseWriter: recorder, id: json.RawMessage("1")})
		first, second, _ := strings.Cut(recorder.Body.String(), "\n\n")
		if strings.Count(first, "acknowledged") != 1 || second != string(eventOf([]byte(result))) ||
			recorder.Result().Header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("%s: %q then %q", name, first, second)
		}
	}
}

// A refusal stays what it is.
func TestListenIsRefusedAsJSON(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	response := run.do(http.MethodPost, "/mcp", listenLine, "Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call")
	if body := text(t, response); response.StatusCode != http.StatusBadRequest || !strings.Contains(body, `"error"`) || strings.Contains(body, "data:") {
		t.Errorf("status %d, %s", response.StatusCode, body)
	}
	recorder := httptest.NewRecorder()
	w := &listenWriter{ResponseWriter: recorder}
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write([]byte(`{"error":{}}`)); err != nil || recorder.Body.String() != `{"error":{}}` {
		t.Errorf("%v, %s", err, recorder.Body)
	}
}
