package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	stdioWorkers = 32
	stdioQueue   = 1000
	// stragglerTime is how long calls may take to notice that they are given up.
	stragglerTime = time.Second
)

// ServeStdio speaks MCP over a pair of streams, one JSON-RPC message a line, until in ends or ctx does. Requests that
// were accepted by then are answered first, for at most ten seconds. It gives an error only when out or in fails.
//
// A read of in that blocks when ctx ends is left behind: close in to end it. The library holds the state of its stdio
// session in a global, so there may be one such connection at a time.
func (s *Server) ServeStdio(ctx context.Context, in io.Reader, out io.Writer) error {
	calls := newLedger()
	answers := newAnswerWriter(out, calls)
	intake, stopReading := context.WithCancel(ctx)
	defer stopReading()
	feed := newStdioFeed(intake, answers, calls, s.drain)
	go feed.readFrom(&lineReader{in: bufio.NewReaderSize(in, 64<<10), max: maxMessage})

	// The end of ctx must stop the reading, not the calls: they are drained.
	running, cancelCalls := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelCalls()
	running = withOutlet(running, answers)
	ended := make(chan error, 1)
	go func() { ended <- s.listen(running, feed, answers) }()

	err := s.awaitStdio(feed, ended)
	for _, id := range calls.unanswered() {
		answers.refuse(id, rpcError{code: codeInternalError, message: "the server ended before this request was done; it may have taken effect"})
	}
	return errors.Join(err, streamError("write to", answers.close()), streamError("read from", feed.failure()))
}

// listen runs the library's side of the connection.
func (s *Server) listen(ctx context.Context, feed *stdioFeed, answers *answerWriter) error {
	transport := mcpserver.NewStdioServer(s.mcp)
	for _, apply := range []mcpserver.StdioOption{
		mcpserver.WithErrorLogger(slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug)),
		mcpserver.WithWorkerPoolSize(stdioWorkers),
		mcpserver.WithQueueSize(stdioQueue),
	} {
		apply(transport)
	}
	return transport.Listen(ctx, feed, answers)
}

// awaitStdio waits for the library to end, which it does by itself only when every call notices that it is given up.
func (s *Server) awaitStdio(feed *stdioFeed, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-feed.drained:
	}
	stragglers := time.NewTimer(stragglerTime)
	defer stragglers.Stop()
	select {
	case err := <-ended:
		return err
	case <-stragglers.C:
		s.logger.Warn("calls are left behind: they go on though they were given up")
		return nil
	}
}

// streamError names the side of the connection that failed.
func streamError(verb string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s the client: %w", verb, err)
}
