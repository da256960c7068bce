package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// sessionTTL is how long a session may be idle. The keep-alive of an open stream counts as use.
const sessionTTL = 30 * time.Minute

// streamable is the Streamable HTTP transport, with what the library leaves open: it takes made-up sessions for
// streams, keeps the streams of ended ones, never ends listen streams, and lets clients of the 2026 revision cancel
// each other's calls.
type streamable struct {
	library   *mcpserver.StreamableHTTPServer
	sessions  *sessions
	stateless bool
	closing   context.Context // the life of the handler, not of a request
}

func (s *Server) newStreamable(closing context.Context, stateless bool) *streamable {
	open := newSessions(closing)
	options := []mcpserver.StreamableHTTPOption{
		mcpserver.WithStreamableHTTPLogger(s.logger),
		mcpserver.WithDisableLocalhostProtection(true), // the guard is stricter and knows the allowed hosts
	}
	if stateless {
		options = append(options, mcpserver.WithSessionIdManager(noSessions{}), mcpserver.WithDisableStreaming(true))
	} else {
		options = append(options,
			mcpserver.WithSessionIdManager(open),
			mcpserver.WithSessionIdleTTL(sessionTTL),
			mcpserver.WithHeartbeatInterval(keepAlive),
		)
	}
	return &streamable{
		sessions: open, stateless: stateless, closing: closing,
		library: mcpserver.NewStreamableHTTPServer(s.mcp, options...),
	}
}

func (t *streamable) serve(w http.ResponseWriter, r *http.Request) {
	if !allowMethods(w, r, http.MethodPost, http.MethodGet, http.MethodDelete) {
		return
	}
	switch {
	case r.Method == http.MethodPost:
		t.post(w, r)
	case t.stateless, mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)):
		// There are neither sessions nor streams of their own.
		allowMethods(w, r, http.MethodPost)
	default:
		t.sessionRequest(w, r)
	}
}

// post serves a message.
func (t *streamable) post(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	m, refusal := parseMessage(body)
	if refusal != nil {
		writeJSON(w, http.StatusBadRequest, errorMessage(nil, refusal.code, refusal.message))
		return
	}
	if refusal = m.checkParams(); refusal != nil {
		writeJSON(w, http.StatusBadRequest, errorMessage(m.ID, refusal.code, refusal.message))
		return
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	modern := mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)) || mcp.IsModernProtocol(m.protocolVersion())
	switch {
	case modern && m.Method == string(mcp.MethodNotificationCancelled):
		// Without a session nothing tells whose call is meant: the library would cancel that of any client. Clients of
		// this revision cancel by closing the response.
		w.WriteHeader(http.StatusAccepted)
	case modern:
		t.modernPost(w, r, m)
	case t.stateless:
		t.statelessPost(w, r, m)
	case m.Method == string(mcp.MethodInitialize):
		t.initialize(w, r)
	default:
		t.sessionPost(w, r, m)
	}
}

// modernPost serves a message of the 2026 revision. Calls may end when the server shuts down; listen streams never would.
func (t *streamable) modernPost(w http.ResponseWriter, r *http.Request, m message) {
	if m.Method == methodListen {
		ctx, release := until(r.Context(), t.closing)
		defer release()
		r = r.WithContext(ctx)
	}
	t.answer(w, r)
}

func (t *streamable) initialize(w http.ResponseWriter, r *http.Request) {
	if t.sessions.full() || t.closing.Err() != nil {
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, "no further session can be opened now")
		return
	}
	t.library.ServeHTTP(w, r)
}

// sessionPost serves a message within a session.
func (t *streamable) sessionPost(w http.ResponseWriter, r *http.Request, m message) {
	if r.Header.Get(mcpserver.HeaderKeySessionID) == "" && m.Method == string(mcp.MethodNotificationCancelled) {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if _, ok := t.session(w, r); ok {
		t.answer(w, r)
	}
}

// answer lets the library answer a message, and calls send notifications ahead of their results.
func (t *streamable) answer(w http.ResponseWriter, r *http.Request) {
	response := &answer{ResponseWriter: w}
	defer response.close()
	t.library.ServeHTTP(response, r.WithContext(withOutlet(r.Context(), response)))
}

// sessionRequest serves the stream of a session, or its end.
func (t *streamable) sessionRequest(w http.ResponseWriter, r *http.Request) {
	life, ok := t.session(w, r)
	if !ok {
		return
	}
	if r.Method == http.MethodDelete {
		t.library.ServeHTTP(w, r)
		return
	}
	ctx, release := until(r.Context(), life)
	defer release()
	t.library.ServeHTTP(w, r.WithContext(ctx))
}

// session finds the session that a request names, or refuses the request.
func (t *streamable) session(w http.ResponseWriter, r *http.Request) (context.Context, bool) {
	id := r.Header.Get(mcpserver.HeaderKeySessionID)
	if id == "" {
		refuse(w, http.StatusBadRequest, "the header "+mcpserver.HeaderKeySessionID+" is missing; initialize first")
		return nil, false
	}
	life, ok := t.sessions.find(id)
	if !ok {
		refuse(w, http.StatusNotFound, "there is no such session; initialize again")
	}
	return life, ok
}

// shutdown ends what the library runs beside requests. Streams end by themselves.
func (t *streamable) shutdown(ctx context.Context) error { return t.library.Shutdown(ctx) }
