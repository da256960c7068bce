package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

// maxRequests bounds the requests, other than calls, that are handled at the same time.
const maxRequests = 1000

// read takes lines until the input ends, the server does or the client cannot be answered any more.
func (c *stdioConnection) read(ctx context.Context, input *lineReader) error {
	for {
		line, err := input.next()
		switch {
		case ctx.Err() != nil || c.lines.broken() || errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe):
			return nil //nolint:nilerr // how a wanted end looks like
		case errors.Is(err, errOversize):
			c.reject(requestIn(input.head), invalid("the message is longer than 4 MiB"))
		case err != nil:
			return err
		case len(line) > 0:
			c.take(line)
		}
	}
}

// take handles one message, or hands it to who does. It never waits for a call.
func (c *stdioConnection) take(line []byte) {
	m, refusal := parseMessage(line)
	switch {
	case refusal != nil:
		c.reject(m.ID, refusal)
	case m.isResponse():
		c.client.answered(m)
	case m.Method == string(mcp.MethodNotificationCancelled) && m.ID == nil:
		if canceled := c.calls.cancel("", m.Params); canceled != nil {
			c.queue.drop(canceled)
		}
	case m.ID == nil:
		c.notified(c.running, line)
	default:
		c.request(m, line)
	}
}

// reject answers a message that is not accepted: under its id, if no other request is waiting under the same.
func (c *stdioConnection) reject(id []byte, refusal *rpcError) {
	write := func() { _ = c.out.deliver(errorMessage(nil, refusal), always) } // the writer remembers that it failed
	if id != nil {
		switch r, taken := c.calls.accept(c.running, "", message{ID: id}); {
		case taken == nil:
			write = func() { c.refuse(r, refusal) }
		case taken.code == codeInternalError: // the server ends, and nothing else bears the id
			write = func() { _ = c.out.deliver(errorMessage(id, refusal), always) }
		}
	}
	if !c.beside(write) {
		write()
	}
}

// request accepts a request, or refuses it.
func (c *stdioConnection) request(m message, line []byte) {
	if refusal := c.tooEarly(c.running, m); refusal != nil {
		c.reject(m.ID, refusal)
		return
	}
	r, refusal := c.calls.accept(withCarrier(c.running, m, nil), "", m)
	if refusal != nil {
		id := m.ID
		if refusal.code != codeInternalError {
			id = nil // another request is open under it
		}
		c.reject(id, refusal)
		return
	}
	switch mcp.MCPMethod(m.Method) {
	case mcp.MethodInitialize:
		c.serve(r, line) // whatever comes behind it must not overtake it
	case mcp.MethodToolsCall:
		if r.raw = line; !c.queue.put(r) {
			c.refuse(r, overloaded())
		}
	default:
		c.serveBeside(r, line)
	}
	// What was begun goes on at once on this processor, which is sooner than another one wakes up, and may be the only one: the
	// reading has time.
	runtime.Gosched()
}

// beside does something beside the reading and the calls, however many of those wait. It reports false when too much is
// being done already, or the connection ends.
func (c *stdioConnection) beside(do func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return false
	}
	select {
	case c.slots <- struct{}{}:
	default:
		return false
	}
	c.working.Go(func() {
		defer func() { <-c.slots }()
		do()
	})
	return true
}

// overloaded answers requests beyond those that can be handled or wait.
func overloaded() *rpcError {
	return overloadedBy(fmt.Sprintf("%d calls are running and %d wait", stdioWorkers, stdioQueue))
}

// crowded answers requests beside the calls beyond those that can be handled at a time.
func crowded() *rpcError {
	return overloadedBy("too many requests beside the calls of tools are being handled")
}

func overloadedBy(cause string) *rpcError {
	const pause = 1 // seconds
	message := "the server is overloaded: " + cause + "; nothing has been done, retry later"
	return &rpcError{code: codeOverloaded, message: message, failure: &tools.Error{
		Code: "overloaded", Message: message, Retryable: true, RetryAfterSeconds: pause,
		NextStep: "Wait until requests that are under way have ended, then send it again.",
	}}
}
