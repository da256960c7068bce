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
	opened, ok := t.sessions.begin(r.Context())
	if !ok {
		countRefusal(r.Context(), refusedCapacity)
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, "no further session can be opened now")
		return
	}
	// Whether there is a session is told ahead of the answer, and known after it.
	held := &heldAnswer{ResponseWriter: w, header: w.Header()}
	defer held.release()
	defer t.sessions.used(opened)
	aside(func() { t.handle(held, r, m, &answer{id: m.ID}, opened) })
	if !held.hasResult() || r.Context().Err() != nil {
		t.forget(opened.id)
		return
	}
	held.header.Set(mcpserver.HeaderKeySessionID, opened.id)
}
