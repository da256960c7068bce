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

// note remembers a session unless it has ended by now: its end forgets what was noted before.
func (r *readers) note(ctx context.Context, session string) {
	r.mu.Lock()
	r.sessions[session] = true
	r.mu.Unlock()
	if sessionEnded(ctx) {
		r.forget(session)
	}
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
	if failure := held(ctx, tool); failure != nil {
		return tools.Result{}, failure
	}
	who := s.callerOf(ctx)
	session, ok := sessionOf(ctx)
	if !ok { // a command at a terminal
		return s.calls.run(tools.WithCaller(ctx, tools.Caller{ID: who}), tool, arguments)
	}
	// Without sessions nothing tells what a model has read before: the worst is taken for granted.
	read := session == "" || s.readers.has(session)
	out, failure := s.calls.run(tools.WithCaller(ctx, tools.Caller{ID: who, ReadUntrusted: read}), tool, arguments)
	if failure == nil && tool.OpenWorld && session != "" {
		s.readers.note(ctx, session)
	}
	return out, advised(ctx, failure)
}

// sessionOf names the session that a call belongs to; empty for none. It reports false when no client calls.
func sessionOf(ctx context.Context) (id string, ok bool) {
	if direct := directOf(ctx); direct != nil {
		return direct.session, true
	}
	session := mcpserver.ClientSessionFromContext(ctx)
	if session == nil {
		return "", false
	}
	if mcpserver.IsModernRequest(ctx) || isStateless(ctx) {
		return "", true
	}
	return session.SessionID(), true
}

// callerOf names whom a call is made for: the authenticated caller, else whoever the configured key belongs to.
func (s *Server) callerOf(ctx context.Context) string {
	if who := principalOf(ctx); who != nil {
		return who.ID
	}
	return s.caller
}

// advised says what to do about a key that the platform refuses, which depends on where the caller's key comes from.
func advised(ctx context.Context, failure *tools.Error) *tools.Error {
	who := principalOf(ctx)
	if failure == nil || failure.Code != tools.CodeKeyRefused || who == nil {
		return failure
	}
	if entry := entranceOf(ctx); entry != nil {
		entry.newcomers.forget(who.ID)
	}
	if who.KeyAdvice == "" {
		return failure
	}
	told := *failure
	told.NextStep = who.KeyAdvice
	return &told
}
