package server

import (
	"net/http"
	"sync"
)

// maxSessionCalls bounds the requests of one session that run at a time. Each has a connection, or a stream of one, that
// is bounded, too; those of an SSE client have not, so that fewer of them run.
const maxSessionCalls = 512

// running counts the requests of sessions that are not answered yet.
type running struct {
	mu    sync.Mutex
	count map[string]int // by session
}

func newRunning() *running { return &running{count: map[string]int{}} }

// begin notes a request of a session, or refuses it. The caller calls end with the session once it is answered.
func (c *running) begin(w http.ResponseWriter, session string) (ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count[session] >= maxSessionCalls {
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "too many calls of this session are running")
		return false
	}
	c.count[session]++
	return true
}

func (c *running) end(session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count[session]--
	if c.count[session] == 0 {
		delete(c.count, session)
	}
}
