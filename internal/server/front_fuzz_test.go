package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

// front is the HTTP front without a network, with an open session and an open stream.
type front struct {
	handler         http.Handler
	session, stream string
	events          chan []byte // what the stream carries
}

// eventRecorder gives on what is written to a stream.
type eventRecorder struct {
	*httptest.ResponseRecorder
	events chan []byte
}

// Write writes one event.
func (e *eventRecorder) Write(p []byte) (int, error) {
	e.events <- bytes.Clone(p)
	return len(p), nil
}

func newFront(f *testing.F, stateless bool) *front {
	f.Helper()
	echo := newFakes().all()[0]
	s, err := New(Options{Catalog: collect(f, echo), Version: "1"})
	if err != nil {
		f.Fatal(err)
	}
	opened := &front{events: make(chan []byte, 64)}
	var shutdown func(context.Context) error
	if opened.handler, shutdown, err = s.HTTPHandler(HTTPOptions{Stateless: stateless, AllowedOrigins: []string{"https://app.example"}}); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = shutdown(context.Background()) })
	initialized := newRecorder()
	opened.handler.ServeHTTP(initialized, post(context.Background(), initializeLine))
	opened.session = initialized.Header().Get("Mcp-Session-Id")
	if stateless {
		return opened
	}
	ctx, hangUp := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		request := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/sse", http.NoBody)
		opened.handler.ServeHTTP(&eventRecorder{newRecorder(), opened.events}, request)
	}()
	f.Cleanup(func() { hangUp(); <-ended })
	_, endpoint, _ := strings.Cut(string(receive(f, opened.events, "the endpoint")), "sessionId=")
	opened.stream = strings.TrimSpace(endpoint)
	return opened
}

// request reads a request as net/http does. @session and @stream stand for what is open.
func (o *front) request(ctx context.Context, method, target, headers, body string) (*http.Request, bool) {
	fill := strings.NewReplacer("@session", o.session, "@stream", o.stream, "\n", "\r\n")
	head := method + " " + fill.Replace(target) + " HTTP/1.1\r\n" + fill.Replace(headers) + "\r\n\r\n"
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
	if err != nil {
		return nil, false
	}
	request.Body, request.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return request.WithContext(ctx), true
}

// hangingUp is a client that hangs up on a stream as soon as it has begun.
type hangingUp struct {
	*httptest.ResponseRecorder
	hangUp context.CancelFunc
}

// Flush is what begins a stream.
func (h *hangingUp) Flush() { h.hangUp() }

