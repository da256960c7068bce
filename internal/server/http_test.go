package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

func TestHTTPRefusals(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	large := strings.Repeat(" ", maxMessage+1)
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	tests := []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		allow                    string
	}{
		{"method of /mcp", "PUT", "/mcp", "", nil, 405, "POST, GET, DELETE"},
		{"HEAD of /mcp", "HEAD", "/mcp", "", nil, 405, "POST, GET, DELETE"},
		{"OPTIONS of /mcp", "OPTIONS", "/mcp", "", nil, 204, "POST, GET, DELETE"},
		{"OPTIONS of /sse", "OPTIONS", "/sse", "", nil, 204, "GET"},
		{"OPTIONS of /healthz", "OPTIONS", "/healthz", "", nil, 204, "GET, HEAD"},
		{"OPTIONS of nowhere", "OPTIONS", "/nowhere", "", nil, 404, ""},
		{"HEAD of /healthz", "HEAD", "/healthz", "", nil, 200, ""},
		{"method of /sse", "POST", "/sse", ping, nil, 405, "GET"},
		{"method of /message", "GET", "/message", "", nil, 405, "POST"},
		{"method of /healthz", "POST", "/healthz", "", nil, 405, "GET, HEAD"},
		{"method of /readyz", "DELETE", "/readyz", "", nil, 405, "GET, HEAD"},
		{"modern GET", "GET", "/mcp", "", []string{"Mcp-Protocol-Version: 2026-07-28"}, 405, "POST"},
		{"modern DELETE", "DELETE", "/mcp", "", []string{"Mcp-Protocol-Version: 2026-07-28"}, 405, "POST"},
		{"body of /mcp", "POST", "/mcp", large, nil, 413, ""},
		{"form", "POST", "/mcp", ping, []string{"Content-Type: text/plain"}, 415, ""},
		{"no type", "POST", "/mcp", ping, []string{"Content-Type: "}, 415, ""},
		{"charset", "POST", "/mcp", ping, []string{"Content-Type: application/json; charset=utf-8", session}, 200, ""},
		{"batch", "POST", "/mcp", "[" + ping + "]", []string{session}, 400, ""},
		{"not JSON", "POST", "/mcp", "{", []string{session}, 400, ""},
		{"params in a list", "POST", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}`, []string{session}, 400, ""},
		{"no session", "POST", "/mcp", ping, nil, 400, ""},
		{"no session to listen", "GET", "/mcp", "", nil, 400, ""},
		{"no session to end", "DELETE", "/mcp", "", nil, 400, ""},
		{"forged session", "POST", "/mcp", ping, []string{"Mcp-Session-Id: mcp-session-5a0bd6f0-6d9c-4c64-9b6e-3c0a5d1f7a11"}, 404, ""},
		{"forged session to listen", "GET", "/mcp", "", []string{"Mcp-Session-Id: forged"}, 404, ""},
		{"forged session to end", "DELETE", "/mcp", "", []string{"Mcp-Session-Id: forged"}, 404, ""},
		{"forged SSE session", "POST", "/message?sessionId=forged", ping, nil, 404, ""},
		{"no SSE session", "POST", "/message", ping, nil, 404, ""},
		{"cancel without a session", "POST", "/mcp", cancelLine(`{"requestId":1}`), nil, 202, ""},
		{"nowhere", "GET", "/", "", nil, 404, ""},
		{"unclean path", "GET", "//mcp", "", nil, 404, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response := run.do(test.method, test.path, test.body, test.headers...)
			body := text(t, response)
			if response.StatusCode != test.status || response.Header.Get("Allow") != test.allow {
				t.Errorf("status %d, Allow %q: %s", response.StatusCode, response.Header.Get("Allow"), body)
			}
			if test.status >= 400 && response.Header.Get("Content-Type") != "application/json" {
				t.Errorf("the refusal is not JSON: %s", body)
			}
			checkHeaders(t, response)
		})
	}
}

// A body whose length is not told ahead must be cut while it comes in.
func TestHTTPRefusesAStreamedBody(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	for _, path := range []string{"/mcp", stream.endpoint} {
		body := io.MultiReader(strings.NewReader(strings.Repeat(" ", maxMessage)), strings.NewReader(" "))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, run.base+path, body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := run.web.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text(t, response)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
	}
}

func TestHTTPDeletedSessionIsGone(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	listening := run.do(http.MethodGet, "/mcp", "", session)
	if listening.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("headers of the stream: %v", listening.Header)
	}
	checkHeaders(t, listening)
	if response := run.do(http.MethodDelete, "/mcp", "", session); response.StatusCode != http.StatusOK {
		t.Fatalf("DELETE: %d", response.StatusCode)
	}
	text(t, listening) // ends with the session, or the test hangs
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
		response := run.do(method, "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, session)
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", method, response.StatusCode)
		}
	}
}

func TestHTTPSessionsAreBounded(t *testing.T) {
	open := newSessions(t.Context(), systemClock{}, slog.New(slog.DiscardHandler))
	transport := &streamable{sessions: open, closing: t.Context()}
	for range maxSessions {
		if _, ok := open.begin(t.Context()); !ok {
			t.Fatal("a new session is not open")
		}
	}
	recorder := newRecorder()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/mcp", strings.NewReader(initializeLine))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	transport.serve(recorder, request)
	if recorder.Code != http.StatusServiceUnavailable || recorder.Header().Get("Retry-After") == "" {
		t.Errorf("status %d", recorder.Code)
	}
}

// A session that was opened while the server was told to end has a stream that ends, too.
func TestSessionsEndWithTheServer(t *testing.T) {
	life, end := context.WithCancel(t.Context())
	open := newSessions(life, systemClock{}, slog.New(slog.DiscardHandler))
	session, ok := open.begin(t.Context())
	end()
	if !ok || session.ctx.Err() == nil {
		t.Error("the session goes on")
	}
}

// A client of the 2026 revision must not be able to cancel the call of another one.
func TestHTTPClientsCannotCancelEachOther(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{})
	answer := make(chan string, 1)
	go func() {
		answer <- text(t, run.do(http.MethodPost, "/mcp", modernCall("1", "wait"), modernHeaders("wait")...))
	}()
	receive(t, f.started, "the call")
	for _, headers := range [][]string{nil, {"Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: " + string(mcp.MethodNotificationCancelled)}} {
		response := run.do(http.MethodPost, "/mcp", cancelLine(`{"requestId":1,`+modernMeta+`}`), headers...)
		if response.StatusCode != http.StatusAccepted {
			t.Errorf("status %d", response.StatusCode)
		}
	}
	close(f.release)
	if got := receive(t, answer, "the answer"); !strings.Contains(got, `"structuredContent":{"text":"a"}`) {
		t.Errorf("got %s", got)
	}
}

func TestHTTPDisconnectCancelsTheCall(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{})
	ctx, leave := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, run.base+"/mcp", strings.NewReader(modernCall("1", "wait")))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range append(modernHeaders("wait"), "Content-Type: application/json") {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	left := make(chan struct{})
	go func() {
		defer close(left)
		if response, err := run.web.Do(request); err == nil {
			_ = response.Body.Close()
		}
	}()
	receive(t, f.started, "the call")
	leave()
	receive(t, f.givenUp, "the end of the call")
	<-left
}

// A call that runs when the server is told to end is answered; every stream ends.
func TestHTTPShutdownDrains(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{})
	listening := run.do(http.MethodGet, "/mcp", "", run.session())
	stream, busy := run.sse(), run.sse()
	busy.post(callLine("5", "wait", `{"text":"sse"}`))
	receive(t, f.started, "the SSE call")
	answer := make(chan string, 1)
	go func() {
		answer <- text(t, run.do(http.MethodPost, "/mcp", modernCall("1", "wait"), modernHeaders("wait")...))
	}()
	receive(t, f.started, "the call")
	run.stop()
	text(t, listening)
	stream.awaitEnd()
	close(f.release)
	if got := receive(t, answer, "the answer"); !strings.Contains(got, `"structuredContent":{"text":"a"}`) {
		t.Errorf("got %s", got)
	}
	if got := busy.next(); !strings.Contains(string(got.Result), `"text":"sse"`) {
		t.Errorf("got %+v", got)
	}
	busy.awaitEnd()
	run.end()
}

func TestHTTPShutdownGivesUpCallsThatDoNotEnd(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	s.drain = 1
	run := startHTTP(t, s, HTTPOptions{})
	busy := run.sse()
	busy.post(callLine("5", "wait", `{"text":"sse"}`))
	receive(t, f.started, "the call")
	run.end()
	receive(t, f.givenUp, "the end of the call")
}

func TestHTTPReportsAListenerThatFails(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	if err := s.ServeListener(t.Context(), brokenListener{}, HTTPOptions{}); err == nil {
		t.Error("no error")
	}
	if err := s.ServeListener(t.Context(), brokenListener{}, HTTPOptions{AllowedHosts: []string{"*"}}); err == nil {
		t.Error("no error")
	}
}
