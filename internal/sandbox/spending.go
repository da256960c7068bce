package sandbox

import (
	"context"
	"database/sql"
	"net/http"
	"time"
)

// accessTokenPrefix starts every access token.
const accessTokenPrefix = "rat_"

// nanoPerLimitUnit turns the unit that access tokens' limits are documented in, 100,000,000 to the dollar, into the
// ledger's.
const nanoPerLimitUnit = 10

// spend holds a caller to the limits of its access token, and counts what it spends. A caller with a key of its own has
// none. It runs in the transaction that spends.
func (p *Platform) spend(ctx context.Context, tx *sql.Tx, who caller, nano int64) error {
	if who.accessTokenID == "" {
		return nil
	}
	var daily, total, use sql.NullInt64
	if err := tx.QueryRowContext(ctx, "SELECT limit_daily, limit_total, limit_per_use FROM access_tokens WHERE id = ?", who.accessTokenID).
		Scan(&daily, &total, &use); err != nil {
		return err
	}
	today, ever, err := p.spent(ctx, tx, who.accessTokenID)
	if err != nil {
		return err
	}
	for _, bound := range []struct {
		name  string
		limit sql.NullInt64
		spent int64
	}{{"per use", use, 0}, {"daily", daily, today}, {"total", total, ever}} {
		if bound.limit.Valid && bound.spent+nano > bound.limit.Int64*nanoPerLimitUnit {
			left := max(bound.limit.Int64*nanoPerLimitUnit-bound.spent, 0)
			return fail(http.StatusPaymentRequired, "spending_limit_exceeded", "the access token's %s limit does not cover it: required: %s, available: %s",
				bound.name, formatCredits(nano), formatCredits(left))
		}
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO access_token_spending (token_id, nano, at) VALUES (?, ?, ?)", who.accessTokenID, nano, p.now().UnixMilli())
	return err
}

// spent gives what an access token has spent since midnight (UTC) and ever, in billionths of a credit.
func (p *Platform) spent(ctx context.Context, on queryer, tokenID string) (today, ever int64, err error) {
	midnight := p.now().UTC().Truncate(24 * time.Hour).UnixMilli()
	err = on.QueryRowContext(ctx, `SELECT coalesce(sum(CASE WHEN at >= ? THEN nano END), 0), coalesce(sum(nano), 0)
		FROM access_token_spending WHERE token_id = ?`, midnight, tokenID).Scan(&today, &ever)
	return today, ever, err
}
