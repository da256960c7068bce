package server

import (
	"net/http"
	"strings"
	"testing"
)

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

func TestHTTPBoundsTheCallsOfASession(t *testing.T) {
	calls := newRunning()
	for i := range maxSessionCalls {
		if !calls.begin(newRecorder(), "a") {
			t.Fatalf("call %d is refused", i)
		}
	}
	recorder := newRecorder()
	if calls.begin(recorder, "a") || recorder.Code != http.StatusTooManyRequests || recorder.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, headers %v", recorder.Code, recorder.Header())
	}
	if !calls.begin(newRecorder(), "b") {
		t.Fatal("another session is refused, too")
	}
	calls.end("b")
	for range maxSessionCalls {
		calls.end("a")
	}
	if len(calls.count) > 0 {
		t.Errorf("%d sessions are remembered", len(calls.count))
	}
}
