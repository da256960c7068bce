package server

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// refuse answers a request that goes no further, as MCP clients read it.
func refuse(w http.ResponseWriter, status int, reason string) {
	writeJSON(w, status, errorMessage(nil, invalid(reason)))
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// Where this fails the client is gone, and nobody is left to tell.
	_, _ = w.Write(append(body, '\n')) //nolint:gosec // it is JSON, by its type, too: no page
}

// allowMethods refuses every other method.
func allowMethods(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	if slices.Contains(methods, r.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	refuse(w, http.StatusMethodNotAllowed, "this path takes "+strings.Join(methods, ", "))
	return false
}

// readBody reads a JSON body, or refuses it. The type is checked because browsers send all others without asking.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "the Content-Type must be application/json")
		return nil, false
	}
	// A client that sends slowly must not hold a connection for ever; recorders in tests know no deadlines.
	deadlines := http.NewResponseController(w)
	_ = deadlines.SetReadDeadline(time.Now().Add(bodyTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	_ = deadlines.SetReadDeadline(time.Time{})
	var oversize *http.MaxBytesError
	switch {
	case errors.As(err, &oversize):
		refuse(w, http.StatusRequestEntityTooLarge, "the body is longer than 4 MiB")
	case err != nil:
		refuse(w, http.StatusBadRequest, "the body could not be read")
	default:
		return body, true
	}
	return nil, false
}

// guardedWriter sets the headers that every answer carries, over what the library sets.
type guardedWriter struct {
	http.ResponseWriter
	prepared bool
}

// prepare runs before the first byte.
func (w *guardedWriter) prepare() {
	if w.prepared {
		return
	}
	w.prepared = true
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	if strings.HasPrefix(header.Get("Content-Type"), "text/event-stream") {
		header.Set("X-Accel-Buffering", "no") // or nginx holds events back
	}
	// The library lets every web page read the SSE stream.
	header.Del("Access-Control-Allow-Origin")
}

// WriteHeader writes the status line and the headers.
func (w *guardedWriter) WriteHeader(status int) {
	w.prepare()
	w.ResponseWriter.WriteHeader(status)
}

// Write writes a part of the body.
func (w *guardedWriter) Write(p []byte) (int, error) {
	w.prepare()
	return w.ResponseWriter.Write(p)
}

// Flush sends what is buffered.
func (w *guardedWriter) Flush() {
	w.prepare()
	_ = http.NewResponseController(w.ResponseWriter).Flush() // a writer that cannot flush has sent all
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *guardedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// until gives a context that also ends with another one.
func until(ctx, other context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(other, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
