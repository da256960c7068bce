package server

import (
	"net/http"
	"sync"
)

// maxSessionCalls bounds the requests of one session that run at a time.
const maxSessionCalls = maxStreamCalls

// running knows the requests of sessions that are not answered yet: the library tells them apart by their ids alone, so
// that of two with the same id none could be canceled for certain.
type running struct {
	mu   sync.Mutex
	open map[string]map[string]bool // by session and id
}

func newRunning() *running { return &running{open: map[string]map[string]bool{}} }

// begin notes a request of a session, or refuses it. The caller calls end once it is answered.
func (c *running) begin(w http.ResponseWriter, session string, m message) (end func(), ok bool) {
	if !m.isRequest() {
		return func() {}, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	calls, id := c.open[session], idKey(m.ID)
	switch {
	case calls[id]:
		writeJSON(w, http.StatusBadRequest,
			errorMessage(nil, codeInvalidRequest, "the id is in use by a request that is not answered yet"))
		return nil, false
	case len(calls) >= maxSessionCalls:
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusTooManyRequests, "too many calls of this session are running")
		return nil, false
	case calls == nil:
		calls = map[string]bool{}
		c.open[session] = calls
	}
	calls[id] = true
	return func() { c.end(session, id) }, true
}

func (c *running) end(session, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open[session], id)
	if len(c.open[session]) == 0 {
		delete(c.open, session)
	}
}
