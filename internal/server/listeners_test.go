package server

import (
	"net/http"
	"strconv"
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
	recorder := newRecorder()
	if _, ok := open.begin(recorder, "one more"); ok || recorder.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", recorder.Code)
	}
	for _, end := range ends {
		end()
	}
	if open.total != 0 || len(open.open) > 0 {
		t.Errorf("%d streams of %d sessions are remembered", open.total, len(open.open))
	}
}
