package telemetry

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/robutlerai/robutler-mcp/client"
)

// Observer tells metrics and traces what a server, its client and its journal do. None of its methods is ever given an
// argument, a result or an id of a call. It is safe for concurrent use.
type Observer struct {
	metrics *Metrics // nil for none
	tracer  trace.Tracer
	traces  bool
}

// NewObserver makes an observer; both may be nil.
func NewObserver(metrics *Metrics, traces *Traces) *Observer {
	o := &Observer{metrics: metrics, tracer: noop.NewTracerProvider().Tracer(namespace)}
	if traces != nil {
		o.tracer, o.traces = traces.tracer, true
	}
	return o
}

// codeOK is the code of a call that succeeded.
const codeOK = "ok"

// StartCall is told that a tool is called, and gives the function that is told the code of the outcome.
func (o *Observer) StartCall(ctx context.Context, tool, class string) (_ context.Context, ended func(code string)) {
	started := time.Now()
	ctx, span := o.startCallSpan(ctx, tool, class)
	if o.metrics != nil {
		o.metrics.callsRunning.level.Add(1)
	}
	return ctx, func(code string) {
		endSpan(span, code, code != codeOK)
		if o.metrics == nil {
			return
		}
		o.metrics.callsRunning.level.Add(-1)
		o.metrics.calls.of(tool, class, code).increase()
		o.metrics.callSeconds.of(tool, class).observe(time.Since(started).Seconds())
	}
}

// unknownTool stands for every name that no tool has: clients may send any.
const unknownTool = "unknown"

// CountUnknownTool is told of a call of a tool that there is not, or that the caller may not use.
func (o *Observer) CountUnknownTool(code string) {
	if o.metrics != nil {
		o.metrics.calls.of(unknownTool, unknownTool, code).increase()
	}
}

// CountRequest is told of a request that was answered. The method must be one that the server knows.
func (o *Observer) CountRequest(method string, failed bool) {
	if o.metrics == nil {
		return
	}
	outcome := codeOK
	if failed {
		outcome = "error"
	}
	o.metrics.requests.of(method, outcome).increase()
}

// CountRefusal is told of a request that was refused ahead of any tool, such as by a limit of its rate. There must be
// few reasons.
func (o *Observer) CountRefusal(reason string) {
	if o.metrics != nil {
		o.metrics.refusals.of(reason).increase()
	}
}

// CountDecision is told what became of a call that went through the journal.
func (o *Observer) CountDecision(class, outcome string) {
	if o.metrics != nil {
		o.metrics.decisions.of(class, outcome).increase()
	}
}

// Attempt observes an attempt of a call of the platform: see [client.WithObserver]. The trace goes on there.
func (o *Observer) Attempt(ctx context.Context, attempt client.Attempt, header http.Header) func(client.AttemptResult) {
	span := o.startAttemptSpan(ctx, attempt, header)
	return func(result client.AttemptResult) {
		endAttemptSpan(span, result)
		if o.metrics == nil {
			return
		}
		o.metrics.platformRequests.of(attempt.Method, attempt.Route, statusOf(result)).increase()
		if result.Refused {
			return // nothing was attempted
		}
		o.metrics.platformSeconds.of(attempt.Method, attempt.Route).observe(result.Duration.Seconds())
		if attempt.Number > 1 {
			o.metrics.platformRetries.of(attempt.Method, attempt.Route).increase()
		}
	}
}

// statusOf names how an attempt ended: its HTTP status, or why there is no answer.
func statusOf(result client.AttemptResult) string {
	switch {
	case result.Refused:
		return "breaker_open"
	case result.Kind == nil && http.StatusText(result.StatusCode) == "":
		return "other" // a platform may make up any
	case result.Kind == nil:
		return strconv.Itoa(result.StatusCode)
	case errors.Is(result.Kind, client.ErrTimeout):
		return "timeout"
	case errors.Is(result.Kind, client.ErrCanceled):
		return "canceled"
	case errors.Is(result.Kind, client.ErrBadResponse):
		return "bad_response"
	default:
		return "unavailable"
	}
}
