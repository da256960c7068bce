package server

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
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
	_, _ = w.Write(append(body, '\n'))
}

// allowMethods refuses every other method, and answers OPTIONS.
func allowMethods(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	if slices.Contains(methods, r.Method) {
		return true
	}
	if r.Method == http.MethodOptions {
		serveOptions(w, r, strings.Join(methods, ", "))
		return false
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	refuse(w, http.StatusMethodNotAllowed, "this path takes "+strings.Join(methods, ", "))
	return false
}

// readBody reads a JSON body as far as its charge goes, or refuses it. The type is checked because browsers send all others without asking.
func readBody(w http.ResponseWriter, r *http.Request, held *charge) ([]byte, bool) {
	if !isJSON(field(r.Header, "Content-Type")) {
		refuse(w, http.StatusUnsupportedMediaType, "the Content-Type must be application/json")
		return nil, false
	}
	connection := guarded(w)
	whole := io.Reader(r.Body)
	if r.ContentLength < 0 { // else the guard has seen how long it is
		whole = http.MaxBytesReader(w, r.Body, maxMessage)
	}
	body, err := io.ReadAll(newPacedBody(whole, connection, held))
	var oversize *http.MaxBytesError
	switch {
	case errors.As(err, &oversize):
		// A part of the rest is read, so that the client reads the answer.
		connection.boundReading(time.Now().Add(blockTimeout))
		w.Header().Set("Connection", "close")
		countRefusal(r.Context(), refusedTooLarge)
		refuse(w, http.StatusRequestEntityTooLarge, "the body is longer than 4 MiB")
	case errors.Is(err, errTooMuchHeld):
		connection.boundReading(time.Now().Add(blockTimeout))
		w.Header().Set("Connection", "close")
		w.Header().Set("Retry-After", "1")
		countRefusal(r.Context(), refusedCapacity)
		refuse(w, http.StatusServiceUnavailable, errTooMuchHeld.Error()+"; nothing has been done, retry later")
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		refuse(w, http.StatusRequestTimeout, "the body comes too slowly")
	case err != nil:
		refuse(w, http.StatusBadRequest, "the body could not be read")
	default:
		connection.boundReading(time.Time{})
		return body, true
	}
	return nil, false
}

func isJSON(contentType string) bool {
	const want = "application/json"
	if contentType == want {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == want
}

// until gives a context that also ends with another one.
func until(ctx, other context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(other, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
