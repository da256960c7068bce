package sandbox

import (
	"database/sql"
	"encoding/json"
	"errors"
)

// listTokens gives the caller's tokens, the newest first. It is known of payments/tokens, and by name of balance/tokens.
func (p *Platform) listTokens(r *request) (any, error) {
	limit, offset, err := r.window(1000)
	if err != nil {
		return nil, err
	}
	tokens, total, err := page(r.Context(), p.database, paymentColumns+", coalesce((SELECT nano FROM accounts WHERE name = 'token:' || id), 0)",
		"FROM payment_tokens WHERE user_id = ?", "created_at DESC, id", limit, offset, func(from scanner) (members, error) {
			var nano int64
			t, err := scanToken(from, &nano)
			if err != nil {
				return nil, err
			}
			return p.tokenRow(t, nano), nil
		}, r.caller.userID)
	return members{"tokens": tokens, "total": total}, err
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
