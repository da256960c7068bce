package server

import (
	"context"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// joinStream tells an SSE stream which session the library has opened for it.
func joinStream(ctx context.Context, session mcpserver.ClientSession) {
	if opened := streamOf(ctx); opened != nil {
		opened.session.Store(&session)
	}
}

// connection is how requests of the stream's client are served; nil before the library has opened its session.
func (s *stream) connection() *connection {
	session := s.session.Load()
	if session == nil {
		return nil
	}
	s.joined.Do(func() {
		s.served = &connection{server: s.server, session: *session, calls: s.calls, out: s.writer}
	})
	return s.served
}

// take handles a message that a client has posted for its stream, or hands it on. It answers the POST.
func (s *stream) take(w http.ResponseWriter, r *http.Request, m message, body []byte, held *charge) {
	c := s.connection()
	switch {
	case c == nil:
		refuse(w, http.StatusNotFound, "the stream is not open yet")
	case m.isResponse():
		w.WriteHeader(http.StatusAccepted)
	case m.isRequest():
		s.request(w, r, m, body, held)
	case m.Method == string(mcp.MethodNotificationCancelled):
		s.calls.cancel("", m.Params)
		w.WriteHeader(http.StatusAccepted)
	default:
		w.WriteHeader(http.StatusAccepted)
		c.notified(r.Context(), body)
	}
}

// request starts to serve a request; the answer goes to the stream.
func (s *stream) request(w http.ResponseWriter, r *http.Request, m message, body []byte, held *charge) {
	if s.calls.size() >= maxStreamCalls {
		refuse(w, http.StatusTooManyRequests, "too many calls of this session are running")
		return
	}
	if refusal := s.served.tooEarly(r.Context(), m); refusal != nil {
		writeJSON(w, http.StatusBadRequest, errorMessage(m.ID, refusal))
		return
	}
	// The request lives as long as its stream, not its POST.
	ctx, release := until(context.WithoutCancel(r.Context()), s.ctx)
	accepted, refusal := s.calls.accept(ctx, "", m)
	if refusal != nil {
		release()
		writeJSON(w, http.StatusBadRequest, errorMessage(nil, refusal))
		return
	}
	held.share()
	s.server.handling.begin()
	w.WriteHeader(http.StatusAccepted)
	go func() {
		defer s.server.handling.end()
		defer held.release()
		defer release()
		s.served.serve(accepted, body)
	}()
}
