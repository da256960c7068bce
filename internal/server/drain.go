package server

import (
	"errors"
	"time"
)

const (
	// drainTime is how long accepted calls may take to end once no more are read.
	drainTime = 10 * time.Second
	// stragglerTime is how long calls may take to notice that they are given up.
	stragglerTime = time.Second
	// lastWordTime is how long the client may take to read the last answers.
	lastWordTime = 500 * time.Millisecond
)

// errNotReading says that the client is there, but takes nothing.
var errNotReading = errors.New("it does not read what it is sent")

// drainBegins notes that nothing is read any more.
func (s *Server) drainBegins() {
	began := s.clock.now()
	s.drainBegan.CompareAndSwap(nil, &began)
}

// DrainEnd is when accepted calls are given up: ten seconds after the server began to end. The time is zero before.
func (s *Server) DrainEnd() time.Time {
	began := s.drainBegan.Load()
	if began == nil {
		return time.Time{}
	}
	return began.Add(s.drain)
}

// awaitAnswers waits until everything is answered, the drain is over or the client is gone.
func (c *stdioConnection) awaitAnswers(drain time.Duration) {
	limit := time.NewTimer(drain)
	defer limit.Stop()
	select {
	case <-c.calls.close():
	case <-limit.C:
	case <-c.lines.failed:
	}
}

// end waits for calls that notice that they are given up, answers for the others, and tells how the client's side of the
// connection fared. It takes little more than a second.
func (c *stdioConnection) end() error {
	waiting := c.queue.close()
	limit := time.NewTimer(stragglerTime)
	defer limit.Stop()
	worked := make(chan struct{})
	go func() {
		c.working.Wait()
		c.queue.running.Wait()
		close(worked)
	}()
	select {
	case <-worked:
	case <-limit.C:
		c.server.logger.Warn("calls are left behind: they go on though they were given up")
	}
	written := make(chan error, 1)
	go func() { written <- c.answerTheRest(waiting) }()
	limit.Reset(lastWordTime)
	select {
	case err := <-written:
		return err
	case <-limit.C:
		return errNotReading
	}
}

// answerTheRest answers what nobody answers any more, and ends the connection.
func (c *stdioConnection) answerTheRest(waiting []*request) error {
	for _, r := range waiting {
		c.refuse(r, &rpcError{code: codeInternalError, message: "the server ended before this call began; nothing has been done"})
	}
	for _, r := range c.calls.unanswered() {
		c.refuse(r, &rpcError{
			code: codeInternalError, message: "the server ended before this request was done; it may have taken effect",
		})
	}
	return c.lines.close()
}
