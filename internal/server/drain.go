package server

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// stdioFeed is what the library reads in place of stdin. It lets through whole lines that hold one message each, and
// shows the end only when everything that was accepted is answered: the library gives up all calls at the end.
type stdioFeed struct {
	ctx     context.Context // a reader has no other way to learn that it should end
	answers *answerWriter
	calls   *ledger
	drain   time.Duration

	lines   chan []byte
	rest    []byte        // of the line that is being handed over
	drained chan struct{} // closed when the end is shown
	showEnd func()

	mu  sync.Mutex
	err error
}

func newStdioFeed(ctx context.Context, answers *answerWriter, calls *ledger, drain time.Duration) *stdioFeed {
	drained := make(chan struct{})
	return &stdioFeed{
		ctx: ctx, answers: answers, calls: calls, drain: drain, lines: make(chan []byte),
		drained: drained, showEnd: sync.OnceFunc(func() { close(drained) }),
	}
}

// readFrom passes lines on until the input ends or nobody wants more.
func (f *stdioFeed) readFrom(input *lineReader) {
	defer close(f.lines)
	for {
		line, err := input.next()
		switch {
		case errors.Is(err, errOversize):
			f.answers.refuse(nil, rpcError{code: codeInvalidRequest, message: "the message is longer than 4 MiB"})
			continue
		case err != nil:
			f.fail(err)
			return
		case len(line) == 0:
			continue
		}
		select {
		case f.lines <- line:
		case <-f.ctx.Done():
			return
		case <-f.answers.failed:
			return
		}
	}
}

// Read hands the next accepted line over, in parts if need be. The library calls it from one goroutine at a time.
func (f *stdioFeed) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		line, ok := f.nextLine()
		if !ok {
			f.awaitAnswers()
			return 0, io.EOF
		}
		if f.admit(line) {
			line = append(line, '\n')
			f.rest = line
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// nextLine gives the next line; none when the input, the server or the client has ended.
func (f *stdioFeed) nextLine() ([]byte, bool) {
	if f.ctx.Err() != nil {
		return nil, false
	}
	select {
	case line, ok := <-f.lines:
		return line, ok
	case <-f.ctx.Done():
		return nil, false
	case <-f.answers.failed:
		return nil, false
	}
}

// admit reports whether the library should see a line, and answers it otherwise.
func (f *stdioFeed) admit(line []byte) bool {
	m, refusal := parseMessage(line)
	if refusal == nil && m.isRequest() {
		refusal = f.calls.accept(m)
	}
	if refusal != nil {
		f.answers.refuse(nil, *refusal)
		return false
	}
	if refusal = m.checkParams(); refusal != nil {
		f.answers.refuse(m.ID, *refusal)
		return false
	}
	return !m.isResponse() || f.calls.answers(m.ID)
}

// awaitAnswers waits until everything is answered, the drain is over or the client is gone.
func (f *stdioFeed) awaitAnswers() {
	defer f.showEnd()
	limit := time.NewTimer(f.drain)
	defer limit.Stop()
	select {
	case <-f.calls.close():
	case <-limit.C:
	case <-f.answers.failed:
	}
}

func (f *stdioFeed) fail(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || f.ctx.Err() != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *stdioFeed) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
