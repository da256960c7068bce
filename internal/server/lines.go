package server

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"
)

// maxMessage bounds a message on every transport, in bytes. Files that are larger go by path.
const maxMessage = 4 << 20

// errOversize says that a line was longer than allowed; reading can go on behind it.
var errOversize = errors.New("the line is too long")

// lineReader reads lines of a bounded length.
type lineReader struct {
	in       *bufio.Reader
	max      int
	skipping bool // within a line that was refused
}

// next gives a line without its end. A last line needs none. A line that exceeds the bound is refused as soon as it
// does, and never held; the next call goes on behind it.
func (r *lineReader) next() ([]byte, error) {
	var line []byte
	for {
		part, err := r.in.ReadSlice('\n')
		complete := err == nil
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return nil, err
		}
		switch {
		case r.skipping:
			r.skipping = !complete
		case len(line)+len(bytes.TrimRight(part, "\r\n")) > r.max:
			r.skipping = !complete
			return nil, errOversize
		default:
			line = append(line, part...)
			if complete {
				return bytes.TrimSpace(line), nil
			}
		}
		if errors.Is(err, io.EOF) {
			return lastLine(line)
		}
	}
}

// lastLine ends the input: with what it holds behind the last newline, if anything.
func lastLine(line []byte) ([]byte, error) {
	if len(line) == 0 {
		return nil, io.EOF
	}
	return bytes.TrimSpace(line), nil
}

// answerWriter passes the messages of the library on to the client, one whole line a write, and settles what they
// answer. An answer that nobody waits for is dropped, so that each request is answered once.
type answerWriter struct {
	mu      sync.Mutex
	out     io.Writer
	ledger  *ledger
	partial []byte
	failed  chan struct{} // closed when the client cannot be written to
	err     error
}

func newAnswerWriter(out io.Writer, l *ledger) *answerWriter {
	return &answerWriter{out: out, ledger: l, failed: make(chan struct{})}
}

// Write takes any part of the stream of messages.
func (w *answerWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.partial = append(w.partial, p...)
	for {
		line, rest, found := bytes.Cut(w.partial, []byte("\n"))
		if !found {
			return len(p), w.err
		}
		w.deliver(line)
		w.partial = rest
		if len(rest) == 0 {
			w.partial = nil
		}
	}
}

// refuse answers a request, or a message without an id, with an error.
func (w *answerWriter) refuse(id []byte, refusal rpcError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deliver(errorMessage(id, refusal.code, refusal.message))
}

// notify writes a notification.
func (w *answerWriter) notify(message []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deliver(message)
	return w.err
}

// explain notes why the library will refuse a request.
func (w *answerWriter) explain(id any, why *explanation) { w.ledger.explain(id, why) }

// deliver writes one message. The caller holds the lock.
func (w *answerWriter) deliver(line []byte) {
	line, id, wanted := w.ledger.restore(line)
	if !wanted || w.err != nil {
		return
	}
	if _, err := w.out.Write(append(bytes.Clone(line), '\n')); err != nil {
		w.err = err
		close(w.failed)
		return
	}
	if id != nil {
		w.ledger.settle(id)
	}
}

// close lets nothing more through and tells why the client could not be written to, if so.
func (w *answerWriter) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.err
	if err == nil {
		w.err = io.ErrClosedPipe
	}
	return err
}
