package server

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// brokenListener fails at once.
type brokenListener struct{}

func (brokenListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (brokenListener) Close() error              { return nil }
func (brokenListener) Addr() net.Addr            { return &net.TCPAddr{} }

// A web page must neither read the stream nor send without asking: either alone would do, both are closed.
func TestSSEDriveByIsClosed(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	checkHeaders(t, stream.response)
	if stream.response.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("headers: %v", stream.response.Header)
	}
	call := callLine("1", "pay", `{"text":"a"}`)
	for status, headers := range map[int][]string{
		http.StatusForbidden:            {"Origin: https://evil.example"},
		http.StatusUnsupportedMediaType: {"Content-Type: text/plain"},
	} {
		if response := run.do(http.MethodPost, stream.endpoint, call, headers...); response.StatusCode != status {
			t.Errorf("%v: status %d", headers, response.StatusCode)
		}
	}
	if response := run.do(http.MethodGet, "/sse", "", "Origin: https://evil.example"); response.StatusCode != http.StatusForbidden {
		t.Errorf("GET /sse: status %d", response.StatusCode)
	}
}

func TestSSEAnswersOnTheStream(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	for _, id := range []string{`1`, `"a"`, `9007199254740993`} {
		if status := stream.post(callLine(id, "echo", `{"text":"`+strings.Trim(id, `"`)+`"}`)); status != http.StatusAccepted {
			t.Errorf("status %d", status)
		}
		if answer := stream.next(); string(answer.ID) != id || answer.Error != nil {
			t.Errorf("got %+v", answer)
		}
	}
}

func TestSSERefusesBadMessages(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	stream.post(callLine("1", "wait", `{"text":"a"}`))
	receive(t, f.started, "the call")
	for message, status := range map[string]int{
		`{`:                         http.StatusBadRequest,
		`[]`:                        http.StatusBadRequest,
		callLine("1", "echo", `{}`): http.StatusBadRequest, // the id is in use
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":[]}`:      http.StatusBadRequest,
		`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no ping"}}`: http.StatusAccepted,
	} {
		if got := stream.post(message); got != status {
			t.Errorf("%s: status %d", message, got)
		}
	}
	close(f.release)
	if answer := stream.next(); !strings.Contains(string(answer.Result), `"text":"a"`) {
		t.Errorf("got %+v", answer)
	}
}

func TestSSEBoundsCallsAndStreams(t *testing.T) {
	f := newFakes()
	f.started = make(chan string, maxStreamCalls)
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	for i := range maxStreamCalls {
		if status := stream.post(callLine(strconv.Itoa(i), "wait", `{"text":"a"}`)); status != http.StatusAccepted {
			t.Fatalf("call %d: status %d", i, status)
		}
	}
	if status := stream.post(callLine("-1", "wait", `{"text":"a"}`)); status != http.StatusTooManyRequests {
		t.Errorf("status %d", status)
	}
	close(f.release)

	fillStreams(t, s)
}

func fillStreams(t *testing.T, s *Server) {
	t.Helper()
	transport := s.newEvents()
	for i := range maxStreams {
		transport.streams[strconv.Itoa(i)] = &stream{}
	}
	recorder := newRecorder()
	transport.serveStream(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/sse", http.NoBody))
	if recorder.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", recorder.Code)
	}
}

func TestSSEDisconnectCancelsTheCall(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	stream.post(callLine("1", "wait", `{"text":"a"}`))
	receive(t, f.started, "the call")
	_ = stream.response.Body.Close()
	receive(t, f.givenUp, "the end of the call")
}

// TestSSEWantsNoHeadersOfStreamableHTTP posts as the npm clients do: a message of the 2026 revision that names its
// version in the header too, without the other headers of that transport.
func TestSSEWantsNoHeadersOfStreamableHTTP(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	message := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"},"_meta":{` +
		`"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
	response := run.do(http.MethodPost, stream.endpoint, message, "MCP-Protocol-Version: 2026-07-28")
	if response.StatusCode != http.StatusAccepted {
		t.Fatalf("status %d", response.StatusCode)
	}
	if answer := stream.next(); answer.Error != nil || !strings.Contains(string(answer.Result), `"text":"a"`) {
		t.Errorf("got %+v", answer)
	}
}
