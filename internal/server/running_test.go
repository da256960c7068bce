package server

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Of two requests with one id none could be canceled for certain, and money must not move twice for one call.
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
	message := func(id int) message {
		m, refusal := parseMessage([]byte(callLine(strconv.Itoa(id), "echo", `{}`)))
		if refusal != nil {
			t.Fatal(refusal.message)
		}
		return m
	}
	var ends []func()
	for i := range maxSessionCalls {
		end, ok := calls.begin(newRecorder(), "a", message(i))
		if !ok {
			t.Fatalf("call %d is refused", i)
		}
		ends = append(ends, end)
	}
	recorder := newRecorder()
	if _, ok := calls.begin(recorder, "a", message(-1)); ok || recorder.Code != http.StatusTooManyRequests || recorder.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, headers %v", recorder.Code, recorder.Header())
	}
	if end, ok := calls.begin(newRecorder(), "b", message(1)); !ok {
		t.Error("another session is refused, too")
	} else {
		end()
	}
	notification, _ := parseMessage([]byte(cancelLine(`{"requestId":1}`)))
	if _, ok := calls.begin(newRecorder(), "a", notification); !ok {
		t.Error("a cancellation is refused")
	}
	for _, end := range ends {
		end()
	}
	if len(calls.open) > 0 {
		t.Errorf("%d sessions are remembered", len(calls.open))
	}
}
