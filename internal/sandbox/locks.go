package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
)

// lockLife is how long a lock holds value, and maxLocks how many a token can have at a time.
const (
	lockLife = time.Hour
	maxLocks = 100
)

// lockRow is a row of the table locks. What it holds is the balance of its account.
type lockRow struct {
	id, tokenID, payeeID, status string
}

func findLock(ctx context.Context, tx *sql.Tx, id string) (*lockRow, error) {
	var l lockRow
	err := tx.QueryRowContext(ctx, "SELECT id, token_id, payee_id, status FROM locks WHERE id = ?", id).
		Scan(&l.id, &l.tokenID, &l.payeeID, &l.status)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("lock")
	}
	return &l, err
}

// lockPayment holds a part of a token. Without a token it makes one, as some documents of the platform describe.
func (p *Platform) lockPayment(r *request) (any, error) {
	var input struct {
		Token    string          `json:"token"`
		Amount   json.RawMessage `json:"amount"`
		Model    string          `json:"model"`
		Audience json.RawMessage `json:"audience"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if input.Amount == nil && input.Model != "" {
		input.Amount = json.RawMessage("0.01")
	}
	nano, err := positiveAmount(input.Amount)
	if err != nil {
		return nil, err
	}
	if input.Token == "" {
		t, text, err := p.mintFor(r, minting{userID: r.caller.userID, audience: oneOrMany(input.Audience), nano: nano, life: defaultTokenLife})
		if err != nil {
			return nil, err
		}
		return members{"token": text, "expiresAt": timestamp(t.expiresAt), "lockedAmount": nano}, nil
	}
	id := uuid.NewString()
	err = p.inLedger(r.Context(), func(tx *sql.Tx) error {
		t, err := p.tokenFor(r.Context(), tx, r.caller, input.Token)
		if err != nil {
			return err
		}
		return p.openLock(r.Context(), tx, id, t, r.caller.userID, nano)
	})
	if err != nil {
		return nil, err
	}
	return members{"success": true, "lockId": id, "lockedAmount": nano, "lockedAmountDollars": decimalNumber(formatCredits(nano))}, nil
}

func (p *Platform) openLock(ctx context.Context, tx *sql.Tx, id string, t *paymentToken, payeeID string, nano int64) error {
	available, err := balanceOf(ctx, tx, tokenAccount(t.id))
	if err != nil {
		return err
	}
	if available < nano {
		return badRequest("insufficient token balance, available: %s", formatCredits(available))
	}
	var open int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM locks WHERE token_id = ? AND status = 'active'", t.id).Scan(&open); err != nil {
		return err
	}
	if open >= maxLocks {
		return badRequest("too many locks on this token")
	}
	now := p.now()
	if _, err := tx.ExecContext(ctx, "INSERT INTO locks (id, token_id, payee_id, status, created_at, expires_at) VALUES (?, ?, ?, 'active', ?, ?)",
		id, t.id, payeeID, now.UnixMilli(), min(now.Add(lockLife).UnixMilli(), t.expiresAt)); err != nil {
		return err
	}
	return transfer(ctx, tx, tokenAccount(t.id), lockAccount(id), nano, entry{
		kind: "transfer", description: "payment locked", source: "lock", at: now.UnixMilli(),
	})
}

// extendLock holds more for a lock.
func (p *Platform) extendLock(r *request) (any, error) {
	var input struct {
		Additional json.RawMessage `json:"additionalAmount"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	nano, err := positiveAmount(input.Additional)
	if err != nil {
		return nil, err
	}
	var held int64
	err = p.inLedger(r.Context(), func(tx *sql.Tx) error {
		l, err := p.payeesLock(r, tx, r.PathValue("lock"))
		if err != nil {
			return err
		}
		available, err := balanceOf(r.Context(), tx, tokenAccount(l.tokenID))
		if err != nil {
			return err
		}
		if available < nano {
			return badRequest("insufficient token balance, available: %s", formatCredits(available))
		}
		if err := transfer(r.Context(), tx, tokenAccount(l.tokenID), lockAccount(l.id), nano, entry{
			kind: "transfer", description: "payment lock extended", source: "lock", at: p.now().UnixMilli(),
		}); err != nil {
			return err
		}
		held, err = balanceOf(r.Context(), tx, lockAccount(l.id))
		return err
	})
	if err != nil {
		return nil, err
	}
	return members{"success": true, "newAmount": held, "newAmountDollars": decimalNumber(formatCredits(held))}, nil
}

// payeesLock finds an active lock of the caller. Others do not learn of it.
func (p *Platform) payeesLock(r *request, tx *sql.Tx, id string) (*lockRow, error) {
	l, err := findLock(r.Context(), tx, id)
	if err != nil {
		return nil, err
	}
	if l.payeeID != r.caller.userID {
		return nil, notFound("lock")
	}
	if l.status != "active" {
		return nil, badRequest("lock is %s", l.status)
	}
	return l, nil
}

// releaseLock gives what a lock holds back to its token.
func (p *Platform) releaseLock(ctx context.Context, tx *sql.Tx, id string) error {
	l, err := findLock(ctx, tx, id)
	if err != nil {
		return err
	}
	rest, err := balanceOf(ctx, tx, lockAccount(id))
	if err != nil {
		return err
	}
	if rest > 0 {
		if err := transfer(ctx, tx, lockAccount(id), tokenAccount(l.tokenID), rest, entry{
			kind: "transfer", description: "payment lock released", source: "lock", at: p.now().UnixMilli(),
		}); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE locks SET status = 'released' WHERE id = ?", id)
	return err
}
