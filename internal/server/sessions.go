package server

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// maxSessions bounds what clients that never say goodbye can hold: about 10 kB each until they expire.
	maxSessions = 4096
	// maxSessionsEach is what one authenticated caller can hold of them, so that none keeps the others out.
	maxSessionsEach = 256
)

// errNoSession is for an id that was never given out, no longer is, or is another caller's.
var errNoSession = errors.New("there is no such session")

// sessions are the sessions of Streamable HTTP clients before the 2026 revision. Each belongs to the caller that opened
// it: to others it does not exist. They end with a DELETE, when they are idle for long, and with the server; whatever
// streams belong to one end with it.
type sessions struct {
	life   context.Context // of the server
	logger *slog.Logger

	mu    sync.Mutex
	open  map[string]session
	count map[string]int // of each caller
}

// session is an open session.
type session struct {
	caller string
	ctx    context.Context // the life of the session
	end    context.CancelFunc
}

func newSessions(life context.Context, logger *slog.Logger) *sessions {
	return &sessions{life: life, logger: logger, open: map[string]session{}, count: map[string]int{}}
}

// full reports whether the caller of a request can open no session.
func (s *sessions) full(ctx context.Context) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	caller := principalID(ctx)
	return len(s.open) >= maxSessions || (caller != "" && s.count[caller] >= maxSessionsEach)
}

// find gives the context that ends with a session of the caller of a request.
func (s *sessions) find(ctx context.Context, id string) (context.Context, bool) {
	s.mu.Lock()
	found, ok := s.open[id]
	s.mu.Unlock()
	if ok && found.caller != principalID(ctx) {
		s.logger.WarnContext(ctx, "a caller used the session of another one", slog.String("transport", "http"),
			slog.String("caller", principalID(ctx)), slog.String("owner", found.caller))
		return nil, false
	}
	return found.ctx, ok
}

// end ends a session.
func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[id]
	if !ok {
		return // it ended a moment ago
	}
	found.end()
	delete(s.open, id)
	s.count[found.caller]--
	if s.count[found.caller] == 0 {
		delete(s.count, found.caller)
	}
}

// ResolveSessionIdManager gives the sessions as the caller of a request sees them. Without a request the library ends
// idle ones.
func (s *sessions) ResolveSessionIdManager(r *http.Request) mcpserver.SessionIdManager { //nolint:revive // the name is the library's
	if r == nil {
		return sessionsOf{s, context.Background()}
	}
	return sessionsOf{s, r.Context()}
}

// sessionsOf are the sessions as the caller of a request sees them. The method names are the library's.
type sessionsOf struct {
	all *sessions
	ctx context.Context // of the request
}

// Generate opens a session.
func (s sessionsOf) Generate() string {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	id, caller := rand.Text(), principalID(s.ctx)
	ctx, end := context.WithCancel(s.all.life)
	s.all.open[id] = session{caller: caller, ctx: ctx, end: end}
	s.all.count[caller]++
	return id
}

// Validate tells the library whether a session of the caller is open.
func (s sessionsOf) Validate(id string) (terminated bool, err error) {
	if _, ok := s.all.find(s.ctx, id); !ok {
		return false, errNoSession
	}
	return false, nil
}

// Terminate ends a session. Whose it is has been checked before the library is asked.
func (s sessionsOf) Terminate(id string) (notAllowed bool, err error) {
	s.all.end(id)
	return false, nil
}
