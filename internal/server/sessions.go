package server

import (
	"container/list"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// maxSessions bounds what clients that never say goodbye can hold: about 10 kB each until they expire. Beyond it the
	// session that has been idle longest ends.
	maxSessions = 4096
	// maxSessionsEach is what one authenticated caller can hold of them. Beyond it, one of the caller's own ends.
	maxSessionsEach = 256
)

// errNoSession is for an id that was never given out, no longer is, or is another caller's.
var errNoSession = errors.New("there is no such session")

// sessions are the sessions of Streamable HTTP clients before the 2026 revision. Each belongs to the caller that opened
// it: to others it does not exist. They end with a DELETE, when they are idle for long, and with the server; whatever
// streams belong to one end with it.
type sessions struct {
	life   context.Context // of the server
	clock  clock
	logger *slog.Logger

	// forget drops what the library keeps of a session; nil when there is nothing.
	forget func(id string)

	mu     sync.Mutex
	open   map[string]*session
	count  map[string]int // of each caller, with those that are about to be opened
	recent *list.List     // of *session, those used last in front
	begun  int            // places that are kept for sessions that are about to be opened
}

// session is an open session.
type session struct {
	id, caller string
	version    string          // the revision that was agreed on
	ctx        context.Context // the life of the session
	end        context.CancelFunc
	busy       int       // requests and streams that are under way
	last       time.Time // when it was used
	place      *list.Element
}

func newSessions(life context.Context, c clock, logger *slog.Logger) *sessions {
	return &sessions{life: life, clock: c, logger: logger, open: map[string]*session{}, count: map[string]int{}, recent: list.New()}
}

// reservation keeps a place for a session of a caller, until that is open or will not be.
type reservation struct {
	all    *sessions
	caller string
	taken  bool
	opened *session // what took it
}

// reservationKey carries the *reservation of the session that a request opens.
type reservationKey struct{}

// reserve keeps a place for a session of the caller of a request, for which the one that has been idle longest ends if
// there is none left. It reports false when all are in use. The caller calls release.
func (s *sessions) reserve(ctx context.Context) (_ context.Context, release func(), ok bool) {
	caller := principalID(ctx)
	ended, ok := s.makeRoom(caller)
	if !ok {
		return ctx, nil, false
	}
	if ended != "" && s.forget != nil {
		s.forget(ended)
	}
	kept := &reservation{all: s, caller: caller}
	return context.WithValue(ctx, reservationKey{}, kept), kept.release, true
}

// makeRoom keeps a place for a session of a caller. It gives the id of the one that ended for it; empty for none.
func (s *sessions) makeRoom(caller string) (ended string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	idlest, ok := s.room(caller)
	if !ok {
		return "", false
	}
	if idlest != nil {
		s.remove(idlest)
		ended = idlest.id
	}
	s.begun++
	s.count[caller]++
	return ended, true
}

// openedFor gives the session that a request has opened; nil for none.
func openedFor(ctx context.Context) *session {
	if kept, ok := ctx.Value(reservationKey{}).(*reservation); ok {
		return kept.opened
	}
	return nil
}

// agreed notes the revision that was agreed on with the client of the session that a request opens.
func agreed(ctx context.Context, _ any, _ *mcp.InitializeRequest, result *mcp.InitializeResult) {
	if opened := openedFor(ctx); opened != nil {
		opened.version = result.ProtocolVersion // nobody else knows the session yet
	}
}

// release gives the place back if no session took it.
func (r *reservation) release() {
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	if !r.taken {
		r.taken = true
		r.all.begun--
		oneLess(r.all.count, r.caller)
	}
}

// size gives the number of open sessions.
func (s *sessions) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// room gives the session that has to end before a caller can open one: nil when none has to. It reports false when all
// that could are in use. The caller holds the lock.
func (s *sessions) room(caller string) (idlest *session, ok bool) {
	bounded := caller != "" && s.count[caller] >= maxSessionsEach
	if !bounded && len(s.open)+s.begun < maxSessions {
		return nil, true
	}
	for place := s.recent.Back(); place != nil; place = place.Prev() {
		candidate, _ := place.Value.(*session)
		switch {
		case candidate.busy > 0:
		case candidate.caller == caller:
			return candidate, true
		case idlest == nil && !bounded:
			idlest = candidate
		}
	}
	return idlest, idlest != nil
}

// find gives the session of an id if the caller of a request has opened it. The caller holds the lock.
func (s *sessions) find(ctx context.Context, id string) (*session, bool) {
	found, ok := s.open[id]
	if ok && found.caller != principalID(ctx) {
		countRefusal(ctx, refusedForeign)
		s.logger.WarnContext(ctx, "a caller used the session of another one", slog.String("transport", "http"),
			slog.String("caller", principalID(ctx)), slog.String("owner", found.caller))
		return nil, false
	}
	return found, ok
}

// owns reports whether the caller of a request has opened a session, without using it.
func (s *sessions) owns(ctx context.Context, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[id]
	return ok && found.caller == principalID(ctx)
}

// use gives a session of the caller of a request. It does not end for others until used is called.
func (s *sessions) use(ctx context.Context, id string) (used *session, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if used, ok = s.find(ctx, id); !ok {
		return nil, false
	}
	used.busy++
	s.recent.MoveToFront(used.place)
	return used, true
}

// used notes that a request or a stream of a session has ended.
func (s *sessions) used(idle *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	idle.busy--
	idle.last = s.clock.now()
	s.recent.MoveToFront(idle.place) // one that has left the list stays out
}

// end ends a session.
func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.open[id]; ok { // else it ended a moment ago
		s.remove(found)
	}
}

// remove ends a session. The caller holds the lock.
func (s *sessions) remove(ended *session) {
	ended.end()
	delete(s.open, ended.id)
	s.recent.Remove(ended.place)
	oneLess(s.count, ended.caller)
}

// ResolveSessionIdManager gives the sessions as the caller of a request sees them.
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

// Generate opens a session, in the place that is kept for it.
func (s sessionsOf) Generate() string {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	opened := &session{id: rand.Text(), caller: principalID(s.ctx), last: s.all.clock.now()}
	opened.ctx, opened.end = context.WithCancel(s.all.life)
	opened.place = s.all.recent.PushFront(opened)
	s.all.open[opened.id] = opened
	if kept, ok := s.ctx.Value(reservationKey{}).(*reservation); ok && !kept.taken {
		kept.taken, kept.opened = true, opened
		opened.busy++ // until it is open: it must not end before the library knows it
		s.all.begun--
	} else {
		s.all.count[opened.caller]++
	}
	return opened.id
}

// Validate tells the library whether a session of the caller is open.
func (s sessionsOf) Validate(id string) (terminated bool, err error) {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
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
