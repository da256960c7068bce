package consent

import (
	"context"

	"github.com/robutlerai/robutler-mcp/tools"
)

// CheckLimits gives the refusal that a limit would answer a call of this preview with now, or nil. A call that is in the
// journal under its idempotency key is not made again, so that no limit refuses it.
func (g *Gate) CheckLimits(ctx context.Context, call tools.GatedCall, shown tools.Preview) error {
	if !g.options.Mode.Journals(call.Spec.Class) || shown.CostCredits == nil {
		return nil
	}
	j, err := g.opened(ctx)
	if err != nil {
		return g.unavailable(ctx, err)
	}
	a := &attempt{call: call, journal: j, name: j.callerName(tools.CallerOf(ctx).ID), unasked: unbounded}
	if err := a.show(shown); err != nil {
		return err
	}
	within, cancel := journalContext(ctx)
	defer cancel()
	earlier, err := j.byKey(within, j.database, a.name, call.IdempotencyKey)
	if err != nil {
		return g.unavailable(ctx, err)
	}
	if earlier != nil {
		return nil
	}
	limit, err := j.overLimit(within, j.database, a.claim(g.options))
	if err != nil {
		return g.unavailable(ctx, err)
	}
	if limit != nil {
		return limit.refusal(shown.CostCredits)
	}
	return nil
}
