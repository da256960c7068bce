package server

import (
	"net/http"
	"strings"
	"time"
)

// guardedWriter sets the headers that every answer carries, over what the library sets, and gives up clients that do
// not take what they asked for.
type guardedWriter struct {
	http.ResponseWriter
	deadlines http.ResponseController
	// lifts says that a deadline must not stay when a write is over: HTTP/2 ends the streams whose deadlines pass while
	// nothing is written.
	lifts    bool
	origin   string // of the allowed page that asks, if one does
	prepared bool
	// readable and writable are until when may be read and written.
	readable, writable time.Time
}

// prepare runs before the first byte.
func (w *guardedWriter) prepare() {
	if w.prepared {
		return
	}
	w.prepared = true
	header := w.Header()
	values := []string{"nosniff", "no-store", "Origin"} // one allocation for all
	header["X-Content-Type-Options"], header["Cache-Control"] = values[0:1:1], values[1:2:2]
	if strings.HasPrefix(field(header, "Content-Type"), "text/event-stream") {
		header.Set("X-Accel-Buffering", "no") // or nginx holds events back
	}
	header["Vary"] = append(values[2:3:3], header["Vary"]...)
	delete(header, "Access-Control-Allow-Origin") // the library lets every web page read the SSE stream
	if w.origin != "" {
		letRead(header, w.origin)
	}
}

// WriteHeader writes the status line and the headers.
func (w *guardedWriter) WriteHeader(status int) {
	w.prepare()
	w.ResponseWriter.WriteHeader(status)
}

// Write writes a part of the body, in blocks: each has a deadline of its own.
func (w *guardedWriter) Write(p []byte) (written int, err error) {
	w.prepare()
	for {
		block := p[written:min(len(p), written+writeBlock)]
		err = w.inTime(func() error {
			n, err := w.ResponseWriter.Write(block)
			written += n
			return err
		})
		if err != nil || written >= len(p) {
			return written, err
		}
	}
}

// Flush sends what is buffered.
func (w *guardedWriter) Flush() {
	w.prepare()
	_ = w.inTime(w.deadlines.Flush) // a writer that cannot flush has sent all
}

// inTime gives a write a deadline.
func (w *guardedWriter) inTime(write func() error) error {
	w.boundWriting(time.Now().Add(writeTimeout))
	if w.lifts {
		defer w.boundWriting(time.Time{})
	}
	return write()
}

// boundWriting sets until when may be written.
func (w *guardedWriter) boundWriting(end time.Time) {
	w.writable = end
	_ = w.deadlines.SetWriteDeadline(end) // recorders in tests know no deadlines
}

// boundReading sets until when may be read; the zero time stands for ever.
func (w *guardedWriter) boundReading(end time.Time) {
	w.readable = end
	_ = w.deadlines.SetReadDeadline(end) // recorders in tests know no deadlines
}

// finish gives what net/http writes after the handler a deadline, unless what was written just now leaves enough of its own.
// net/http lifts it itself.
func (w *guardedWriter) finish() {
	if now := time.Now(); w.writable.Sub(now) < writeTimeout-justNow {
		w.boundWriting(now.Add(writeTimeout))
	}
}

// guarded gives what sets the deadlines of a connection.
func guarded(w http.ResponseWriter) *guardedWriter {
	if guarded, ok := w.(*guardedWriter); ok {
		return guarded
	}
	return &guardedWriter{ResponseWriter: w, deadlines: *http.NewResponseController(w)}
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *guardedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
