package sandbox

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// x402Request is the body of a facilitator's call, in the platform's vocabulary or in the standard's.
type x402Request struct {
	PaymentHeader  string          `json:"paymentHeader"`
	PaymentPayload json.RawMessage `json:"paymentPayload"`
	Requirements   requirements    `json:"paymentRequirements"`
}

func (x x402Request) present() bool { return x.PaymentHeader != "" || x.PaymentPayload != nil }

// requirements is what a payee asks for.
type requirements struct {
	Scheme            string          `json:"scheme"`
	Network           string          `json:"network"`
	MaxAmountRequired json.RawMessage `json:"maxAmountRequired"`
	Amount            json.RawMessage `json:"amount"`
	Resource          json.RawMessage `json:"resource"`
	PayTo             string          `json:"payTo"`
	Asset             string          `json:"asset"`
}

// payment is what a payment header holds.
type payment struct {
	Scheme  string `json:"scheme"`
	Network string `json:"network"`
	Payload struct {
		Token  string          `json:"token"`
		Amount json.RawMessage `json:"amount"`
	} `json:"payload"`
	Accepted struct {
		Scheme  string `json:"scheme"`
		Network string `json:"network"`
	} `json:"accepted"`
}

// The schemes that pay in the platform's own credits.
const (
	tokenScheme   = "token"
	creditsScheme = "robutler-credits"
)

// read takes a payment header apart: base64 JSON, or a bare token.
func (x x402Request) read() (payment, string) {
	var paid payment
	raw := []byte(x.PaymentPayload)
	if x.PaymentHeader != "" {
		if strings.HasPrefix(x.PaymentHeader, "tok_") || strings.Count(x.PaymentHeader, ".") == 2 {
			// A bare token says nothing of a scheme: it is good for either of the platform's own.
			paid.Scheme, paid.Payload.Token = tokenScheme, x.PaymentHeader
			if x.Requirements.Scheme == creditsScheme {
				paid.Scheme = creditsScheme
			}
			paid.Network = ownNetwork(paid.Scheme)
			return paid, ""
		}
		decoded, err := base64.StdEncoding.DecodeString(x.PaymentHeader)
		if err != nil {
			return paid, "payment header is not base64"
		}
		raw = decoded
	}
	if json.Unmarshal(raw, &paid) != nil {
		return paid, "payment header is not JSON"
	}
	if paid.Scheme == "" {
		paid.Scheme, paid.Network = paid.Accepted.Scheme, paid.Accepted.Network
	}
	return paid, ""
}

// ownNetwork is where a scheme of the platform's own pays, or nothing for another scheme.
func ownNetwork(scheme string) string {
	return map[string]string{tokenScheme: "robutler", creditsScheme: "robutler:1"}[scheme]
}

// price is what is required, in billionths of a credit. It is no more than the payer authorized, in the scheme and on the
// network that the payer chose.
func (x x402Request) price(paid *payment) (int64, string) {
	for _, agreed := range []struct{ name, paid, required string }{
		{"scheme", paid.Scheme, x.Requirements.Scheme}, {"network", paid.Network, x.Requirements.Network},
	} {
		if agreed.required != "" && agreed.paid != "" && agreed.paid != agreed.required {
			return 0, fmt.Sprintf("the payment's %s is %s, not %s", agreed.name, excerpt(agreed.paid), excerpt(agreed.required))
		}
	}
	raw := x.Requirements.MaxAmountRequired
	if raw == nil {
		raw = x.Requirements.Amount
	}
	required, fault := amountIn(paid.Scheme, raw)
	if fault != "" {
		return 0, "required amount is " + fault
	}
	if authorized := paid.Payload.Amount; authorized != nil && string(authorized) != "null" {
		most, fault := amountIn(paid.Scheme, authorized)
		if fault != "" {
			return 0, "the payment's amount is " + fault
		}
		if most < required {
			return 0, fmt.Sprintf("the payment authorizes %s of the required %s credits", formatCredits(most), formatCredits(required))
		}
	}
	return required, ""
}

