package server

import (
	"context"
	"crypto/rand"
	"net/http"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

// noSessions is a session manager that opens none, so that any replica can serve any request. The method names are the
// library's.
type noSessions struct{}

// Generate tells the library to give out no id.
func (noSessions) Generate() string { return "" }

// Validate takes the id that each request is given on its way in.
func (noSessions) Validate(string) (terminated bool, err error) { return false, nil }

// Terminate ends nothing.
func (noSessions) Terminate(string) (notAllowed bool, err error) { return true, nil }

// statelessKey marks requests that belong to no session though their revision knows them.
type statelessKey struct{}

func isStateless(ctx context.Context) bool { return ctx.Value(statelessKey{}) != nil }

// statelessPost serves a message of an earlier revision without a session. The library keys calls by the session's id and
// their own: an id for each request keeps those of different clients apart.
func (t *streamable) statelessPost(w http.ResponseWriter, r *http.Request, m message) {
	if !m.isRequest() {
		// Nothing is asked of such clients, nothing tells whose call is to end, and nothing else changes anything.
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if !knownRevision(w, r) {
		return
	}
	ctx := outlast(t.closing, r.Context())
	defer ctx.release()
	if direct := t.server.direct(ctx, m.toolCall()); direct != nil {
		t.answerDirectly(w, r, &answer{id: m.ID}, direct)
		return
	}
	r = r.Clone(context.WithValue(ctx, statelessKey{}, true))
	r.Header.Set(mcpserver.HeaderKeySessionID, rand.Text())
	t.answer(w, r, m, &answer{id: m.ID})
}

// noStreams refuses HTTP+SSE, whose every message belongs to a stream of one process.
func noStreams(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusNotFound, "HTTP+SSE needs sessions, which this server runs without (--stateless); MCP is at "+routeMCP)
}
