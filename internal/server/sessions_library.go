package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// The library's own session takes 9 kB, most of it room for notifications and questions that few sessions see. So each is
// the smaller one of this package, as the library sees it while it answers, until something needs the library's: see join.
var (
	_ mcpserver.SessionWithClientInfo      = (*session)(nil)
	_ mcpserver.SessionWithProtocolVersion = (*session)(nil)
)

// SessionID names the session.
func (s *session) SessionID() string { return s.id }

// NotificationChannel takes nothing: what this server has to tell goes to the answer of the request that it belongs to.
func (s *session) NotificationChannel() chan<- mcp.JSONRPCNotification { return nil }

// Initialize does nothing: a session is made for a handshake.
func (s *session) Initialize() {}

// Initialized reports that there was a handshake.
func (s *session) Initialized() bool { return true }

// asksNothing reports whether a request is answered out of what it says: nothing is asked of the client meanwhile.
func (m message) asksNothing() bool {
	switch mcp.MCPMethod(m.Method) {
	case mcp.MethodPing, mcp.MethodToolsList, mcp.MethodPromptsList, mcp.MethodResourcesList, mcp.MethodResourcesTemplatesList:
		return m.isRequest()
	default:
		return false
	}
}

// handle lets the library handle a message of a session, without its transport, and answers as that would.
func (t *streamable) handle(w http.ResponseWriter, r *http.Request, m message, response *answer, of *session) {
	ctx := withOutlet(t.server.mcp.WithContext(r.Context(), of), response)
	response.ResponseWriter, response.connection = w, connectionOf(ctx)
	defer response.close()
	handled := t.server.mcp.HandleMessage(ctx, m.raw)
	switch {
	case handled == nil:
		response.WriteHeader(http.StatusAccepted)
	case ctx.Err() == nil:
		response.Header().Set("Content-Type", "application/json")
		response.WriteHeader(http.StatusOK)
		if err := json.NewEncoder(response).Encode(handled); err != nil {
			t.server.logger.ErrorContext(ctx, "a response cannot be written", slog.Any("error", err))
		}
	}
	response.end()
}

// joiningKey carries the *session that the library comes to know.
type joiningKey struct{}

// joining gives the session that the library comes to know; nil for none.
func joining(ctx context.Context) *session {
	found, _ := ctx.Value(joiningKey{}).(*session)
	return found
}

// join makes the library know a session, for what only its own can do: ask the client, take the answers, and hold a
// stream. An initialize is its only way.
func (t *streamable) join(s *session) {
	s.joining.Lock()
	defer s.joining.Unlock()
	if s.joined {
		return
	}
	const handshake = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}`
	r := &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: routeMCP}, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader([]byte(handshake))),
	}
	t.library.ServeHTTP(&heldAnswer{header: http.Header{}}, r.WithContext(context.WithValue(context.Background(), joiningKey{}, s)))
	s.joined = true
	if s.ctx.Err() != nil { // a DELETE came before the library knew what to forget
		t.forget(s.id)
	}
}

// introduce tells the library's session of one that it comes to know what was agreed on when that was opened.
func introduce(ctx context.Context, _ any, _ *mcp.InitializeRequest, _ *mcp.InitializeResult) {
	known := joining(ctx)
	if known == nil {
		return
	}
	library := mcpserver.ClientSessionFromContext(ctx)
	if informed, ok := library.(mcpserver.SessionWithClientInfo); ok {
		informed.SetClientInfo(known.GetClientInfo())
		informed.SetClientCapabilities(known.GetClientCapabilities())
	}
	if versioned, ok := library.(interface{ SetProtocolVersion(version string) }); ok {
		versioned.SetProtocolVersion(known.ProtocolVersion())
	}
}
