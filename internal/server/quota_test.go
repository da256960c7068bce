package server

import (
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

func TestSessionsAreBounded(t *testing.T) {
	const each, all = 3, 10
	calls := newQuota("calls", each, all)
	var leaves []func()
	for i := range all {
		leave, ok := calls.take(newRecorder(), strconv.Itoa(i/each))
		if !ok {
			t.Fatalf("call %d is refused", i)
		}
		leaves = append(leaves, leave)
	}
	for session, status := range map[string]int{"0": http.StatusTooManyRequests, "3": http.StatusServiceUnavailable} {
		recorder := newRecorder()
		if _, ok := calls.take(recorder, session); ok || recorder.Code != status || recorder.Header().Get("Retry-After") == "" {
			t.Errorf("session %s: status %d, headers %v", session, recorder.Code, recorder.Header())
		}
	}
	for _, leave := range leaves {
		leave()
	}
	if calls.total != 0 || len(calls.taken) > 0 {
		t.Errorf("%d calls of %d sessions are remembered", calls.total, len(calls.taken))
	}
}

// Of two requests of a session with one id neither could be canceled for certain, and money must not move twice.
func TestHTTPRefusesAnIDInUse(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{})
	session, other := run.session(), run.session()
	first := make(chan string, 2)
	for _, header := range []string{session, other} { // sessions number their requests by themselves
		go func() {
			first <- text(t, run.do(http.MethodPost, "/mcp", callLine("1", "wait", `{"text":"a"}`), header))
		}()
		receive(t, f.started, "the call")
	}
	response := run.do(http.MethodPost, "/mcp", callLine("1", "pay", `{"text":"a"}`), session)
	if body := text(t, response); response.StatusCode != http.StatusBadRequest || !strings.Contains(body, "-32600") || !strings.Contains(body, "in use") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	close(f.release)
	for range 2 {
		if got := receive(t, first, "an answer"); !strings.Contains(got, `"text":"a"`) {
			t.Errorf("got %s", got)
		}
	}
	if response := run.do(http.MethodPost, "/mcp", callLine("1", "echo", `{"text":"a"}`), session); response.StatusCode != http.StatusOK {
		t.Errorf("an answered id is in use: %d", response.StatusCode)
	}
}
