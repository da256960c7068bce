package server

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

// opener opens sessions over HTTP, without a network.
type opener struct {
	t         *testing.T
	transport *streamable
}

func newOpener(t *testing.T) opener {
	t.Helper()
	s, _ := newTestServer(t, newFakes())
	o := opener{t: t, transport: s.newStreamable(t.Context(), false)}
	t.Cleanup(func() { _ = o.transport.shutdown(context.WithoutCancel(t.Context())) })
	return o
}

// open gives the id of a new session of a caller; empty when it was refused.
func (o opener) open(caller string) string {
	recorder := newRecorder()
	o.transport.serve(recorder, post(o.as(caller), initializeLine))
	return recorder.Header().Get("Mcp-Session-Id")
}

func (o opener) as(caller string) context.Context {
	if caller == "" {
		return o.t.Context()
	}
	return withPrincipal(o.t.Context(), &Principal{ID: caller})
}

// uses reports whether a caller's session is open, and uses it.
func (o opener) uses(caller, session string) bool {
	recorder := newRecorder()
	o.transport.serve(recorder, post(o.as(caller), `{"jsonrpc":"2.0","id":1,"method":"ping"}`, "Mcp-Session-Id: "+session))
	return recorder.Code == http.StatusOK
}

// known reports whether a session is open, and leaves it as it was but for its age.
func (o opener) known(session string) bool {
	used, ok := o.transport.sessions.use(o.t.Context(), session)
	if ok {
		o.transport.sessions.used(used)
	}
	return ok
}

// A client that opens sessions and leaves them locks nobody out: those idle longest end, never one that is in use.
func TestIdleSessionsMakeRoom(t *testing.T) {
	o := newOpener(t)
	busy, idle, used := o.open(""), o.open(""), o.open("")
	held, _ := o.transport.sessions.use(t.Context(), busy)
	for range maxSessions - 3 {
		o.open("")
	}
	if !o.uses("", used) {
		t.Fatal("a session ended too early")
	}
	if o.open("") == "" {
		t.Fatal("a further session is refused")
	}
	if size := o.transport.sessions.size(); size != maxSessions {
		t.Errorf("%d sessions", size)
	}
	if o.known(idle) || !o.known(busy) || !o.known(used) {
		t.Error("another session than the one idle longest ended")
	}
	o.transport.sessions.used(held)
}

// A caller whose client never says goodbye goes on, and at nobody else's expense.
func TestACallersOwnSessionsMakeRoom(t *testing.T) {
	o := newOpener(t)
	bobs := o.open("bob")
	first := o.open("alice")
	for range maxSessionsEach {
		if o.open("alice") == "" {
			t.Fatal("a session is refused")
		}
	}
	if o.uses("alice", first) || !o.uses("bob", bobs) {
		t.Error("another session than alice's oldest ended")
	}
	for i := range maxSessions {
		if o.open(string(rune('A'+i%20))+"-caller") == "" {
			t.Fatal("a session is refused")
		}
	}
	if size := o.transport.sessions.size(); size != maxSessions {
		t.Errorf("%d sessions", size)
	}
}

// The session of an initialize that fails, or whose client is gone, is not kept.
func TestAFailedInitializeKeepsNoSession(t *testing.T) {
	o := newOpener(t)
	recorder := newRecorder()
	o.transport.serve(recorder, post(t.Context(), `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":5}}`))
	if body := recorder.Body.String(); !strings.Contains(body, `"error"`) || recorder.Header().Get("Mcp-Session-Id") != "" {
		t.Errorf("%d %v %s", recorder.Code, recorder.Header(), body)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	o.transport.serve(newRecorder(), post(gone, initializeLine))
	if size := o.transport.sessions.size(); size != 0 {
		t.Errorf("%d sessions are kept", size)
	}
}

// A session that is being opened ends for no other: its client would hear of one that there is not.
func TestOpeningSessionsAreInUse(t *testing.T) {
	open := newSessions(t.Context(), systemClock{}, discard())
	caller := withPrincipal(t.Context(), &Principal{ID: "alice"})
	var opening *session
	for range maxSessionsEach {
		var ok bool
		if opening, ok = open.begin(caller); !ok {
			t.Fatal("there is no place left")
		}
	}
	if _, ok := open.begin(caller); ok {
		t.Error("one that is being opened has made room")
	}
	open.used(opening)
	if _, ok := open.begin(caller); !ok {
		t.Error("none has made room")
	}
}
