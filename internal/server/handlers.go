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
	waiting []chan struct{} // closed when none is running
	// busy is how many requests are being worked on, which working is told of, whenever it changes; nil for nobody.
	busy    int
	working func(int)
}

// begin notes a handler. The caller calls end once it has returned.
func (h *handlers) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running++
}

func (h *handlers) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running--
	if h.running > 0 {
		return
	}
	for _, idle := range h.waiting {
		close(idle)
	}
	h.waiting = nil
}

// work notes that one more request is being worked on, or one less.
func (h *handlers) work(change int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy += change
	if h.working != nil {
		h.working(h.busy)
	}
}

// worked notes that the requests of a handler are being worked on. A GET opens a stream, which does nothing but wait.
func (h *handlers) worked(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			h.work(1)
			defer h.work(-1)
		}
		next(w, r)
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
