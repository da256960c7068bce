package sandbox

import (
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
	return p.verifyText(r, input.Token, oneOrMany(input.Audience))
}

// verifyText says whether a token can be used, by one of an audience if there is any.
func (p *Platform) verifyText(r *request, text string, audience []string) (any, error) {
	if text == "" {
		return p.verdict(r, nil, "token is required")
	}
	t, err := p.resolve(r.Context(), p.database, text)
	if errors.Is(err, errBadToken) {
		return p.verdict(r, nil, errBadToken.Error())
	}
	if err != nil {
		return nil, err
	}
	if reason := t.usable(p.now(), audience); reason != "" {
		return p.verdict(r, nil, reason)
	}
	return p.verdict(r, t, "")
}

// verdict answers in the vocabularies of all generations. Of a token that cannot be used nothing is told but why.
func (p *Platform) verdict(r *request, t *paymentToken, reason string) (members, error) {
	body := members{"valid": reason == "", "isValid": reason == ""}
	if reason != "" {
		body["error"], body["invalidReason"] = reason, reason
	}
	available := int64(0)
	if t != nil {
		var err error
		if available, err = balanceOf(r.Context(), p.database, tokenAccount(t.id)); err != nil {
			return nil, err
		}
		body["expiresAt"], body["issuer"], body["payer"] = timestamp(t.expiresAt), origin(r.Request), t.userID
	}
	credits := formatCredits(available)
	for _, name := range []string{"balanceCredits", "availableAmount", "available_amount"} {
		body[name] = credits
	}
	body["balance"], body["balanceDollars"], body["balanceNano"] = decimalNumber(credits), decimalNumber(credits), available
	return body, nil
}

func (p *Platform) validateToken(r *request) (any, error) {
	if r.Method == http.MethodGet {
		return p.verifyText(r, r.URL.Query().Get("token"), nil)
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
