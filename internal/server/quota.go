package server

import (
	"net/http"
	"sync"
)

const (
	// maxSessionCalls bounds the calls of one session that run at a time.
	maxSessionCalls = maxStreamCalls
	// maxListeners bounds the GET streams of one session: clients need one, and a few more while they reconnect. The
	// library sends each message on one of them.
	maxListeners = 4
)

// quota bounds what sessions have under way at a time.
type quota struct {
	what      string
	each, all int // of one session, and of all

	mu    sync.Mutex
	total int
	taken map[string]int // by session
}

func newQuota(what string, each, all int) *quota {
	return &quota{what: what, each: each, all: all, taken: map[string]int{}}
}

// take gives a session one more, or refuses its request. The caller calls leave once it is over.
func (q *quota) take(w http.ResponseWriter, session string) (leave func(), ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.taken[session] >= q.each:
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "this session has too many "+q.what+" under way; end one or wait")
		return nil, false
	case q.total >= q.all:
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, "no further "+q.what+" can be served now")
		return nil, false
	}
	q.taken[session]++
	q.total++
	return func() { q.leave(session) }, true
}

func (q *quota) leave(session string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.total--
	q.taken[session]--
	if q.taken[session] == 0 {
		delete(q.taken, session)
	}
}
