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

	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// maxSessions bounds what clients that never say goodbye can hold: until they expire 1 kB each, and 10 kB where the
	// library knows the session. Beyond it the one that has been idle longest ends.
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
	count  map[string]int // of each caller
	recent *list.List     // of *session, those used last in front
}

// session is an open session.
type session struct {
	agreement

	id, caller string
	ctx        context.Context // the life of the session
	end        context.CancelFunc
	busy       int       // requests and streams that are under way
	last       time.Time // when it was used
	place      *list.Element

	joining sync.Mutex
	joined  bool // the library knows it
}

func newSessions(life context.Context, c clock, logger *slog.Logger) *sessions {
	return &sessions{life: life, clock: c, logger: logger, open: map[string]*session{}, count: map[string]int{}, recent: list.New()}
}

// begin opens a session of the caller of a request, for which the one that has been idle longest ends if there is no place
// left. It does not end for others until used is called. None is opened when all are in use, or the server ends.
func (s *sessions) begin(ctx context.Context) (opened *session, ok bool) {
	opened, ended, ok := s.replace(principalID(ctx))
	if ended != nil && s.forget != nil {
		s.forget(ended.id)
	}
	return opened, ok
}

// replace opens a session of a caller. It gives the one that ended for it; nil for none.
func (s *sessions) replace(caller string) (opened, ended *session, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ended, ok = s.room(caller); !ok || s.life.Err() != nil {
		return nil, nil, false
	}
	if ended != nil {
		s.remove(ended)
	}
	opened = &session{id: rand.Text(), caller: caller, last: s.clock.now(), busy: 1}
	opened.ctx, opened.end = context.WithCancel(s.life)
	opened.place = s.recent.PushFront(opened)
	s.open[opened.id] = opened
	s.count[caller]++
	return opened, ended, true
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
	if !bounded && len(s.open) < maxSessions {
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

// Generate gives the library the id of the session that it comes to know.
func (s sessionsOf) Generate() string {
	if known := joining(s.ctx); known != nil {
		return known.id
	}
	return ""
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
