package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
)

// redeemToken is the charge of 2025: from a token to the caller.
func (p *Platform) redeemToken(r *request) (any, error) {
	raw, err := r.body()
	if err != nil {
		return nil, err
	}
	var input struct {
		Token  string          `json:"token"`
		Amount json.RawMessage `json:"amount"`
	}
	if err := decodeObject(raw, &input); err != nil {
		return nil, err
	}
	return p.once(r, r.Header.Get("Idempotency-Key"), "", raw, func(tx *sql.Tx) (members, error) {
		nano, err := p.redeemable(r.Context(), tx, input.Token, input.Amount)
		if err != nil {
			return nil, err
		}
		return p.charge(r.Context(), tx, r.caller, charge{token: input.Token, nano: nano, description: "payment token redeemed"})
	})
}

// redeemable is the amount to redeem: all that the token holds where none is given.
func (p *Platform) redeemable(ctx context.Context, tx *sql.Tx, token string, raw json.RawMessage) (int64, error) {
	t, err := p.usableToken(ctx, tx, token)
	if err != nil {
		return 0, asPaymentRequired(err)
	}
	available, err := balanceOf(ctx, tx, tokenAccount(t.id))
	if err != nil {
		return 0, err
	}
	nano := available
	if raw != nil && string(raw) != "null" {
		if nano, err = positiveAmount(raw); err != nil {
			return 0, err
		}
	}
	if nano > available || nano == 0 {
		return 0, insufficient(nano, available)
	}
	return nano, nil
}

// asPaymentRequired answers 402 for a token that cannot be used, as the routes of 2025 did.
func asPaymentRequired(err error) error {
	if told, ok := errors.AsType[*failure](err); ok && told.status == http.StatusBadRequest {
		return fail(http.StatusPaymentRequired, "invalid_token", "%s", told.message)
	}
	return err
}
