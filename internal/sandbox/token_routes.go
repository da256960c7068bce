package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// inLedger runs work in one transaction, after what has ended by now was settled. The signing key is fetched before:
// a database in memory has one connection, which the transaction holds.
func (p *Platform) inLedger(ctx context.Context, work func(*sql.Tx) error) error {
	if _, err := p.signingKey(ctx); err != nil {
		return err
	}
	return p.inTransaction(ctx, func(tx *sql.Tx) error {
		if err := p.expire(ctx, tx); err != nil {
			return err
		}
		return work(tx)
	})
}

// expire gives back what ended locks and tokens still hold: a lock's to its token, a token's to its parent or payer.
// Children end no later than their parents, and are given back first.
func (p *Platform) expire(ctx context.Context, tx *sql.Tx) error {
	now := p.now().UnixMilli()
	locks, err := identifiers(ctx, tx, "SELECT id FROM locks WHERE status = 'active' AND expires_at <= ?", now)
	if err != nil {
		return err
	}
	for _, id := range locks {
		if err := p.releaseLock(ctx, tx, id); err != nil {
			return err
		}
	}
	tokens, err := identifiers(ctx, tx,
		"SELECT id FROM payment_tokens WHERE status = 'active' AND expires_at <= ? ORDER BY max_depth, id", now)
	if err != nil {
		return err
	}
	for _, id := range tokens {
		if err := p.endToken(ctx, tx, id, "expired"); err != nil {
			return err
		}
	}
	return nil
}

