package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// stdioConnection is a client on a pair of streams.
type stdioConnection struct {
	connection
	client  *stdioSession
	lines   *lineWriter
	queue   *callQueue
	slots   chan struct{}   // one for each request beside the calls
	held    *budget         // of the requests beside the calls
	running context.Context // the life of whatever was accepted
	working sync.WaitGroup

	mu     sync.Mutex
	ending bool // what is done is being waited for: nothing more may begin
}

// ServeStdio speaks MCP over a pair of streams, one JSON-RPC message a line, until in ends or ctx does. Requests that
// were accepted by then are answered first, for at most ten seconds. It gives an error only when out or in fails.
//
// A read of in that blocks when ctx ends is left behind: close in to end it.
func (s *Server) ServeStdio(ctx context.Context, in io.Reader, out io.Writer) error {
	// The end of ctx must stop the reading, not the calls: they are drained.
	running, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	c := s.newStdioConnection(running, out)
	if err := s.mcp.RegisterSession(running, c.client); err != nil {
		return fmt.Errorf("begin the session: %w", err)
	}
	defer s.mcp.UnregisterSession(running, c.client.SessionID())
	c.working.Go(func() { c.client.forward(running) })
	read := make(chan error, 1)
	go func() { read <- c.read(ctx, &lineReader{in: bufio.NewReaderSize(in, 64<<10), max: maxMessage}) }()

	var failure error
	select {
	case failure = <-read:
	case <-ctx.Done():
	case <-c.lines.failed:
	}
	s.drainBegins()
	c.client.unheard()
	c.awaitAnswers(s.drain)
	giveUp()
	err := c.end()
	return errors.Join(streamError("write to", err), streamError("read from", failure))
}

func (s *Server) newStdioConnection(running context.Context, out io.Writer) *stdioConnection {
	lines := newLineWriter(out)
	client := newStdioSession(lines)
	c := &stdioConnection{
		connection: connection{server: s, session: client, calls: newLedger(), out: lines, flush: client.flush},
		client:     client, lines: lines, slots: make(chan struct{}, maxRequests), running: running,
		held: newBudget(maxBeside, maxBeside),
	}
	c.queue = newCallQueue(s.clock, func(r *request) { c.serve(r, r.raw) }, func(r *request) { c.refuse(r, overloaded()) }, lines.writing.Load)
	return c
}

// streamError names the side of the connection that failed.
func streamError(verb string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s the client: %w", verb, err)
}
