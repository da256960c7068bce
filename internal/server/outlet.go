package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
)

// outlet is where the answer of a request goes. Notifications are written straight to it: the library's own way is a
// queue that answers overtake and that the requests of a session steal from each other.
type outlet interface {
	notify(message []byte) error
	// explain makes the answer to a request say why it is refused, if it is.
	explain(id any, why *explanation)
	// fill puts into the answer what the library does not encode.
	fill(with *filling)
}

// errOutletClosed says that nothing more can be written.
var errOutletClosed = errors.New("the connection takes no more notifications")

type outletKey struct{}

func withOutlet(ctx context.Context, out outlet) context.Context {
	return context.WithValue(ctx, outletKey{}, out)
}

// outletOf gives the outlet of a request; nil when there is none.
func outletOf(ctx context.Context) outlet {
	found, _ := ctx.Value(outletKey{}).(outlet)
	return found
}

// eventOf is a message as an event of a stream.
func eventOf(message []byte) []byte {
	event := append([]byte(eventPrefix), bytes.TrimSpace(message)...)
	return append(event, "\n\n"...)
}

// response is an answer of the library as it goes out.
type response struct {
	JSONRPC string           `json:"jsonrpc"`
	ID      json.RawMessage  `json:"id"`
	Method  *json.RawMessage `json:"method,omitempty"`
	Result  json.RawMessage  `json:"result,omitempty"`
	Error   json.RawMessage  `json:"error,omitempty"`
}

// answer is the response to one POST: a JSON object, or a stream of events once something precedes it.
type answer struct {
	http.ResponseWriter
	connection context.Context // ends with the connection

	mu        sync.Mutex
	begun     bool // the headers are out
	streaming bool // as a stream of events
	refused   int  // the status of a refusal in plain text, until it is written in JSON
	closed    bool // the request is over
	unwanted  bool // the client has given the request up
	why       *explanation
	filling   *filling
	form      [1]string // the Content-Type

	// id is the client's; the library rounds integers.
	id json.RawMessage
	// calls, if any, tells of the call ahead of the answer whether the client still wants it.
	calls *ledger
	call  *request
}

// notify turns the response into a stream of events, if it is not yet one, and writes the message.
func (a *answer) notify(message []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun && !a.closed {
		a.Header().Set("Content-Type", "text/event-stream")
		a.begin(http.StatusOK)
	}
	if a.closed || !a.streaming {
		return errOutletClosed
	}
	if _, err := a.ResponseWriter.Write(eventOf(message)); err != nil {
		return err
	}
	a.flush()
	return nil
}

// explain takes any id: the response answers one request.
func (a *answer) explain(_ any, why *explanation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.why = why
}

// fill replaces what was to be filled in before.
func (a *answer) fill(with *filling) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.filling = with
}

// begin sends the headers. The caller holds the lock.
func (a *answer) begin(status int) {
	a.begun = true
	if !isStream(a.Header()) && !a.answers() {
		status = http.StatusOK
		a.Header().Set("Content-Type", "text/event-stream")
	}
	a.streaming = isStream(a.Header())
	if status >= http.StatusBadRequest && strings.HasPrefix(a.Header().Get("Content-Type"), "text/plain") {
		a.refused = status
		a.Header().Set("Content-Type", "application/json")
		a.Header().Del("Content-Length")
	}
	a.ResponseWriter.WriteHeader(status)
}

// answers notes that the answer goes out. It reports whether the client wants it: one that has given the request up gets
// no answer, but its POST has to end, which an empty stream of events does in a way that all clients take. The caller
// holds the lock.
func (a *answer) answers() bool {
	if a.calls != nil {
		a.unwanted = !a.calls.settle(a.call)
		a.calls = nil
	}
	return !a.unwanted
}

// end ends the response to a request that was given up before it had one.
func (a *answer) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun && !a.answers() {
		a.Header().Set("Content-Type", "text/event-stream")
		a.begin(http.StatusOK)
	}
}

func isStream(header http.Header) bool {
	return strings.HasPrefix(field(header, "Content-Type"), "text/event-stream")
}

func (a *answer) flush() {
	_ = http.NewResponseController(a.ResponseWriter).Flush() // a writer that cannot flush has sent all
}

// close lets no notification through any more: the connection is another request's.
func (a *answer) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
}

// WriteHeader sends the headers unless a notification has.
func (a *answer) WriteHeader(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun {
		a.begin(status)
	}
}

// Write writes what the library answers: an object, which becomes an event when a notification came before it, or an
// event of its own.
func (a *answer) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun {
		a.begin(http.StatusOK)
	}
	if a.refused != 0 {
		refusal := refusalOf(a.refused)
		a.refused = 0
		_, err := a.ResponseWriter.Write(refusal)
		return len(p), err
	}
	object, isEvent := bytes.CutPrefix(bytes.TrimSpace(p), []byte(eventPrefix))
	if !bytes.HasPrefix(object, []byte("{")) {
		return a.ResponseWriter.Write(p)
	}
	message, ok := a.restored(object)
	if !ok {
		return len(p), nil
	}
	if a.streaming || isEvent {
		message = eventOf(message)
	}
	if _, err := a.ResponseWriter.Write(message); err != nil && a.connection.Err() == nil {
		return 0, err // the library reports it; that a client has left is no fault
	}
	if a.streaming {
		a.flush()
	}
	return len(p), nil
}

// reply writes an answer that is already as the client should have it.
func (a *answer) reply(message []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun {
		a.form[0] = "application/json"
		a.Header()["Content-Type"] = a.form[:]
		a.begin(http.StatusOK)
	}
	if !a.answers() {
		return
	}
	if a.streaming {
		message = eventOf(message)
	}
	_, _ = a.ResponseWriter.Write(message) // where this fails the client is gone
	if a.streaming {
		a.flush()
	}
}

// restored gives the library's message as the client should have it: an answer under the id that the client has sent,
// with the explanation in place of the library's words, if there is one. It reports whether the client wants it.
func (a *answer) restored(object []byte) (message []byte, wanted bool) {
	var read response
	if json.Unmarshal(object, &read) != nil || read.Method != nil {
		return object, true
	}
	if !a.answers() {
		return nil, false
	}
	explained := a.why.replace(&read)
	if !explained && (a.id == nil || bytes.Equal(a.id, read.ID) || string(read.ID) == "null") {
		return a.filling.into(object), true
	}
	if a.id != nil {
		read.ID = a.id
	}
	encoded, err := json.Marshal(read)
	if err != nil {
		return object, true
	}
	return append(a.filling.into(encoded), '\n'), true
}

// Flush sends what is buffered.
func (a *answer) Flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.flush()
}

// Unwrap lets [http.ResponseController] reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// heldAnswer is a response that goes out when it is released.
type heldAnswer struct {
	http.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
}

// Header gives the header to fill.
func (h *heldAnswer) Header() http.Header { return h.header }

// hasResult reports whether the answer is a result.
func (h *heldAnswer) hasResult() bool {
	var read response
	return json.Unmarshal(h.body.Bytes(), &read) == nil && read.Result != nil
}

// WriteHeader notes the status.
func (h *heldAnswer) WriteHeader(status int) { h.status = status }

// Write holds a part of the body.
func (h *heldAnswer) Write(p []byte) (int, error) { return h.body.Write(p) }

// release sends what was held.
func (h *heldAnswer) release() {
	if h.status != 0 {
		h.ResponseWriter.WriteHeader(h.status)
	}
	_, _ = h.ResponseWriter.Write(h.body.Bytes()) // the client is gone: nobody is left to tell
}
