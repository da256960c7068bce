package sandbox

import (
	"context"
	"database/sql"
)

// inLedger runs work in one transaction, after what has ended by now was settled. The signing key is fetched before:
// a database in memory has one connection, which the transaction holds.
func (p *Platform) inLedger(ctx context.Context, work func(*sql.Tx) error) error {
	if _, err := p.signingKey(ctx); err != nil {
		return err
	}
	// In a transaction of its own: what has ended has ended whether the work succeeds or not.
	if err := p.settleEnded(ctx); err != nil {
		return err
	}
	return p.inTransaction(ctx, func(tx *sql.Tx) error {
		if err := p.expire(ctx, tx); err != nil {
			return err
		}
		return work(tx)
	})
}

// settleEnded gives back what ended by now. Mostly nothing did, which a look without the write lock tells.
func (p *Platform) settleEnded(ctx context.Context) error {
	now := p.now().UnixMilli()
	var ended bool
	err := p.database.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM locks WHERE status = 'active' AND expires_at <= ?1)
		OR EXISTS (SELECT 1 FROM payment_tokens WHERE status = 'active' AND expires_at <= ?1)`, now).Scan(&ended)
	if err != nil || !ended {
		return err
	}
	return p.inTransaction(ctx, func(tx *sql.Tx) error { return p.expire(ctx, tx) })
}

// current lets a route that tells of money tell what is there now.
func (p *Platform) current(act action) action {
	return func(r *request) (any, error) {
		if err := p.settleEnded(r.Context()); err != nil {
			return nil, err
		}
		return act(r)
	}
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
