package server

import (
	"net/http"
	"sync"
)

// maxListeners bounds the GET streams of one session. Clients need one, and a few more while they reconnect.
const maxListeners = 4

// listeners bounds the streams that wait for something to happen: GET streams of sessions, and those of
// subscriptions/listen, which belong to none. A session may have several; the library sends each message on one. One
// authenticated caller can hold maxStreamsEach of them.
type listeners struct {
	mu     sync.Mutex
	total  int
	open   map[string]int // by session
	caller map[string]int // by authenticated caller
}

func newListeners() *listeners { return &listeners{open: map[string]int{}, caller: map[string]int{}} }

// begin notes a stream of a session, or of none, or refuses it. The caller calls end with it.
func (l *listeners) begin(w http.ResponseWriter, r *http.Request, session string) (end func(), ok bool) {
	who := principalID(r.Context())
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() {
		if !ok {
			countRefusal(r.Context(), refusedCapacity)
		}
	}()
	switch {
	case session != "" && l.open[session] >= maxListeners:
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusTooManyRequests, "this session has too many open streams; end one first")
		return nil, false
	case who != "" && l.caller[who] >= maxStreamsEach:
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusTooManyRequests, "this caller has too many open streams; end one first")
		return nil, false
	case l.total >= maxStreams:
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, "no further stream can be opened now")
		return nil, false
	}
	l.open[session]++
	l.caller[who]++
	l.total++
	return func() { l.end(session, who) }, true
}

func (l *listeners) end(session, who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	oneLess(l.open, session)
	oneLess(l.caller, who)
}

// oneLess counts down, and forgets what nothing is left of.
func oneLess(counts map[string]int, key string) {
	counts[key]--
	if counts[key] == 0 {
		delete(counts, key)
	}
}
