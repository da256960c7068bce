package server

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
)

// maxSessions bounds what clients that never say goodbye can hold: about 10 kB each until they expire.
const maxSessions = 4096

// errNoSession is for an id that was never given out, or no longer is.
var errNoSession = errors.New("there is no such session")

// sessions are the sessions of Streamable HTTP clients before the 2026 revision. They end with a DELETE, when they are
// idle for long, and with the server; whatever streams belong to one end with it. The method names are the library's.
type sessions struct {
	life context.Context // of the server

	mu   sync.Mutex
	open map[string]session
}

// session is an open session.
type session struct {
	ctx context.Context // the life of the session
	end context.CancelFunc
}

func newSessions(life context.Context) *sessions {
	return &sessions{life: life, open: map[string]session{}}
}

// full reports whether no session can be opened.
func (s *sessions) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open) >= maxSessions
}

// find gives the context that ends with a session.
func (s *sessions) find(id string) (context.Context, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[id]
	return found.ctx, ok
}

// Generate opens a session.
func (s *sessions) Generate() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rand.Text()
	ctx, end := context.WithCancel(s.life)
	s.open[id] = session{ctx: ctx, end: end}
	return id
}

// Validate tells the library whether a session is open.
func (s *sessions) Validate(id string) (terminated bool, err error) {
	if _, ok := s.find(id); !ok {
		return false, errNoSession
	}
	return false, nil
}

// Terminate ends a session.
func (s *sessions) Terminate(id string) (notAllowed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[id]
	if !ok {
		return false, nil // it ended a moment ago
	}
	found.end()
	delete(s.open, id)
	return false, nil
}
