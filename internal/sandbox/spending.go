package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"
)

// accessTokenPrefix starts every access token.
const accessTokenPrefix = "rat_"

// nanoPerLimitUnit turns the unit that limits are documented in, 100,000,000 to the dollar, into the ledger's.
const nanoPerLimitUnit = 10

// maxLimit keeps a limit countable in the ledger's unit.
const maxLimit = 1 << 59

// spendingLimits bound what is spent of a user's credits; nil is no bound.
type spendingLimits struct {
	daily, total, perUse *int64
}

func (l spendingLimits) check() error {
	for _, limit := range []*int64{l.daily, l.total, l.perUse} {
		if limit != nil && (*limit < 0 || *limit > maxLimit) {
			return badRequest("a limit is a whole number from 0 to %d", int64(maxLimit))
		}
	}
	return nil
}

// purse is where the limits and the spending of a caller are kept.
type purse struct {
	whose, limits, count, spent string
}

func accessTokenPurse() purse {
	return purse{
		whose:  "the access token's",
		limits: "SELECT limit_daily, limit_total, limit_per_use FROM access_tokens WHERE id = ?",
		count:  "INSERT INTO access_token_spending (token_id, nano, at) VALUES (?, ?, ?)",
		spent: `SELECT coalesce(sum(CASE WHEN at >= ? THEN nano END), 0), coalesce(sum(nano), 0)
			FROM access_token_spending WHERE token_id = ?`,
	}
}

func agentPurse() purse {
	return purse{
		whose:  "the agent's",
		limits: "SELECT limit_daily, limit_total, limit_per_use FROM spending_overrides WHERE agent_id = ?",
		count:  "INSERT INTO agent_spending (agent_id, nano, at) VALUES (?, ?, ?)",
		spent: `SELECT coalesce(sum(CASE WHEN at >= ? THEN nano END), 0), coalesce(sum(nano), 0)
			FROM agent_spending WHERE agent_id = ?`,
	}
}

// spend holds a caller to the limits of its access token or of its agent, and counts what it spends. A user with a key
// of their own has none. It runs in the transaction that spends.
func (p *Platform) spend(ctx context.Context, tx *sql.Tx, who caller, nano int64) error {
	switch {
	case who.accessTokenID != "":
		return p.spendFrom(ctx, tx, accessTokenPurse(), who.accessTokenID, nano)
	case who.agentID != "":
		return p.spendFrom(ctx, tx, agentPurse(), who.agentID, nano)
	default:
		return nil
	}
}

func (p *Platform) spendFrom(ctx context.Context, tx *sql.Tx, from purse, id string, nano int64) error {
	var daily, total, use sql.NullInt64
	err := tx.QueryRowContext(ctx, from.limits, id).Scan(&daily, &total, &use)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	today, ever, err := p.spent(ctx, tx, from, id)
	if err != nil {
		return err
	}
	for _, bound := range []struct {
		name  string
		limit sql.NullInt64
		spent int64
	}{{"per use", use, 0}, {"daily", daily, today}, {"total", total, ever}} {
		if bound.limit.Valid && nano > bound.limit.Int64*nanoPerLimitUnit-bound.spent {
			left := max(bound.limit.Int64*nanoPerLimitUnit-bound.spent, 0)
			return fail(http.StatusPaymentRequired, "spending_limit_exceeded", "%s %s limit does not cover it: required: %s, available: %s",
				from.whose, bound.name, formatCredits(nano), formatCredits(left))
		}
	}
	_, err = tx.ExecContext(ctx, from.count, id, nano, p.now().UnixMilli())
	return err
}

// spent gives what was spent since midnight (UTC) and ever, in billionths of a credit.
func (p *Platform) spent(ctx context.Context, on queryer, from purse, id string) (today, ever int64, err error) {
	midnight := p.now().UTC().Truncate(24 * time.Hour).UnixMilli()
	err = on.QueryRowContext(ctx, from.spent, midnight, id).Scan(&today, &ever)
	return today, ever, err
}
