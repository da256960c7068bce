package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"runtime/debug"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/client"
)

// messageWriter takes messages for one client.
type messageWriter interface {
	// deliver writes a message if it is wanted, which is asked when nothing else can be written before it.
	deliver(message []byte, wanted func() bool) error
}

// connection serves the requests of one client that come in on one stream and are answered on another. The library
// handles each message; its own loops around that answer what was given up, read ids as floats, and start what the
// client has given up before.
type connection struct {
	server  *Server
	session mcpserver.ClientSession
	calls   *ledger
	out     messageWriter
	// flush, if any, writes what the library has to tell: it queues the acknowledgement of a listen stream.
	flush func()
	// ready says that initialize was answered.
	ready atomic.Bool
}

// serve handles a request and answers it, unless the client has given it up.
func (c *connection) serve(r *request, raw []byte) {
	c.answer(r, c.carryOut(r, raw))
}

// carryOut gives the answer to a request. The work is over ahead of it: the client's next request does not meet this one.
func (c *connection) carryOut(r *request, raw []byte) []byte {
	if r.method != methodListen {
		c.server.handling.work(1)
		defer c.server.handling.work(-1)
	}
	if call := c.server.direct(r.ctx, r.call); call != nil {
		call.id, call.outlet = r.id, requestOutlet{c, r}
		call.session, call.version = c.session.SessionID(), versionOf(c.session)
		return c.server.serveDirect(call)
	}
	ctx := c.server.mcp.WithContext(withOutlet(r.ctx, requestOutlet{c, r}), c.session)
	answer, good := c.server.handle(ctx, r, raw)
	if good && r.method == string(mcp.MethodInitialize) {
		c.ready.Store(true)
	}
	if r.method == methodListen && c.flush != nil {
		c.flush()
	}
	return answer
}

// answer writes the answer of a request, unless the client has given it up.
func (c *connection) answer(r *request, answer []byte) {
	_ = c.out.deliver(answer, func() bool { return c.calls.settle(r) }) // the writer remembers that it failed
	c.server.answered()
}

// refuse answers a request with an error.
func (c *connection) refuse(r *request, refusal *rpcError) { c.answer(r, errorMessage(r.id, refusal)) }

// notified handles a message that wants no answer.
func (c *connection) notified(ctx context.Context, raw []byte) {
	defer func() {
		if value := recover(); value != nil {
			c.server.brokeDown(ctx, value)
		}
	}()
	c.server.mcp.HandleMessage(c.server.mcp.WithContext(ctx, c.session), raw)
}

// tooEarly says why a request must not come before initialize was answered: who calls a tool that changes something has
// not yet heard with whom it speaks. Reading is let through, as are the requests of the revision without a handshake.
func (c *connection) tooEarly(ctx context.Context, m message) *rpcError {
	if c.ready.Load() || m.Method != string(mcp.MethodToolsCall) || m.isModern() {
		return nil
	}
	name, _ := textOf(m.Name)
	if tool, err := c.server.offered(ctx).Find(name); err != nil || tool.Class == client.Read {
		return nil // the library refuses what is not offered
	}
	return invalid("this tool can be called once initialize is answered; nothing has been done")
}

// handle lets the library handle a request. It gives the answer, under the client's own id, and whether it is a result.
func (s *Server) handle(ctx context.Context, r *request, raw []byte) (answer []byte, good bool) {
	defer func() {
		if value := recover(); value != nil {
			answer, good = errorMessage(r.id, s.brokeDown(ctx, value)), false
		}
	}()
	var message any
	switch handled := s.mcp.HandleMessage(ctx, raw).(type) {
	case mcp.JSONRPCResponse:
		handled.ID = mcp.NewRequestId(r.id)
		message, good = handled, true
	case mcp.JSONRPCError:
		handled.ID = mcp.NewRequestId(r.id)
		if why := r.explanation().of(handled.Error.Code, handled.Error.Message); why != nil {
			if why.code != 0 {
				handled.Error.Code = why.code
			}
			handled.Error.Message, handled.Error.Data = why.message, why.data()
		}
		message = handled
	}
	answer, err := json.Marshal(message)
	if err != nil || message == nil {
		reference := newReference()
		s.logger.ErrorContext(ctx, "a request has no answer that can be sent", slog.String("method", brief(r.method)),
			slog.String("reference", reference), slog.Any("error", err))
		return errorMessage(r.id, internalRefusal(reference)), false
	}
	if r.method == methodListen {
		answer = withSubscription(answer, r.id)
	}
	return r.filled().into(answer), good
}

// brokeDown answers for a request whose handling panicked. The value and the stack stay in the log.
func (s *Server) brokeDown(ctx context.Context, value any) *rpcError {
	reference := newReference()
	s.logger.ErrorContext(ctx, "the handling of a message panicked", slog.String("reference", reference),
		slog.Any("panic", value), slog.String("stack", string(debug.Stack())))
	return internalRefusal(reference)
}

func internalRefusal(reference string) *rpcError {
	return &rpcError{
		code: codeInternalError, message: "the request failed inside this server, reference " + reference,
		failure: internalError(reference),
	}
}

// requestOutlet is the outlet of one request.
type requestOutlet struct {
	connection *connection
	request    *request
}

// notify writes a message as long as the request is open.
func (o requestOutlet) notify(message []byte) error {
	open := func() bool { return o.request.ctx.Err() == nil }
	if !open() {
		return errOutletClosed
	}
	return o.connection.out.deliver(message, open)
}

// fill puts into the answer what the library does not encode.
func (o requestOutlet) fill(with *filling) { o.request.fill(with) }

// explain takes any id: the outlet is that of one request.
func (o requestOutlet) explain(_ any, why *explanation) { o.request.explain(why) }