// Whatever comes in is answered, once, and in JSON when it is refused.
func FuzzHTTPFront(f *testing.F) {
	local, jsonType := "Host: 127.0.0.1\n", "Content-Type: application/json\n"
	call := callLine("7", "echo", `{"text":"a"}`)
	for _, seed := range [][4]string{
		{"POST", "/mcp", local + jsonType + "Mcp-Session-Id: @session", call},
		{"POST", "/mcp", local + jsonType, initializeLine},
		{"POST", "/mcp", local + jsonType, `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo","arguments":{"text":"a"}}}`},
		{"POST", "/mcp", local + jsonType + "Mcp-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\nMcp-Name: echo", modernCall(`"a"`, "echo")},
		{"POST", "/mcp", local + jsonType + "Mcp-Protocol-Version: 1999-01-01\nMcp-Session-Id: @session", call},
		{"POST", "/mcp", local + jsonType + "Mcp-Session-Id: @session\nX-MCP-Readonly: true\nAccept: text/event-stream",
			`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"b"},"_meta":{"progressToken":1}}}`},
		{"POST", "/mcp", local + jsonType + "Mcp-Session-Id: @session", `{"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}`},
		{"POST", "/mcp", local + jsonType + "Mcp-Session-Id: @session", `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"robutler://x"}}`},
		{"POST", "/mcp", local + jsonType + "Mcp-Method: subscriptions/listen\nMcp-Protocol-Version: 2026-07-28", listenLine},
		{"POST", "/message?sessionId=@stream", local + jsonType, call},
		{"POST", "/message?sessionId=@stream", local + jsonType, cancelLine(`{"requestId":7}`)},
		{"POST", "/mcp", local + jsonType + "Mcp-Session-Id: @session", `{"jsonrpc":"2.0","id":3,"method":"` + string(mcp.MethodNotificationCancelled) + `","params":{"requestId":7}}`},
		{"POST", "/mcp", local + jsonType, `{"jsonrpc":"2.0","id":3,"method":"` + string(mcp.MethodNotificationCancelled) + `","params":{` + modernMeta + `}}`},
		{"GET", "/mcp", local + "Mcp-Session-Id: @session\nLast-Event-ID: 1", ""},
		{"GET", "/sse", local, ""}, {"GET", "/readyz", local, ""}, {"HEAD", "/healthz", local, ""}, {"DELETE", "/mcp", local + "Mcp-Session-Id: x", ""},
		{"OPTIONS", "/mcp", local + "Origin: https://app.example\nAccess-Control-Request-Method: POST", ""},
		{"POST", "/mcp", "Host: evil.example\nOrigin: https://evil.example\n" + jsonType, call},
		{"PUT", "/%2e%2e/mcp", local, "\xff"},
	} {
		f.Add(false, seed[0], seed[1], seed[2], seed[3])
		f.Add(true, seed[0], seed[1], seed[2], seed[3])
	}
	fronts := map[bool]*front{false: newFront(f, false), true: newFront(f, true)}
	f.Fuzz(func(t *testing.T, stateless bool, method, target, headers, body string) {
		opened := fronts[stateless]
		ctx, hangUp := context.WithCancel(t.Context())
		defer hangUp()
		request, ok := opened.request(ctx, method, target, headers, body)
		if !ok || (method == http.MethodDelete && strings.Contains(headers, "@session")) {
			t.Skip()
		}
		recorder := newRecorder()
		var w http.ResponseWriter = recorder
		if method == http.MethodGet {
			w = &hangingUp{recorder, hangUp}
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			opened.handler.ServeHTTP(w, request)
		}()
		receive(t, ended, "the end of the request")
		checkAnswer(t, recorder, body)
		if m, refusal := parseMessage([]byte(body)); recorder.Code == http.StatusAccepted && refusal == nil && m.isRequest() {
			if request.URL.Path != routeMessage {
				t.Fatalf("a request is answered with 202: %s", body)
			}
			for !opened.answered(t, m.ID) { // it may be a ping
			}
		}
	})
}

// answered reports whether the next message on the stream answers a request. No other request is under way.
func (o *front) answered(t *testing.T, id json.RawMessage) bool {
	t.Helper()
	event := receive(t, o.events, "the answer on the stream")
	_, data, _ := bytes.Cut(event, []byte("data:"))
	var m message
	if err := json.Unmarshal(data, &m); err != nil || (m.isResponse() && idKey(m.ID) != idKey(id)) {
		t.Fatalf("%s is answered on the stream with %s", id, event)
	}
	return m.isResponse()
}

// checkAnswer checks that a refusal is JSON and that a request that is served has one answer.
func checkAnswer(t *testing.T, recorder *httptest.ResponseRecorder, body string) {
	t.Helper()
	kind, answer := recorder.Header().Get("Content-Type"), recorder.Body.Bytes()
	if recorder.Code >= http.StatusBadRequest {
		if !json.Valid(answer) || kind != "application/json" {
			t.Fatalf("the refusal with status %d is no JSON but %s: %q", recorder.Code, kind, answer)
		}
		return
	}
	m, refusal := parseMessage([]byte(body))
	if recorder.Code != http.StatusOK || refusal != nil || !m.isRequest() || bytes.Contains(answer, []byte(`{"status":"ok"}`)) ||
		bytes.Contains(answer, []byte("event: endpoint")) || len(answer) == 0 {
		return
	}
	if got := answers(t, answer, m.ID); got != 1 {
		t.Fatalf("%s has %d answers: %s", body, got, answer)
	}
}

// answers counts the answers to a request among messages that came as one object or as events.
func answers(t *testing.T, body []byte, id json.RawMessage) (count int) {
	t.Helper()
	for line := range bytes.Lines(body) {
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("data:"))) // keep-alives have no space there
		if !bytes.HasPrefix(line, []byte("{")) {
			continue
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("not JSON: %q", line)
		}
		if m.isResponse() && idKey(m.ID) == idKey(id) {
			count++
		}
	}
	return count
}
