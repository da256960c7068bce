package server

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// A session may be listened to more than once, and what one stream does is nothing to another.
func TestASessionMayHaveSeveralStreams(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	session, other := run.session(), run.session()
	var streams []*http.Response
	for i := range maxListeners {
		stream := run.do(http.MethodGet, "/mcp", "", session)
		if stream.StatusCode != http.StatusOK {
			t.Fatalf("stream %d: status %d", i, stream.StatusCode)
		}
		streams = append(streams, stream)
	}
	refused := run.do(http.MethodGet, "/mcp", "", session)
	if body := text(t, refused); refused.StatusCode != http.StatusTooManyRequests || refused.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", refused.StatusCode, body)
	}
	if stream := run.do(http.MethodGet, "/mcp", "", other); stream.StatusCode != http.StatusOK {
		t.Errorf("another session: status %d", stream.StatusCode)
	}
	_ = streams[0].Body.Close()
	response := run.do(http.MethodPost, "/mcp", callLine("1", "echo", `{"text":"a"}`), session)
	text(t, response)
	if response.StatusCode != http.StatusOK {
		t.Errorf("the session ended with one of its streams: status %d", response.StatusCode)
	}
	if response := run.do(http.MethodDelete, "/mcp", "", session); response.StatusCode != http.StatusOK {
		t.Errorf("DELETE: status %d", response.StatusCode)
	}
	for _, stream := range streams[1:] {
		text(t, stream) // ends with the session, or the test hangs
	}
}

func TestStreamsAreBoundedOverAllSessions(t *testing.T) {
	open := newListeners()
	var ends []func()
	for i := range maxStreams {
		end, ok := open.begin(newRecorder(), strconv.Itoa(i/maxListeners))
		if !ok {
			t.Fatalf("stream %d is refused", i)
		}
		ends = append(ends, end)
	}
	for _, session := range []string{"one more", ""} {
		recorder := newRecorder()
		if _, ok := open.begin(recorder, session); ok || recorder.Code != http.StatusServiceUnavailable {
			t.Errorf("%q: status %d", session, recorder.Code)
		}
	}
	for _, end := range ends {
		end()
	}
	if open.total != 0 || len(open.open) > 0 {
		t.Errorf("%d streams of %d sessions are remembered", open.total, len(open.open))
	}
}

// Streams of subscriptions/listen are bounded with the others, but not by the session that they do not have.
func TestListenStreamsAreBounded(t *testing.T) {
	s, _ := newListeningServer(t)
	transport := s.newStreamable(t.Context(), false)
	defer func() { _ = transport.shutdown(t.Context()) }()
	for range maxListeners + 1 {
		if _, ok := transport.listeners.begin(newRecorder(), ""); !ok {
			t.Fatal("refused")
		}
	}
	transport.listeners.total = maxStreams
	recorder := newRecorder()
	transport.serve(recorder, post(t.Context(), listenLine, "Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: subscriptions/listen"))
	if recorder.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", recorder.Code)
	}
}

// A session may have several streams. A message goes to one of them, and to no other session's.
func TestStreamsOfASessionShareItsMessages(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	own, other := run.session(), run.session()
	heard := make(chan string, 100)
	listen := func(session, who string) {
		response := run.do(http.MethodGet, "/mcp", "", session)
		go func() {
			for lines := bufio.NewScanner(response.Body); lines.Scan(); {
				if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
					heard <- who + data
				}
			}
		}()
	}
	listen(own, "")
	listen(own, "")
	listen(other, "a stranger heard ")
	const sent = 50
	for i := range sent {
		err := s.mcp.SendNotificationToSpecificClient(strings.TrimPrefix(own, "Mcp-Session-Id: "), "notifications/message", map[string]any{"data": i})
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := map[float64]bool{}
	for range sent {
		var message struct {
			Params struct {
				Data float64 `json:"data"`
			} `json:"params"`
		}
		got := receive(t, heard, "a message")
		if err := json.Unmarshal([]byte(got), &message); err != nil || seen[message.Params.Data] {
			t.Errorf("%v: %s", err, got)
		}
		seen[message.Params.Data] = true
	}
	if len(heard) > 0 || len(seen) != sent {
		t.Errorf("%d of %d messages, %d too many", len(seen), sent, len(heard))
	}
}
