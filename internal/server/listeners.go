package server

import (
	"net/http"
	"sync"
)

// maxListeners bounds the GET streams of one session. Clients need one, and a few more while they reconnect.
const maxListeners = 4

// listeners bounds the streams that wait for something to happen: GET streams of sessions, and those of
// subscriptions/listen, which belong to none. A session may have several; the library sends each message on one.
type listeners struct {
	mu    sync.Mutex
	total int
	open  map[string]int // by session
}

func newListeners() *listeners { return &listeners{open: map[string]int{}} }

// begin notes a stream of a session, or of none, or refuses it. The caller calls end with it.
func (l *listeners) begin(w http.ResponseWriter, session string) (end func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case session != "" && l.open[session] >= maxListeners:
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusTooManyRequests, "this session has too many open streams; end one first")
		return nil, false
	case l.total >= maxStreams:
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, "no further stream can be opened now")
		return nil, false
	}
	l.open[session]++
	l.total++
	return func() { l.end(session) }, true
}

func (l *listeners) end(session string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	l.open[session]--
	if l.open[session] == 0 {
		delete(l.open, session)
	}
}
