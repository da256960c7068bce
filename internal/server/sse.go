package server

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// maxStreams bounds the open SSE streams.
	maxStreams = 1024
	// maxStreamCalls bounds the calls that one SSE client has running: the library starts each at once.
	maxStreamCalls = 100
)

// eventPrefix begins every event that holds a message.
const eventPrefix = "event: message\ndata: "

// streamKey carries the *stream that a request belongs to.
type streamKey struct{}

// events is the HTTP+SSE transport of 2024. Over the library's it refuses what guards cannot see, cancels the calls of
// a client that is gone, and lets the calls of the others end before their streams do.
type events struct {
	library *mcpserver.SSEServer
	logger  *slog.Logger
	server  *Server

	mu      sync.Mutex
	streams map[string]*stream
	closing bool
}

// stream is an open SSE stream.
type stream struct {
	id     string
	caller string
	ctx    context.Context // the life of the stream
	end    context.CancelFunc
	server *Server
	calls  *ledger
	writer *eventWriter
	// session is the library's; served is made of it with the first message.
	session atomic.Pointer[mcpserver.ClientSession]
	joined  sync.Once
	served  *connection
}

func (s *Server) newEvents() *events {
	return &events{
		streams: map[string]*stream{}, logger: s.logger, server: s,
		library: mcpserver.NewSSEServer(s.mcp,
			mcpserver.WithSSEEndpoint(routeSSE),
			mcpserver.WithMessageEndpoint(routeMessage),
			mcpserver.WithUseFullURLForMessageEndpoint(false),
			mcpserver.WithKeepAliveInterval(keepAlive),
			mcpserver.WithSSEDisableLocalhostProtection(true), // the guard is stricter and knows the allowed hosts
			mcpserver.WithSessionIDGenerator(func(ctx context.Context, _ *http.Request) (string, error) {
				return streamOf(ctx).id, nil
			}),
		),
	}
}

// serveStream holds the stream of a client open.
func (e *events) serveStream(w http.ResponseWriter, r *http.Request) {
	if !allowMethods(w, r, http.MethodGet) {
		return
	}
	if !mayOpen(w, r) || !verified(w, r) {
		return
	}
	ctx, end := context.WithCancel(r.Context())
	defer end()
	opened := &stream{
		id: rand.Text(), caller: principalID(ctx), ctx: ctx, end: end, server: e.server, calls: newLedger(),
		writer: &eventWriter{ResponseWriter: w},
	}
	defer opened.writer.close()
	if !e.open(opened) {
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, "no further stream can be opened now")
		return
	}
	defer e.remove(opened)
	r = r.WithContext(context.WithValue(ctx, streamKey{}, opened))
	e.library.SSEHandler().ServeHTTP(opened.writer, r)
}

// serveMessage takes a message of a client; the answer goes to its stream.
func (e *events) serveMessage(w http.ResponseWriter, r *http.Request) {
	if !allowMethods(w, r, http.MethodPost) {
		return
	}
	target, ok := e.findOwn(r.Context(), r.URL.Query().Get("sessionId"))
	if !ok {
		refuse(w, http.StatusNotFound, "there is no such session; open "+routeSSE+" again")
		return
	}
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	m, refusal := parseMessage(body)
	if refusal == nil {
		if r, ok = admit(w, r, m); !ok {
			return
		}
	}
	if refusal != nil {
		writeJSON(w, http.StatusBadRequest, errorMessage(m.ID, refusal))
		return
	}
	target.take(w, r.WithContext(context.WithValue(r.Context(), streamKey{}, target)), m, body)
}

func (e *events) open(opened *stream) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing || len(e.streams) >= maxStreams || e.tooMany(opened.caller) {
		return false
	}
	e.streams[opened.id] = opened
	return true
}

func (e *events) remove(ended *stream) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.streams, ended.id)
}

// shutdown ends every stream: an idle one at once, others with the last answer that is waited for.
func (e *events) shutdown(ctx context.Context) error {
	e.mu.Lock()
	e.closing = true
	var ending sync.WaitGroup
	for _, open := range e.streams {
		ending.Go(func() {
			defer open.end()
			select {
			case <-open.calls.close():
			case <-open.ctx.Done():
			case <-ctx.Done():
			}
		})
	}
	e.mu.Unlock()
	ending.Wait()
	return ctx.Err()
}

// streamOf gives the stream that a request belongs to.
func streamOf(ctx context.Context) *stream {
	found, _ := ctx.Value(streamKey{}).(*stream)
	return found
}

// eventWriter writes the events of a stream, those of the library and those that answer what was posted.
type eventWriter struct {
	http.ResponseWriter

	mu     sync.Mutex
	closed bool // the stream is over
}

// deliver writes a message between those of the library.
func (w *eventWriter) deliver(message []byte, wanted func() bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !wanted() {
		return nil
	}
	if w.closed {
		return errOutletClosed
	}
	if _, err := w.ResponseWriter.Write(eventOf(message)); err != nil {
		return err
	}
	w.flush()
	return nil
}

// close lets nothing through any more: the connection is gone.
func (w *eventWriter) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
}

// Write writes one event: the library writes each at once.
func (w *eventWriter) Write(event []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ResponseWriter.Write(event)
}

// Flush sends what is buffered.
func (w *eventWriter) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
}

func (w *eventWriter) flush() {
	_ = http.NewResponseController(w.ResponseWriter).Flush() // a writer that cannot flush has sent all
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *eventWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
