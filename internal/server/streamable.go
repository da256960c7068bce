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
	calls     *ledger // of all sessions
	running   *running
	listeners *listeners
	stateless bool
	closing   context.Context // the life of the handler, not of a request
}

func (s *Server) newStreamable(closing context.Context, stateless bool) *streamable {
	open := newSessions(closing, s.logger)
	options := []mcpserver.StreamableHTTPOption{
		mcpserver.WithStreamableHTTPLogger(s.logger),
		mcpserver.WithDisableLocalhostProtection(true), // the guard is stricter and knows the allowed hosts
	}
	if stateless {
		options = append(options, mcpserver.WithSessionIdManager(noSessions{}), mcpserver.WithDisableStreaming(true))
	} else {
		options = append(options,
			mcpserver.WithSessionIdManagerResolver(open),
			mcpserver.WithSessionIdleTTL(sessionTTL),
			mcpserver.WithHeartbeatInterval(keepAlive),
		)
	}
	return &streamable{
		sessions: open, calls: newLedger(), running: newRunning(), listeners: newListeners(),
		stateless: stateless, closing: closing,
		library: mcpserver.NewStreamableHTTPServer(s.mcp, options...),
	}
}

func (t *streamable) serve(w http.ResponseWriter, r *http.Request) {
	methods := []string{http.MethodPost, http.MethodGet, http.MethodDelete}
	if t.stateless || mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)) {
		methods = methods[:1] // there are neither sessions nor streams of their own
	}
	switch {
	case !allowMethods(w, r, methods...):
	case r.Method == http.MethodPost:
		t.post(w, r)
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
		writeJSON(w, http.StatusBadRequest, errorMessage(m.ID, refusal))
		return
	}
	if r, ok = admit(w, r, m); !ok {
		return
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	modern := mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)) || mcp.IsModernProtocol(m.protocolVersion())
	switch {
	case modern && m.isCancellation():
		// Without a session nothing tells whose call is meant: the library would cancel that of any client. Clients of
		// this revision cancel by closing the response.
		w.WriteHeader(http.StatusAccepted)
	case modern:
		t.modernPost(w, r, m)
	case t.stateless:
		t.statelessPost(w, r, m)
	case m.Method == string(mcp.MethodInitialize):
		t.initialize(w, r, m)
	default:
		t.sessionPost(w, r, m)
	}
}

// modernPost serves a message of the 2026 revision. Calls may end when the server shuts down; listen streams never would.
func (t *streamable) modernPost(w http.ResponseWriter, r *http.Request, m message) {
	if m.Method == methodListen {
		end, ok := t.listeners.begin(w, "")
		if !ok {
			return
		}
		defer end()
		ctx, release := until(r.Context(), t.closing)
		defer release()
		r = r.WithContext(ctx)
		w = &listenWriter{ResponseWriter: w, id: m.ID}
	}
	t.answer(w, r, &answer{id: m.ID})
}

func (t *streamable) initialize(w http.ResponseWriter, r *http.Request, m message) {
	if !verified(w, r) {
		return
	}
	if t.sessions.full(r.Context()) || t.closing.Err() != nil {
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, "no further session can be opened now")
		return
	}
	// The library answers before it knows the session: a client that is quick would use it too early, or end it too early.
	held := &heldAnswer{ResponseWriter: w}
	defer held.release()
	t.answer(held, r, &answer{id: m.ID})
}

// sessionPost serves a message within a session.
func (t *streamable) sessionPost(w http.ResponseWriter, r *http.Request, m message) {
	if r.Header.Get(mcpserver.HeaderKeySessionID) == "" && m.isCancellation() {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	life, ok := t.session(w, r)
	if !ok {
		return
	}
	switch session := r.Header.Get(mcpserver.HeaderKeySessionID); {
	case m.isRequest():
		r, release := outlast(life, r)
		defer release()
		t.sessionCall(w, r, m, session)
	case m.isCancellation():
		t.calls.cancel(scopeOf(session), m.Params)
		w.WriteHeader(http.StatusAccepted)
	default:
		t.answer(w, r, &answer{})
	}
}

// scopeOf keeps the ids of the calls of sessions apart.
func scopeOf(session string) string { return session + "\x00" }

// sessionCall serves a request that other messages of its session can cancel.
func (t *streamable) sessionCall(w http.ResponseWriter, r *http.Request, m message, session string) {
	end, ok := t.running.begin(w, session)
	if !ok {
		return
	}
	defer end()
	call, refusal := t.calls.accept(r.Context(), scopeOf(session), m)
	if refusal != nil {
		writeJSON(w, http.StatusBadRequest, errorMessage(nil, refusal))
		return
	}
	settle := func() bool { return t.calls.settle(call) }
	defer settle()
	t.answer(w, r.WithContext(call.ctx), &answer{id: m.ID, settle: settle})
}

// answer lets the library answer a message, and calls send notifications ahead of their results.
func (t *streamable) answer(w http.ResponseWriter, r *http.Request, response *answer) {
	response.ResponseWriter, response.connection = w, connectionOf(r.Context())
	defer response.close()
	t.library.ServeHTTP(response, r.WithContext(withOutlet(r.Context(), response)))
	response.end()
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
	end, ok := t.listeners.begin(w, r.Header.Get(mcpserver.HeaderKeySessionID))
	if !ok {
		return
	}
	defer end()
	ctx, release := until(r.Context(), life)
	defer release()
	t.library.ServeHTTP(w, r.WithContext(ctx))
}

// session finds the session that a request names, or refuses the request.
func (t *streamable) session(w http.ResponseWriter, r *http.Request) (context.Context, bool) {
	if !knownRevision(w, r) {
		return nil, false
	}
	id := r.Header.Get(mcpserver.HeaderKeySessionID)
	if id == "" {
		refuse(w, http.StatusBadRequest, "the header "+mcpserver.HeaderKeySessionID+" is missing; initialize first")
		return nil, false
	}
	life, ok := t.sessions.find(r.Context(), id)
	if !ok {
		refuse(w, http.StatusNotFound, "there is no such session; initialize again")
	}
	return life, ok
}

// shutdown ends what the library runs beside requests. Streams end by themselves.
func (t *streamable) shutdown(ctx context.Context) error { return t.library.Shutdown(ctx) }
