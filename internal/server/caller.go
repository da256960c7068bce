package server

import (
	"context"
	"encoding/json"
	"sync"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// readers remembers the sessions whose model has read what third parties wrote: a call that follows may have been asked
// for by that text. It is safe for concurrent use.
type readers struct {
	mu       sync.Mutex
	sessions map[string]bool
}

func newReaders(hooks *mcpserver.Hooks) *readers {
	r := &readers{sessions: map[string]bool{}}
	hooks.AddOnUnregisterSession(func(_ context.Context, session mcpserver.ClientSession) { r.forget(session.SessionID()) })
	return r
}

func (r *readers) note(session string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[session] = true
}

func (r *readers) forget(session string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, session)
}

func (r *readers) has(session string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[session]
}

// run takes a call through every step, on behalf of whoever sent it.
func (s *Server) run(ctx context.Context, tool tools.Tool, arguments json.RawMessage) (tools.Result, *tools.Error) {
	session := mcpserver.ClientSessionFromContext(ctx)
	if session == nil { // a command at a terminal
		return s.calls.run(tools.WithCaller(ctx, tools.Caller{ID: s.caller}), tool, arguments)
	}
	// Without sessions nothing tells what a model has read before: the worst is taken for granted.
	sessionless := mcpserver.IsModernRequest(ctx) || isStateless(ctx)
	read := sessionless || s.readers.has(session.SessionID())
	out, failure := s.calls.run(tools.WithCaller(ctx, tools.Caller{ID: s.caller, ReadUntrusted: read}), tool, arguments)
	if failure == nil && tool.OpenWorld && !sessionless {
		s.readers.note(session.SessionID())
	}
	return out, failure
}