// amountIn reads a scheme's amount: a whole number of billionths in that of 2026, else a decimal.
func amountIn(scheme string, raw json.RawMessage) (nano int64, fault string) {
	text := strings.Trim(string(raw), `"`)
	if scheme == creditsScheme {
		whole, err := strconv.ParseInt(text, 10, 64)
		if err != nil || whole <= 0 || !digitsOnly(text) {
			return 0, "not a positive whole number"
		}
		return whole, ""
	}
	nano, err := parseCredits(text)
	if err != nil || nano == 0 {
		return 0, "not a positive decimal"
	}
	return nano, ""
}

// judge reads a payment and what it must pay to a payee, if one is known; reason says why it does not.
func (p *Platform) judge(ctx context.Context, on queryer, payee caller, x x402Request) (t *paymentToken, nano int64, reason string, err error) {
	paid, reason := x.read()
	if reason != "" {
		return nil, 0, reason, nil
	}
	own := ownNetwork(paid.Scheme)
	if own == "" {
		return nil, 0, "scheme " + excerpt(paid.Scheme) + " is not settled here", nil
	}
	if paid.Network != "" && paid.Network != own {
		return nil, 0, "scheme " + excerpt(paid.Scheme) + " is not settled on " + excerpt(paid.Network), nil
	}
	if nano, reason = x.price(&paid); reason != "" {
		return nil, 0, reason, nil
	}
	t, err = p.resolve(ctx, on, paid.Payload.Token)
	if errors.Is(err, errBadToken) {
		return nil, 0, errBadToken.Error(), nil
	}
	if err != nil {
		return nil, 0, "", err
	}
	if reason := t.usable(p.now(), nil); reason != "" {
		return nil, 0, reason, nil
	}
	if payee.userID != "" {
		if mine, err := t.isFor(ctx, on, payee); err != nil || !mine {
			return nil, 0, otherAudience, err
		}
	}
	available, err := balanceOf(ctx, on, tokenAccount(t.id))
	if err == nil && available < nano {
		reason = "insufficient_funds"
	}
	return t, nano, reason, err
}

func excerpt(text string) string {
	clean := baseName(text)
	return clean[:min(len(clean), 40)]
}

// verifyPayment answers with a verdict, whatever it is.
func (p *Platform) verifyPayment(r *request, x x402Request) (members, error) {
	t, _, reason, err := p.judge(r.Context(), p.database, r.caller, x)
	if err != nil {
		return nil, err
	}
	return p.verdict(r, t, reason)
}

func (p *Platform) verifyX402(r *request) (any, error) {
	var input x402Request
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if !input.present() {
		return nil, badRequest("paymentHeader is required")
	}
	body, err := p.verifyPayment(r, input)
	if err != nil {
		return nil, err
	}
	body["balance"] = body["balanceCredits"] // the facilitator's own clients read a decimal text
	return body, nil
}

func (p *Platform) settleX402(r *request) (any, error) {
	var input x402Request
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if !input.present() {
		return nil, badRequest("paymentHeader is required")
	}
	return p.settleHeader(r, input)
}

// settleHeader takes what a payment header pays, once for a header and what is required.
func (p *Platform) settleHeader(r *request, x x402Request) (any, error) {
	identity, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		sum := sha256.Sum256(identity)
		key = settledPayment + hex.EncodeToString(sum[:])
	}
	return p.once(r, key, "", identity, func(tx *sql.Tx) (members, error) {
		t, nano, reason, err := p.judge(r.Context(), tx, r.caller, x)
		if err != nil {
			return nil, err
		}
		if reason != "" {
			return members{"success": false, "error": reason, "errorReason": reason, "transaction": "", "network": "robutler"}, nil
		}
		body, err := p.charge(r.Context(), tx, r.caller, charge{paid: t, nano: nano, description: "x402 payment"})
		if err == nil {
			body["payer"] = t.userID
		}
		return body, err
	})
}

func (p *Platform) supportedSchemes(*request) (any, error) {
	schemes := []members{
		{"scheme": tokenScheme, "network": ownNetwork(tokenScheme), "description": "Robutler platform credits (1:1 USD)", "x402Version": 1},
		{"scheme": creditsScheme, "network": ownNetwork(creditsScheme), "description": "Robutler platform credits in billionths", "x402Version": 2},
	}
	return members{"schemes": schemes, "kinds": schemes}, nil
}