func identifiers(ctx context.Context, tx *sql.Tx, query string, arguments ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// endToken gives a token's value back, that of its locks and children first.
func (p *Platform) endToken(ctx context.Context, tx *sql.Tx, id, status string) error {
	locks, err := identifiers(ctx, tx, "SELECT id FROM locks WHERE token_id = ? AND status = 'active'", id)
	if err != nil {
		return err
	}
	for _, lock := range locks {
		if err := p.releaseLock(ctx, tx, lock); err != nil {
			return err
		}
	}
	children, err := identifiers(ctx, tx, "SELECT id FROM payment_tokens WHERE parent_id = ? AND status = 'active'", id)
	if err != nil {
		return err
	}
	for _, child := range children {
		if err := p.endToken(ctx, tx, child, status); err != nil {
			return err
		}
	}
	t, err := scanToken(tx.QueryRowContext(ctx, "SELECT "+paymentColumns+" FROM payment_tokens WHERE id = ?", id))
	if err != nil {
		return err
	}
	rest, err := balanceOf(ctx, tx, tokenAccount(id))
	if err != nil {
		return err
	}
	if rest > 0 {
		to := userAccount(t.userID)
		if t.parentID != "" {
			to = tokenAccount(t.parentID)
		}
		if err := transfer(ctx, tx, tokenAccount(id), to, rest, entry{
			kind: "transfer", description: "payment token " + status, source: "payment_token", at: p.now().UnixMilli(),
		}); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE payment_tokens SET status = ? WHERE id = ?", status, id)
	return err
}

func (p *Platform) listTokens(r *request) (any, error) {
	rows, err := p.database.QueryContext(r.Context(), `SELECT t.id, coalesce(a.nano, 0) FROM payment_tokens t
		LEFT JOIN accounts a ON a.name = 'token:' || t.id WHERE t.user_id = ? ORDER BY t.created_at DESC, t.id LIMIT 1000`, r.caller.userID)
	if err != nil {
		return nil, err
	}
	held := map[string]int64{}
	var order []string
	for rows.Next() {
		var id string
		var nano int64
		if err := rows.Scan(&id, &nano); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		held[id] = nano
		order = append(order, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	tokens := make([]members, 0, len(order))
	for _, id := range order {
		t, err := p.ownToken(r, p.database, id)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, p.tokenRow(t, held[id]))
	}
	return members{"tokens": tokens}, nil
}

// ownToken finds a token of the caller.
func (p *Platform) ownToken(r *request, on queryer, id string) (*paymentToken, error) {
	t, err := scanToken(on.QueryRowContext(r.Context(),
		"SELECT "+paymentColumns+" FROM payment_tokens WHERE id = ? AND user_id = ?", id, r.caller.userID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("payment token")
	}
	return t, err
}

func (p *Platform) getToken(r *request) (any, error) {
	t, err := p.ownToken(r, p.database, r.PathValue("token"))
	if err != nil {
		return nil, err
	}
	available, err := balanceOf(r.Context(), p.database, tokenAccount(t.id))
	if err != nil {
		return nil, err
	}
	return members{"token": p.tokenRow(t, available)}, nil
}

func (p *Platform) revokeToken(r *request) (any, error) {
	return p.revoke(r, r.PathValue("token"))
}

// cancelToken is the call of mid 2025.
func (p *Platform) cancelToken(r *request) (any, error) {
	var input struct {
		TokenID string `json:"tokenId"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	return p.revoke(r, input.TokenID)
}

func (p *Platform) revoke(r *request, id string) (any, error) {
	err := p.inLedger(r.Context(), func(tx *sql.Tx) error {
		t, err := p.ownToken(r, tx, id)
		if err != nil || t.status != "active" {
			return err
		}
		return p.endToken(r.Context(), tx, t.id, "revoked")
	})
	if err != nil {
		return nil, err
	}
	return members{"success": true}, nil
}

// topUpToken adds to a token, which stays the same one.
func (p *Platform) topUpToken(r *request) (any, error) {
	var input struct {
		Amount json.RawMessage `json:"amount"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	nano, err := positiveAmount(input.Amount)
	if err != nil {
		return nil, err
	}
	var row members
	err = p.inLedger(r.Context(), func(tx *sql.Tx) error {
		t, err := p.ownToken(r, tx, r.PathValue("token"))
		if err != nil {
			return err
		}
		if reason := t.usable(p.now(), nil); reason != "" {
			return badRequest("%s", reason)
		}
		if err := p.spend(r.Context(), tx, r.caller, nano); err != nil {
			return err
		}
		if err := transfer(r.Context(), tx, userAccount(t.userID), tokenAccount(t.id), nano, entry{
			kind: "transfer", description: "payment token topped up", source: "payment_token", at: p.now().UnixMilli(),
		}); err != nil {
			return err
		}
		if _, err := tx.ExecContext(r.Context(), "UPDATE payment_tokens SET budget_nano = budget_nano + ? WHERE id = ?", nano, t.id); err != nil {
			return err
		}
		t.budget += nano
		available, err := balanceOf(r.Context(), tx, tokenAccount(t.id))
		if err != nil {
			return err
		}
		row = p.tokenRow(t, available)
		if t.secretHash == nil {
			row["token"], err = p.tokenText(r.Context(), origin(r.Request), t, false)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return members{"token": row, "success": true}, nil
}

// tokenTree shows how a token's value was handed on.
func (p *Platform) tokenTree(r *request) (any, error) {
	t, err := p.ownToken(r, p.database, r.PathValue("token"))
	if err != nil {
		return nil, err
	}
	tree, err := p.tree(r.Context(), t, nil)
	if err != nil {
		return nil, err
	}
	return members{"tree": tree}, nil
}

func (p *Platform) tree(ctx context.Context, t *paymentToken, chain []string) (members, error) {
	remaining, err := balanceOf(ctx, p.database, tokenAccount(t.id))
	if err != nil {
		return nil, err
	}
	rows, err := p.database.QueryContext(ctx, "SELECT "+paymentColumns+" FROM payment_tokens WHERE parent_id = ? ORDER BY created_at, id", t.id)
	if err != nil {
		return nil, err
	}
	var found []*paymentToken
	for rows.Next() {
		child, err := scanToken(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		found = append(found, child)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	below := append(append([]string{}, chain...), t.id)
	children := []members{}
	for _, child := range found {
		branch, err := p.tree(ctx, child, below)
		if err != nil {
			return nil, err
		}
		children = append(children, branch)
	}
	status := map[bool]string{true: "active", false: "settled"}[t.status == "active"]
	if t.status == "revoked" {
		status = "revoked"
	}
	return members{
		"id": t.id, "audience": t.audience, "status": status, "budgetCredits": formatCredits(t.budget),
		"spentCredits": formatCredits(t.budget - remaining), "remainingCredits": formatCredits(remaining), "chain": below, "children": children,
	}, nil
}

// delegateToken hands a part of a token on to another agent.
func (p *Platform) delegateToken(r *request) (any, error) {
	var input struct {
		ParentToken string          `json:"parentToken"`
		DelegateTo  string          `json:"delegateTo"`
		Amount      json.RawMessage `json:"amount"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	nano, err := positiveAmount(input.Amount)
	if err != nil {
		return nil, err
	}
	target, err := p.findAgent(r.Context(), r.caller.userID, input.DelegateTo)
	if err != nil {
		return nil, err
	}
	var t *paymentToken
	var text string
	err = p.inLedger(r.Context(), func(tx *sql.Tx) error {
		parent, err := p.usableToken(r.Context(), tx, input.ParentToken)
		if err != nil {
			return err
		}
		if parent.maxDepth <= 0 {
			return badRequest("max_depth exhausted")
		}
		available, err := balanceOf(r.Context(), tx, tokenAccount(parent.id))
		if err != nil {
			return err
		}
		if available < nano {
			return badRequest("insufficient balance, available: %s", formatCredits(available))
		}
		t, text, err = p.mint(r.Context(), tx, origin(r.Request), minting{
			userID: parent.userID, parent: parent, audience: []string{target.id}, nano: nano, delegatedBy: r.caller.userID,
			life: time.UnixMilli(parent.expiresAt).Sub(p.now()),
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	credits := formatCredits(nano)
	return members{"token": text, "tokenId": t.id, "amountCredits": decimalNumber(credits), "amountDollars": decimalNumber(credits)}, nil
}
