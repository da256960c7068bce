package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// httpRun is a server on a loopback port.
type httpRun struct {
	t     testing.TB
	base  string
	host  string
	stop  context.CancelFunc
	ended chan error
	web   *http.Client
}

func startHTTP(t testing.TB, s *Server, o HTTPOptions) *httpRun {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	host := listener.Addr().String()
	run := &httpRun{t: t, base: "http://" + host, host: host, stop: stop, ended: make(chan error, 1),
		web: &http.Client{Transport: &http.Transport{}}}
	go func() { run.ended <- s.ServeListener(ctx, listener, o) }()
	t.Cleanup(func() {
		run.web.CloseIdleConnections()
		run.end()
	})
	return run
}

// end ends the server; later calls do nothing.
func (r *httpRun) end() {
	r.t.Helper()
	r.stop()
	if err := receive(r.t, r.ended, "the end of the HTTP server"); err != nil {
		r.t.Errorf("ServeListener: %v", err)
	}
	r.ended <- nil
}

// do sends a request; headers are given as "Name: value".
func (r *httpRun) do(method, path, body string, headers ...string) *http.Response {
	r.t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(r.t.Context()), method, r.base+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			request.Host = value
			continue
		}
		request.Header.Set(name, value)
	}
	response, err := r.web.Do(request)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	r.t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// text reads a whole answer.
func text(t testing.TB, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

const initializeLine = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",` +
	`"capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`

// session opens a session and gives its header.
func (r *httpRun) session(headers ...string) string {
	r.t.Helper()
	response := r.do(http.MethodPost, "/mcp", initializeLine, headers...)
	id := response.Header.Get("Mcp-Session-Id")
	if response.StatusCode != http.StatusOK || id == "" {
		r.t.Fatalf("initialize: status %d, session %q", response.StatusCode, id)
	}
	text(r.t, response)
	return "Mcp-Session-Id: " + id
}

const modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`

func modernCall(id, tool string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":%q,"arguments":{"text":"a"},%s}}`,
		id, tool, modernMeta)
}

func modernHeaders(tool string) []string {
	return []string{"Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: " + tool}
}

// sseRun is an SSE stream, read in raw events.
type sseRun struct {
	run      *httpRun
	endpoint string
	response *http.Response
	events   *bufio.Scanner
}

// sse opens a stream.
func (r *httpRun) sse(headers ...string) *sseRun {
	r.t.Helper()
	response := r.do(http.MethodGet, "/sse", "", headers...)
	stream := &sseRun{run: r, response: response, events: bufio.NewScanner(response.Body)}
	stream.endpoint = stream.data()
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(stream.endpoint, "/message?sessionId=") {
		r.t.Fatalf("status %d, endpoint %q", response.StatusCode, stream.endpoint)
	}
	return stream
}

// data gives what the next event holds; nothing at the end.
func (s *sseRun) data() string {
	for s.events.Scan() {
		if data, ok := strings.CutPrefix(s.events.Text(), "data:"); ok {
			return strings.TrimSpace(data)
		}
	}
	return ""
}

func (s *sseRun) next() rpcAnswer {
	s.run.t.Helper()
	return parseAnswer(s.run.t, []byte(s.data()))
}

func (s *sseRun) post(message string) int {
	s.run.t.Helper()
	response := s.run.do(http.MethodPost, s.endpoint, message)
	text(s.run.t, response)
	return response.StatusCode
}

// awaitEnd reads to the end of the stream.
func (s *sseRun) awaitEnd() {
	s.run.t.Helper()
	if data := s.data(); data != "" {
		s.run.t.Errorf("the stream goes on: %s", data)
	}
}
