package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// referenceLength is enough to find a failure in a log.
const referenceLength = 12

// pipeline is the way of every call, whatever it came by.
type pipeline struct {
	logger   *slog.Logger
	observer Observer
	secrets  Secrets
}

// run takes a call through every step, the first one outermost: recover, log, trace, explain, call,
// hide.
func (p pipeline) run(ctx context.Context, tool tools.Tool, arguments json.RawMessage) (out tools.Result, failure *tools.Error) {
	started := time.Now()
	ctx, ended := p.observer.StartCall(ctx, tool.Name, tool.Class.String())
	defer func() {
		if value := recover(); value != nil {
			out, failure = tools.Result{}, p.panicked(ctx, tool, value)
		}
		code := outcomeCode(failure)
		ended(code)
		p.log(ctx, tool, code, time.Since(started))
	}()
	ctx = p.secrets.WithSecrets(ctx, secretArguments(arguments)...)
	out, err := call(ctx, tool, arguments)
	if err == nil {
		made := out.Structured
		out = withoutCredentials(ctx, p.secrets, out)
		err = checkFacts(tool, out.Structured, !same(made, out.Structured))
	}
	if errors.Is(err, errNoFacts) && tool.Class != client.Read {
		err = unshown()
	}
	if err != nil {
		return tools.Result{}, failureWithoutCredentials(ctx, p.secrets, p.explain(ctx, tool, err))
	}
	return out, nil
}

// call runs the tool. A call that was given up while it waited never starts.
func call(ctx context.Context, tool tools.Tool, arguments json.RawMessage) (tools.Result, error) {
	if ctx.Err() != nil {
		return tools.Result{}, fmt.Errorf("start %s: %w", tool.Name, ctx.Err())
	}
	return tool.Call(ctx, arguments)
}

// errNoFacts says that a result is not what every result is.
var errNoFacts = errors.New("the result is not a JSON object")

// unshown answers for a call that did something and has no result that can be sent.
func unshown() *tools.Error {
	return &tools.Error{
		Code: tools.CodeOutcomeUnknown, Message: "the platform did it, but its answer cannot be shown",
		NextStep: "Do not repeat it: read back with a list or get tool what was done.",
	}
}

// checkFacts refuses a result that cannot be sent: mcp-go never answers a request whose result it cannot marshal, and
// clients refuse what is not an object. What a tool made is valid JSON; what was changed after that need not be.
func checkFacts(tool tools.Tool, facts json.RawMessage, changed bool) error {
	if len(facts) == 0 || facts[0] != '{' || (changed && !json.Valid(facts)) {
		return fmt.Errorf("call %s: %w", tool.Name, errNoFacts)
	}
	return nil
}

// same reports whether two texts are in one place.
func same(one, other json.RawMessage) bool {
	return len(one) == len(other) && (len(one) == 0 || &one[0] == &other[0])
}

// explain turns an error into what a model reads. What is not meant for a model goes to the log, under a reference.
func (p pipeline) explain(ctx context.Context, tool tools.Tool, err error) *tools.Error {
	failure := tools.Explain(err)
	if failure.Code != tools.CodeInternal {
		return failure
	}
	switch {
	case errors.Is(err, context.Canceled):
		return tools.Explain(client.ErrCanceled)
	case errors.Is(err, context.DeadlineExceeded):
		return tools.Explain(client.ErrTimeout)
	}
	reference := newReference()
	p.logger.ErrorContext(ctx, "tool failed", slog.String("tool", tool.Name), slog.String("reference", reference),
		slog.Any("error", err))
	return internalError(reference)
}

// panicked answers for a tool that panicked. The value and the stack stay in the log: they may hold anything.
func (p pipeline) panicked(ctx context.Context, tool tools.Tool, value any) *tools.Error {
	reference := newReference()
	p.logger.ErrorContext(ctx, "tool panicked", slog.String("tool", tool.Name), slog.String("reference", reference),
		slog.Any("panic", value), slog.String("stack", string(debug.Stack())))
	return internalError(reference)
}

// codeOK is the code of a call that succeeded.
const codeOK = "ok"

func outcomeCode(failure *tools.Error) string {
	if failure == nil {
		return codeOK
	}
	return failure.Code
}

// log says that a call ended, without its arguments.
func (p pipeline) log(ctx context.Context, tool tools.Tool, code string, duration time.Duration) {
	if !p.logger.Enabled(ctx, slog.LevelDebug) {
		return // every call comes by here
	}
	p.logger.DebugContext(ctx, "tool called", slog.String("tool", tool.Name), slog.String("class", tool.Class.String()),
		slog.String("code", code), slog.Duration("duration", duration))
}

func internalError(reference string) *tools.Error {
	return &tools.Error{
		Code: tools.CodeInternal, Message: "the call failed inside this server, reference " + reference,
		NextStep: "Tell the user to look for this reference in the log of robutler-mcp.",
	}
}

func newReference() string { return rand.Text()[:referenceLength] }
