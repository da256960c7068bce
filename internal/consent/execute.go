package consent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// execute claims the call and makes it. Once it is claimed nothing stops it but its own deadline.
func (g *Gate) execute(ctx context.Context, a *attempt) (tools.Result, error) {
	if ctx.Err() != nil {
		return tools.Result{}, fmt.Errorf("make the call: %w", client.ErrCanceled)
	}
	if err := g.begin(); err != nil {
		return tools.Result{}, g.unavailable(ctx, err)
	}
	granted := false
	defer func() {
		if !granted {
			g.running.Done()
		}
	}()
	if err := g.audit.write(a.record("claim")); err != nil {
		return tools.Result{}, g.unavailable(ctx, err)
	}
	found, err := g.claim(ctx, a)
	if refused, ok := errors.AsType[*tools.Error](err); ok {
		return tools.Result{}, refused
	}
	if err != nil {
		g.doubt(ctx, a, err)
		return tools.Result{}, g.unavailable(ctx, err)
	}
	if !found.granted() {
		return g.answerVerdict(ctx, a, found)
	}
	granted, a.made = true, true
	return g.run(ctx, a)
}

func (g *Gate) claim(ctx context.Context, a *attempt) (verdict, error) {
	ctx, cancel := journalContext(ctx)
	defer cancel()
	a.claimed = a.claim(g.options)
	// The lease ends by the clock of the wall, and so must this: no other clock runs on while a machine sleeps.
	a.sendBy = a.claimed.EndsAt.Add(-g.options.CallTimeout).Round(0)
	return a.journal.claim(ctx, a.claimed)
}

// answerVerdict answers for a call that was not claimed.
func (g *Gate) answerVerdict(ctx context.Context, a *attempt, found verdict) (tools.Result, error) {
	switch {
	case found.Earlier != nil:
		return g.answerEarlier(ctx, a, found.Earlier)
	case found.Limit != nil:
		return tools.Result{}, found.Limit.refusal(a.shown.CostCredits)
	case found.Ask, a.opened == nil:
		return g.ask(ctx, a)
	default:
		return tools.Result{}, &tools.Error{
			Code:    tools.CodePossibleDuplicate,
			Message: "nothing was sent: the same was done less than ten minutes ago, after this confirmation was given out",
			NextStep: "See list_pending_payments or the matching list tool. If it is wanted once more, call again without " +
				"confirmation and have the user agree to the duplicate.",
		}
	}
}

// ending is a call's answer.
type ending struct {
	result tools.Result
	err    error
}

// run makes a claimed call and waits for it while somebody wants the answer.
func (g *Gate) run(ctx context.Context, a *attempt) (tools.Result, error) {
	ended := make(chan ending, 1)
	go func() {
		defer g.running.Done()
		ended <- g.makeCall(context.WithoutCancel(ctx), a)
	}()
	select {
	case end := <-ended:
		return end.result, end.err
	case <-ctx.Done():
		return tools.Result{}, inProgress("the call was sent and goes on without its caller")
	}
}

// makeCall makes the call on its own deadline and writes down how it ended.
func (g *Gate) makeCall(ctx context.Context, a *attempt) ending {
	started := g.options.Now()
	within, cancel := context.WithTimeout(ctx, g.options.CallTimeout)
	defer cancel()
	// What the call looks up first, and what it waits for, counts by a clock that stands still with the machine.
	begun := time.Now()
	inTime := func() error {
		if g.options.Now().Round(0).After(a.sendBy.Add(time.Since(begun))) {
			return tooLate()
		}
		return nil
	}
	result, err := tools.Result{}, inTime()
	if err == nil {
		result, err = g.do(client.WithSendCheck(within, inTime), a)
	}
	out, answer := conclude(a.call.Spec.Class, result, err)
	g.record(ctx, a, out)
	line := a.record(string(out.State))
	g.options.Observe(line.Class, line.Outcome)
	if answer != nil {
		line.Outcome = answer.Code
	}
	line.RequestID, line.Duration = out.RequestID, g.options.Now().Sub(started).Milliseconds()
	if err := g.audit.write(line); err != nil {
		g.options.Logger.ErrorContext(ctx, "the end of a call is missing in the audit trail", slog.String("id", a.id), slog.Any("error", err))
	}
	if answer != nil {
		return ending{err: answer}
	}
	return ending{result: result}
}

// tooLate refuses a call of a server that stood still after it had claimed it, for so long that others may have given the
// call up, and repeated it.
func tooLate() error {
	return &tools.Error{
		Code: tools.CodeRejected, Message: "nothing was sent: this server stood still before it could send the call",
		NextStep: "See list_pending_payments or the matching list tool, since it may have been repeated meanwhile. If it is " +
			"still wanted, call again without confirmation and with another idempotency_key.",
	}
}

// do makes the call. That its code breaks says nothing of what the platform did.
func (g *Gate) do(ctx context.Context, a *attempt) (result tools.Result, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			g.options.Logger.ErrorContext(ctx, "a tool broke while its call was made", slog.String("tool", a.call.Spec.Name))
			result, err = tools.Result{}, fmt.Errorf("make the call: %w", client.ErrOutcomeUnknown)
		}
	}()
	return a.call.Do(ctx)
}

// recordTries is how often an outcome is written before it is given up; each waits for a locked journal on its own.
const recordTries = 3

// record writes an outcome into the journal. When that fails the caller still learns it, and the next start takes the
// call for one whose outcome is unknown.
func (g *Gate) record(ctx context.Context, a *attempt, out outcome) {
	var err error
	for range recordTries {
		if err = g.finish(ctx, a, out); err == nil {
			return
		}
	}
	g.options.Logger.ErrorContext(ctx, "the outcome of a call is missing in the journal", slog.String("id", a.id),
		slog.String("outcome", string(out.State)), slog.Any("error", err))
}

func (g *Gate) finish(ctx context.Context, a *attempt, out outcome) error {
	ctx, cancel := journalContext(ctx)
	defer cancel()
	return a.journal.finish(ctx, a.claimed, out)
}

// inProgressAgain is when to ask again for a running call.
const inProgressAgain = 2 * time.Second

func inProgress(message string) error {
	return &tools.Error{
		Code: tools.CodeInProgress, Retryable: true, Message: message, RetryAfterSeconds: int(inProgressAgain.Seconds()),
		NextStep: "Wait, then call again with the same confirmation or idempotency_key: that gives its result and does nothing twice.",
	}
}
