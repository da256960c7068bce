package server

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// streamable is the Streamable HTTP transport, with what the library leaves open: it takes made-up sessions for
// streams, keeps the streams of ended ones, never ends listen streams, and lets clients of the 2026 revision cancel
// each other's calls.
type streamable struct {
	server    *Server
	library   *mcpserver.StreamableHTTPServer
	sessions  *sessions
	calls     *ledger // of all sessions
	running   *running
	listeners *listeners
	received  *budget
	stateless bool
	closing   context.Context // the life of the handler, not of a request

	expiring   sync.WaitGroup
	stopExpiry context.CancelFunc
}

func (s *Server) newStreamable(closing context.Context, stateless bool) *streamable {
	open := newSessions(closing, s.clock, s.logger)
	options := []mcpserver.StreamableHTTPOption{
		mcpserver.WithStreamableHTTPLogger(s.logger),
		mcpserver.WithDisableLocalhostProtection(true), // the guard is stricter and knows the allowed hosts
	}
	if stateless {
		options = append(options, mcpserver.WithSessionIdManager(noSessions{}), mcpserver.WithDisableStreaming(true))
	} else {
		options = append(options,
			mcpserver.WithSessionIdManagerResolver(open),
			mcpserver.WithHeartbeatInterval(keepAlive),
		)
	}
	t := &streamable{
		server: s, sessions: open, calls: newLedger(), running: newRunning(), listeners: newListeners(), received: s.received,
		stateless: stateless, closing: closing,
		library: mcpserver.NewStreamableHTTPServer(s.mcp, options...),
	}
	open.forget = t.forget
	expiring, stop := context.WithCancel(closing)
	t.stopExpiry = stop
	t.expiring.Go(func() { open.expire(expiring) })
	return t
}

// forget drops what is kept of a session that has ended. A DELETE is the library's only way.
func (t *streamable) forget(session string) {
	defer t.server.readers.forget(session)
	r := &http.Request{Method: http.MethodDelete, URL: &url.URL{Path: routeMCP}, Body: http.NoBody, Header: http.Header{}}
	r.Header.Set(mcpserver.HeaderKeySessionID, session)
	t.library.ServeHTTP(&heldAnswer{header: http.Header{}}, r)
}

