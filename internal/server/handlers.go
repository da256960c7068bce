package server

import (
	"net/http"
	"sync"
)

// handlers counts the HTTP requests that are being handled, and the SSE calls that outlive theirs. It is safe for
// concurrent use; the zero value has none.
type handlers struct {
	mu      sync.Mutex
	running int
	resting int             // of those that are running
	waiting []chan struct{} // closed when none is running
	// working is told how many are running and do not rest, whenever that changes.
	working func(int)
}

// tell has a function told how many requests are being worked on, from now on.
func (h *handlers) tell(working func(int)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.working = working
}

// begin notes a handler. The caller calls end once it has returned.
func (h *handlers) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running++
	h.changed()
}

func (h *handlers) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running--
	h.changed()
	if h.running > 0 {
		return
	}
	for _, idle := range h.waiting {
		close(idle)
	}
	h.waiting = nil
}

// rest notes that a running handler has nothing to do but wait, as a stream does, until the function is called.
func (h *handlers) rest() (over func()) {
	h.add(1)
	return func() { h.add(-1) }
}

func (h *handlers) add(resting int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.resting += resting
	h.changed()
}

// changed tells how many work. The caller holds the lock.
func (h *handlers) changed() {
	if h.working != nil {
		h.working(h.running - h.resting)
	}
}

// none gives a channel that is closed once no handler is running.
func (h *handlers) none() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	idle := make(chan struct{})
	if h.running == 0 {
		close(idle)
		return idle
	}
	h.waiting = append(h.waiting, idle)
	return idle
}

// count counts the requests that a handler handles.
func (h *handlers) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.begin()
		defer h.end()
		next.ServeHTTP(w, r)
	})
}
