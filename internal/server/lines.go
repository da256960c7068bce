package server

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"
	"sync/atomic"
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
				return trimmed(line), nil
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
	return trimmed(line), nil
}

// trimmed leaves out the white space of JSON around a line, and no other.
func trimmed(line []byte) []byte { return bytes.Trim(line, " \t\r\n") }

// lineWriter writes messages to the client, one whole line a write.
type lineWriter struct {
	mu     sync.Mutex
	out    io.Writer
	failed chan struct{} // closed when the client cannot be written to
	err    error
	// writing says that a write is under way: it lasts when the client does not read.
	writing atomic.Bool
}

func newLineWriter(out io.Writer) *lineWriter {
	return &lineWriter{out: out, failed: make(chan struct{})}
}

// deliver writes a message if it is wanted, which is asked when nothing else can be written before it.
func (w *lineWriter) deliver(message []byte, wanted func() bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !wanted() || w.err != nil {
		return w.err
	}
	w.writing.Store(true)
	defer w.writing.Store(false)
	if _, err := w.out.Write(append(bytes.TrimSpace(message), '\n')); err != nil {
		w.err = err
		close(w.failed)
	}
	return w.err
}

// close lets nothing more through and tells why the client could not be written to, if so.
func (w *lineWriter) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.err
	if err == nil {
		w.err = io.ErrClosedPipe
	}
	return err
}

// always is for messages that answer nothing.
func always() bool { return true }
