package server

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
)

// ledger knows which requests are not answered yet, of one connection or, by scope, of many.
type ledger struct {
	mu      sync.Mutex
	open    map[scopedID]*request
	awaited int
	closed  bool
	settled chan struct{} // closed when nothing is awaited any more
}

// scopedID tells the requests of a ledger apart.
type scopedID struct{ scope, id string }

// request is a request that was accepted.
type request struct {
	id     json.RawMessage
	key    scopedID
	method string
	// ctx ends when the request is answered, or the client gives it up.
	ctx context.Context
	end context.CancelFunc
	// awaited says that the answer comes by itself; that of a listen stream comes when the client ends it.
	awaited bool
	// raw is the message while it waits for a worker.
	raw []byte
	// call is what the request calls, if that is all it says.
	call toolCall

	mu sync.Mutex
	// why is what replaces the library's words if it refuses the request; nil for none.
	why *explanation
	// filling is what the answer holds beside what the library encodes.
	filling *filling
}

func newLedger() *ledger {
	return &ledger{open: map[scopedID]*request{}, settled: make(chan struct{})}
}

// accept notes a request, which lives no longer than ctx, or says why it is refused. Requests of different scopes may
// have the same id.
func (l *ledger) accept(ctx context.Context, scope string, m message) (*request, *rpcError) {
	ctx, end := context.WithCancel(ctx)
	accepted, refusal := l.note(ctx, end, scope, m)
	if refusal != nil {
		end()
	}
	return accepted, refusal
}

// note does the same with a context that the request has for itself, and that end ends.
func (l *ledger) note(ctx context.Context, end context.CancelFunc, scope string, m message) (*request, *rpcError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := scopedID{scope, idKey(m.ID)}
	if _, taken := l.open[key]; taken {
		return nil, invalid("the id is in use by a request that is not answered yet")
	}
	if l.closed {
		return nil, &rpcError{code: codeInternalError, message: "the server is shutting down"}
	}
	accepted := &request{
		id: m.ID, key: key, method: m.Method, ctx: withProgressToken(ctx, m), end: end,
		awaited: m.Method != methodListen, call: m.toolCall(),
	}
	l.open[key] = accepted
	if accepted.awaited {
		l.awaited++
	} else {
		accepted.id = bytes.Clone(m.ID) // the message is not kept for as long as the stream is open
	}
	return accepted, nil
}

// size tells how many requests are open.
func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// settle notes that a request is about to be answered. It reports whether the answer is wanted: there is one, and the
// client has not given the request up. From then on the client may use the id anew, so that the caller must not let
// another answer pass before this one.
func (l *ledger) settle(r *request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.remove(r)
}

// cancel ends the request that the params of a client's cancellation name, which then gets no answer. It gives nil when
// there is none.
func (l *ledger) cancel(scope string, params json.RawMessage) *request {
	var named struct {
		RequestID json.RawMessage `json:"requestId"`
	}
	if json.Unmarshal(params, &named) != nil || named.RequestID == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	canceled := l.open[scopedID{scope, idKey(named.RequestID)}]
	if canceled == nil || !l.remove(canceled) {
		return nil
	}
	return canceled
}

// remove ends a request. It reports whether it was open. The caller holds the lock.
func (l *ledger) remove(r *request) bool {
	r.end()
	if l.open[r.key] != r {
		return false
	}
	delete(l.open, r.key)
	if r.awaited {
		l.awaited--
	}
	if l.awaited == 0 && l.closed {
		l.finish()
	}
	return true
}

// close accepts no further requests. It gives a channel that is closed once all that are awaited are answered.
func (l *ledger) close() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.awaited == 0 {
		l.finish()
	}
	return l.settled
}

// finish tells that nothing is awaited. The caller holds the lock.
func (l *ledger) finish() {
	select {
	case <-l.settled:
	default:
		close(l.settled)
	}
}

// unanswered gives all open requests.
func (l *ledger) unanswered() []*request {
	l.mu.Lock()
	defer l.mu.Unlock()
	open := make([]*request, 0, len(l.open))
	for _, r := range l.open {
		open = append(open, r)
	}
	return open
}

// explain notes why the library will refuse the request.
func (r *request) explain(why *explanation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.why = why
}

// explanation is why the library refused the request, if that was foreseen.
func (r *request) explanation() *explanation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.why
}

func (r *request) fill(with *filling) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.filling = with
}

// filled is what belongs into the answer; nil for nothing.
func (r *request) filled() *filling {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.filling
}
