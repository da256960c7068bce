package server

import (
	"net/http"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

// initialize opens a session.
func (t *streamable) initialize(w http.ResponseWriter, r *http.Request, m message) {
	if !verified(w, r) {
		return
	}
	ctx, release, ok := t.sessions.reserve(r.Context())
	if ok {
		defer release()
	}
	if !ok || t.closing.Err() != nil {
		countRefusal(ctx, refusedCapacity)
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, "no further session can be opened now")
		return
	}
	// The library answers before it knows the session: a client that is quick would use it too early, or end it too early.
	held := &heldAnswer{ResponseWriter: w, header: w.Header()}
	defer held.release()
	defer func() {
		if opened := openedFor(ctx); opened != nil {
			t.sessions.used(opened)
		}
	}()
	t.aside(func() { t.answer(held, r.WithContext(ctx), m, &answer{id: m.ID}) })
	if opened := openedFor(ctx); opened != nil && (!held.hasResult() || ctx.Err() != nil) {
		held.header.Del(mcpserver.HeaderKeySessionID)
		t.forget(opened.id)
	}
}

// aside does something in a goroutine of its own. What the library does for a new session takes twice as much stack as a
// connection needs otherwise, and that of the connection's goroutine would stay as large.
func (t *streamable) aside(do func()) {
	var failure any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { failure = recover() }()
		do()
	}()
	<-done
	if failure != nil {
		panic(failure)
	}
}
