package server

import (
	"net/http"
	"strings"
	"testing"
)

const toolsListLine = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`

// Without sessions each request stands alone: none is given out, none is asked for, and there is no stream.
func TestStatelessServesEachRequestAlone(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{Stateless: true})
	response := run.do(http.MethodPost, "/mcp", initializeLine)
	if id := response.Header.Get("Mcp-Session-Id"); response.StatusCode != http.StatusOK || id != "" {
		t.Fatalf("initialize: %d, session %q", response.StatusCode, id)
	}
	text(t, response)
	for name, headers := range map[string][]string{
		"no session": nil, "a session of another replica": {"Mcp-Session-Id: 5a0bd6f0"}, "a version": {"Mcp-Protocol-Version: 2025-11-25"},
	} {
		response := run.do(http.MethodPost, "/mcp", callLine("7", "echo", `{"text":"alone"}`), headers...)
		if got := text(t, response); response.StatusCode != http.StatusOK || !strings.Contains(got, `"text":"alone"`) || response.Header.Get("Mcp-Session-Id") != "" {
			t.Errorf("%s: %d %s", name, response.StatusCode, got)
		}
	}
	if got := text(t, run.do(http.MethodPost, "/mcp", modernCall("1", "echo"), modernHeaders("echo")...)); !strings.Contains(got, `"text":"a"`) {
		t.Errorf("the 2026 revision: %s", got)
	}
	for _, refused := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/mcp", 405}, {http.MethodDelete, "/mcp", 405}, {http.MethodGet, "/sse", 404}, {http.MethodPost, "/message?sessionId=a", 404},
	} {
		if response := run.do(refused.method, refused.path, toolsListLine); response.StatusCode != refused.status {
			t.Errorf("%s %s: %d", refused.method, refused.path, response.StatusCode)
		}
	}
	for _, message := range []string{cancelLine(`{"requestId":1}`), `{"jsonrpc":"2.0","id":1,"result":{}}`, `{"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}`} {
		if response := run.do(http.MethodPost, "/mcp", message); response.StatusCode != http.StatusAccepted {
			t.Errorf("%s: %d", message, response.StatusCode)
		}
	}
}

// Clients number their requests alike. None cancels another's call, and each gets its own answer.
func TestStatelessClientsAreApart(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{Stateless: true})
	answers := make(chan string, 2)
	for _, word := range []string{"one", "two"} {
		go func() {
			answers <- word + text(t, run.do(http.MethodPost, "/mcp", callLine("1", "wait", `{"text":"`+word+`"}`)))
		}()
		receive(t, f.started, "the call")
	}
	text(t, run.do(http.MethodPost, "/mcp", cancelLine(`{"requestId":1}`)))
	close(f.release)
	for range 2 {
		got := receive(t, answers, "an answer")
		if word := got[:3]; !strings.Contains(got, `"text":"`+word+`"`) {
			t.Errorf("got %s", got)
		}
	}
}

// Nothing is remembered of a request: no session, and nobody who has read what others wrote.
func TestStatelessRemembersNothing(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{Stateless: true})
	for range 50 {
		text(t, run.do(http.MethodPost, "/mcp", initializeLine))
		text(t, run.do(http.MethodPost, "/mcp", callLine("7", "echo", `{"text":"alone"}`)))
	}
	s.readers.mu.Lock()
	defer s.readers.mu.Unlock()
	if len(s.readers.sessions) > 0 {
		t.Errorf("%d sessions are remembered", len(s.readers.sessions))
	}
}