func (t *streamable) serve(w http.ResponseWriter, r *http.Request) {
	methods := []string{http.MethodPost, http.MethodGet, http.MethodDelete}
	if t.stateless || mcp.IsModernProtocol(field(r.Header, mcp.HeaderProtocolVersion)) {
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
	held := t.received.charge(payerOf(r.Context(), t.sessions.owns(r.Context(), field(r.Header, mcpserver.HeaderKeySessionID))))
	defer held.release()
	body, ok := readBody(w, r, held)
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
	if m.isResponse() {
		m.raw = m.response(body)
	}
	ctx := withProgressToken(withCarrier(r.Context(), m, r.Header), m)
	if ctx != r.Context() {
		r = r.WithContext(ctx)
	}
	modern := mcp.IsModernProtocol(field(r.Header, mcp.HeaderProtocolVersion)) || mcp.IsModernProtocol(m.protocolVersion())
	switch {
	case m.isResponse() && m.ID == nil:
		w.WriteHeader(http.StatusAccepted) // it answers nothing that was asked
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

// readMessage is a body that was read already.
type readMessage struct{ bytes.Reader }

// Close does nothing: there is nothing to close.
func (*readMessage) Close() error { return nil }

// modernPost serves a message of the 2026 revision. Calls may end when the server shuts down; listen streams never would.
func (t *streamable) modernPost(w http.ResponseWriter, r *http.Request, m message) {
	if m.Method == methodListen {
		end, ok := t.listeners.begin(w, r, "")
		if !ok {
			return
		}
		defer end()
		t.server.handling.work(-1) // a stream does nothing but wait
		defer t.server.handling.work(1)
		ctx, release := until(r.Context(), t.closing)
		defer release()
		r = r.WithContext(ctx)
		w = &listenWriter{ResponseWriter: w, id: m.ID}
	}
	t.answer(w, r, m, &answer{id: m.ID})
}

// sessionPost serves a message within a session.
func (t *streamable) sessionPost(w http.ResponseWriter, r *http.Request, m message) {
	if field(r.Header, mcpserver.HeaderKeySessionID) == "" && m.isCancellation() {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	used, ok := t.session(w, r)
	if !ok {
		return
	}
	defer t.sessions.used(used)
	switch {
	case m.isRequest():
		ctx := outlast(used.ctx, r.Context())
		defer ctx.release()
		if t.sessions.size() < manySessions {
			t.sessionCall(ctx, w, r, m, used)
			return
		}
		aside(func() { t.sessionCall(ctx, w, r, m, used) })
	case m.isCancellation():
		t.calls.cancel(used.id, m.Params)
		w.WriteHeader(http.StatusAccepted)
	case m.isResponse():
		t.join(used)
		t.answer(w, r, m, &answer{})
	default:
		w.WriteHeader(http.StatusAccepted) // nothing that the client has to tell changes anything
	}
}

// sessionCall serves a request that other messages of its session can cancel.
func (t *streamable) sessionCall(ctx *outlasting, w http.ResponseWriter, r *http.Request, m message, of *session) {
	if !t.running.begin(w, of.id) {
		return
	}
	defer t.running.end(of.id)
	call, refusal := t.calls.note(ctx, ctx.end, of.id, m)
	if refusal != nil {
		writeJSON(w, http.StatusBadRequest, errorMessage(nil, refusal))
		return
	}
	defer t.calls.settle(call)
	response := &answer{id: m.ID, calls: t.calls, call: call}
	if direct := t.server.direct(call.ctx, call.call); direct != nil {
		direct.session, direct.version = of.id, of.ProtocolVersion()
		t.answerDirectly(w, r, response, direct)
		return
	}
	if r = r.WithContext(call.ctx); m.asksNothing() {
		t.handle(w, r, m, response, of)
		return
	}
	t.join(of)
	t.answer(w, r, m, response)
}

// answer lets the library answer a message, and calls send notifications ahead of their results.
func (t *streamable) answer(w http.ResponseWriter, r *http.Request, m message, response *answer) {
	r = r.WithContext(withOutlet(r.Context(), response))
	read := &readMessage{}
	read.Reset(m.raw)
	r.Body, r.ContentLength = read, int64(len(m.raw))
	response.ResponseWriter, response.connection = w, connectionOf(r.Context())
	defer response.close()
	t.library.ServeHTTP(response, r)
	response.end()
}

// answerDirectly answers a call without the library.
func (t *streamable) answerDirectly(w http.ResponseWriter, r *http.Request, response *answer, call *directCall) {
	response.ResponseWriter, response.connection = w, connectionOf(call)
	call.id, call.outlet, call.header = response.id, response, r.Header
	defer response.close()
	if message := t.server.serveDirect(call); call.Err() == nil {
		response.reply(message)
	}
	response.end()
}

// sessionRequest serves the stream of a session, or its end.
func (t *streamable) sessionRequest(w http.ResponseWriter, r *http.Request) {
	used, ok := t.session(w, r)
	if !ok {
		return
	}
	defer t.sessions.used(used)
	if r.Method == http.MethodDelete {
		t.library.ServeHTTP(w, r)
		t.server.readers.forget(used.id)
		return
	}
	if !mayOpen(w, r) {
		return
	}
	end, ok := t.listeners.begin(w, r, field(r.Header, mcpserver.HeaderKeySessionID))
	if !ok {
		return
	}
	defer end()
	ctx, release := until(r.Context(), used.ctx)
	defer release()
	t.join(used)
	t.library.ServeHTTP(w, r.WithContext(ctx))
}

// session finds the session that a request names, or refuses the request. The caller calls used once the request ends.
func (t *streamable) session(w http.ResponseWriter, r *http.Request) (used *session, ok bool) {
	if !knownRevision(w, r) {
		return nil, false
	}
	id := field(r.Header, mcpserver.HeaderKeySessionID)
	if id == "" {
		refuse(w, http.StatusBadRequest, "the header "+mcpserver.HeaderKeySessionID+" is missing; initialize first")
		return nil, false
	}
	used, ok = t.sessions.use(r.Context(), id)
	if !ok {
		refuse(w, http.StatusNotFound, "there is no such session; initialize again")
	}
	return used, ok
}

// shutdown ends what runs beside requests. Streams end by themselves.
func (t *streamable) shutdown(ctx context.Context) error {
	t.stopExpiry()
	t.expiring.Wait()
	return t.library.Shutdown(ctx)
}
