package consent

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// decide goes through what may keep a call from being made, the cheapest and most certain first.
func (g *Gate) decide(ctx context.Context, a *attempt) (tools.Result, error) {
	earlier, err := g.readBack(ctx, a)
	if err != nil {
		return tools.Result{}, err
	}
	if earlier != nil {
		return g.answerEarlier(ctx, a, earlier)
	}
	if a.opened != nil {
		if err := a.opened.checkTime(g.options.Now()); err != nil {
			return tools.Result{}, err
		}
		if !a.asked {
			return tools.Result{}, notKnown()
		}
	}
	shown, err := a.call.Preview(ctx)
	if err != nil {
		return tools.Result{}, err
	}
	if err := a.show(shown); err != nil {
		return tools.Result{}, err
	}
	asks, err := g.asks(ctx, a)
	if err != nil {
		return tools.Result{}, err
	}
	switch {
	case a.opened != nil:
		if err := a.journal.seal.checkTerms(*a.opened, a.terms("")); err != nil {
			return tools.Result{}, err
		}
	case asks:
		return g.ask(ctx, a)
	default:
		a.id = newID()
	}
	return g.execute(ctx, a)
}

// readBack opens the handle, and looks for an earlier call under it or under the idempotency key. Such a call answers
// for this one even when the handle has ended: the client may have lost the answer.
func (g *Gate) readBack(ctx context.Context, a *attempt) (*Entry, error) {
	ctx, cancel := journalContext(ctx)
	defer cancel()
	if a.call.Confirmation != "" {
		opened, err := a.journal.seal.open(a.call.Confirmation)
		if err != nil {
			return nil, err
		}
		if err := a.journal.seal.checkCall(opened, a.name, a.call.Spec.Name, a.arguments); err != nil {
			return nil, err
		}
		a.opened, a.id = &opened, opened.ID
		earlier, err := a.journal.byID(ctx, a.journal.database, a.name, opened.ID)
		if err != nil {
			return nil, g.unavailable(ctx, err)
		}
		if earlier != nil && earlier.State != Prepared {
			return earlier, nil
		}
		a.asked = earlier != nil
	}
	earlier, err := a.journal.byKey(ctx, a.journal.database, a.name, a.call.IdempotencyKey)
	if err != nil {
		return nil, g.unavailable(ctx, err)
	}
	return earlier, nil
}

// asks reports whether somebody has to agree before the call is made.
func (g *Gate) asks(ctx context.Context, a *attempt) (bool, error) {
	switch class := a.call.Spec.Class; {
	case g.options.Mode != ModeOff:
		return true, nil
	case class == client.Money && a.shown.CostCredits == nil:
		return true, nil // no limit holds what nobody knows the amount of
	case !a.caller.ReadUntrusted || (class != client.Money && class != client.Secret):
		return false, nil
	case class == client.Secret:
		return true, nil // the text may have asked for it
	}
	// What is asked for in small parts counts together. Calls that are made at once are counted again when they are claimed.
	a.unasked = floorUnits(g.options.MaxSpendPerCall.Mul(decimal.RequireFromString(untrustedShare)))
	ctx, cancel := journalContext(ctx)
	defer cancel()
	spent, err := a.journal.spentToday(ctx, a.journal.database, a.name)
	if err != nil {
		return false, g.unavailable(ctx, err)
	}
	return spent+a.units > a.unasked, nil
}

// ask gives what somebody has to agree to. Nothing is sent, and nothing is asked that would be refused afterwards.
func (g *Gate) ask(ctx context.Context, a *attempt) (tools.Result, error) {
	ctx, cancel := journalContext(ctx)
	defer cancel()
	a.id = newID()
	asked := a.claim(g.options)
	limit, err := a.journal.overLimit(ctx, a.journal.database, asked)
	if err != nil {
		return tools.Result{}, g.unavailable(ctx, err)
	}
	if limit != nil {
		return tools.Result{}, limit.refusal(a.shown.CostCredits)
	}
	confirmation := tools.Confirmation{Preview: a.shown}
	var duplicate string
	if a.minds() {
		like, err := a.journal.lastLike(ctx, a.journal.database, a.name, a.digests)
		if err != nil {
			return tools.Result{}, g.unavailable(ctx, err)
		}
		if like != nil {
			confirmation.DuplicateOf, duplicate = like.SentAt, like.ID
		}
	}
	// A handle says its end in whole seconds.
	confirmation.ExpiresAt = g.options.Now().Add(HandleLifetime).Truncate(time.Second).UTC()
	confirmation.Handle, err = a.journal.seal.seal(a.id, confirmation.ExpiresAt, a.terms(duplicate))
	if err != nil {
		return tools.Result{}, fmt.Errorf("ask for confirmation: %w", err)
	}
	asked.EndsAt = confirmation.ExpiresAt
	if err := a.journal.prepare(ctx, asked); err != nil {
		return tools.Result{}, g.unavailable(ctx, err)
	}
	return tools.Result{Pending: &confirmation}, nil
}

// refusal says which limit a call would pass, and how to change it.
func (e *excess) refusal(credits *decimal.Decimal) error {
	refused := &tools.Error{
		Code: tools.CodeLimitExceeded,
		Message: fmt.Sprintf("nothing was sent: %s credits is above the limit of %s credits for one call (--max-spend-per-call)",
			credits, fromUnits(e.limit)),
		NextStep: "Tell the user. Only they can raise the limit, where this server is started; do not split the amount.",
	}
	if e.perDay {
		refused.Message = fmt.Sprintf("nothing was sent: %s credits on top of the %s spent today would pass the limit of %s "+
			"credits for a day (--max-spend-per-day)", credits, fromUnits(e.spent), fromUnits(e.limit))
		refused.NextStep = "Tell the user. A new day begins at midnight UTC; only they can raise the limit, where this server is started."
	}
	return refused
}
