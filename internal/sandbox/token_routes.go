package sandbox

import (
	"database/sql"
	"encoding/json"
	"errors"
)

// listTokens gives the caller's tokens, the newest first. It is known of payments/tokens, and by name of balance/tokens.
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
