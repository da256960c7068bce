package server

import (
	"bytes"
	"encoding/json"
	"sync"
)

// ledger knows which requests of a connection are not answered yet.
type ledger struct {
	mu      sync.Mutex
	open    map[string]request
	awaited int
	closed  bool
	settled chan struct{} // closed when nothing is awaited any more
	// asked are the requests of this server that the client has not answered, by id.
	asked map[string]bool
}

// request is a request that was accepted.
type request struct {
	id json.RawMessage
	// awaited says that the answer comes by itself; that of a listen stream comes when the client ends it.
	awaited bool
	// why is what replaces the library's words if it refuses the request; nil for none.
	why *explanation
}

func newLedger() *ledger {
	return &ledger{open: map[string]request{}, asked: map[string]bool{}, settled: make(chan struct{})}
}

// accept notes a request, or says why it is refused.
func (l *ledger) accept(m message) *rpcError {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := idKey(m.ID)
	if _, taken := l.open[key]; taken {
		return &rpcError{code: codeInvalidRequest, message: "the id is in use by a request that is not answered yet"}
	}
	if l.closed {
		return &rpcError{code: codeInternalError, message: "the server is shutting down"}
	}
	accepted := request{id: bytes.Clone(m.ID), awaited: m.Method != methodListen}
	l.open[key] = accepted
	if accepted.awaited {
		l.awaited++
	}
	return nil
}

// size tells how many requests are open.
func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// find gives the open request that an answer belongs to.
func (l *ledger) find(id json.RawMessage) (request, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.open[idKey(id)]
	return found, ok
}

// explain notes why the library will refuse a request. The id is as the library has read it.
func (l *ledger) explain(id any, why *explanation) {
	key, err := json.Marshal(id)
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if refused, ok := l.open[string(key)]; ok {
		refused.why = why
		l.open[string(key)] = refused
	}
}

// settle notes that a request is answered.
func (l *ledger) settle(id json.RawMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := idKey(id)
	settled, ok := l.open[key]
	if !ok {
		return
	}
	delete(l.open, key)
	if !settled.awaited {
		return
	}
	l.awaited--
	if l.awaited == 0 && l.closed {
		close(l.settled)
	}
}

// close accepts no further requests. It gives a channel that is closed once all that are awaited are answered.
func (l *ledger) close() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed && l.awaited == 0 {
		close(l.settled)
	}
	l.closed = true
	return l.settled
}

// unanswered gives the ids of all open requests.
func (l *ledger) unanswered() []json.RawMessage {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make([]json.RawMessage, 0, len(l.open))
	for _, open := range l.open {
		ids = append(ids, open.id)
	}
	return ids
}

// ask notes a request of this server.
func (l *ledger) ask(id json.RawMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[idKey(id)] = true
}

// answers reports whether a response of the client answers a request of this server. It does so once.
func (l *ledger) answers(id json.RawMessage) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := idKey(id)
	waited := l.asked[key]
	delete(l.asked, key)
	return waited
}

// restore makes a message of the library ready for the client: the id becomes what the client sent, which the library
// rounds when it is above 2^53, and the words of a refusal those of its explanation. It gives the id that the message
// answers, nil when it answers none, and whether the client should have the message: an answer that nobody waits for
// should not be sent.
func (l *ledger) restore(line []byte) (restored []byte, id json.RawMessage, wanted bool) {
	var answer response
	if json.Unmarshal(line, &answer) != nil || answer.ID == nil || string(answer.ID) == "null" {
		return line, nil, true
	}
	if answer.Method != nil {
		l.ask(answer.ID)
		return line, nil, true
	}
	open, ok := l.find(answer.ID)
	if !ok {
		return nil, nil, false
	}
	if !open.why.replace(&answer) && bytes.Equal(open.id, answer.ID) {
		return line, open.id, true
	}
	answer.ID = open.id
	if restored, err := json.Marshal(answer); err == nil {
		line = restored
	}
	return line, open.id, true
}
