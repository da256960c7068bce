package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// verifyToken answers 200 whatever it finds: clients read the verdict in the body. Both vocabularies are written.
func (p *Platform) verifyToken(r *request) (any, error) {
	var input struct {
		Token    string          `json:"token"`
		Audience json.RawMessage `json:"expectedAudience"`
		x402Request
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if input.present() {
		return p.verifyPayment(r, input.x402Request)
	}
	if input.Token == "" {
		input.Token = r.Header.Get("X-PAYMENT")
	}
	return p.verdict(r.Context(), origin(r.Request), input.Token, oneOrMany(input.Audience))
}

func (p *Platform) verdict(ctx context.Context, issuer, text string, audience []string) (members, error) {
	refuse := func(reason string) members {
		return members{
			"valid": false, "isValid": false, "error": reason, "invalidReason": reason, "balance": 0, "balanceDollars": 0,
			"balanceCredits": "0", "availableAmount": "0",
		}
	}
	if text == "" {
		return refuse("token is required"), nil
	}
	t, err := p.resolve(ctx, p.database, text)
	if errors.Is(err, errBadToken) {
		return refuse(errBadToken.Error()), nil
	}
	if err != nil {
		return nil, err
	}
	if reason := t.usable(p.now(), audience); reason != "" {
		return refuse(reason), nil
	}
	available, err := balanceOf(ctx, p.database, tokenAccount(t.id))
	if err != nil {
		return nil, err
	}
	credits := formatCredits(available)
	return members{
		"valid": true, "isValid": true, "balance": decimalNumber(credits), "balanceDollars": decimalNumber(credits),
		"balanceCredits": credits, "balanceNano": available, "availableAmount": credits, "available_amount": credits,
		"expiresAt": timestamp(t.expiresAt), "issuer": issuer, "payer": t.userID,
	}, nil
}

func (p *Platform) validateToken(r *request) (any, error) {
	if r.Method == http.MethodGet {
		return p.verdict(r.Context(), origin(r.Request), r.URL.Query().Get("token"), nil)
	}
	return p.verifyToken(r)
}

// oneOrMany reads a string or a list of strings.
func oneOrMany(raw json.RawMessage) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return []string{one}
	}
	var many []string
	if json.Unmarshal(raw, &many) != nil {
		return nil
	}
	return many
}
