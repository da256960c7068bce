package sandbox

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"time"
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
			paid.Scheme, paid.Network, paid.Payload.Token = tokenScheme, "robutler", x.PaymentHeader
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

// price is what is required, in billionths of a credit: a decimal in the platform's own scheme, a whole number of
// billionths in that of 2026.
func (x x402Request) price() (int64, string) {
	raw := x.Requirements.MaxAmountRequired
	if raw == nil {
		raw = x.Requirements.Amount
	}
	text := strings.Trim(string(raw), `"`)
	if x.Requirements.Scheme == creditsScheme {
		whole, ok := new(big.Int).SetString(text, 10)
		if !ok || !whole.IsInt64() || whole.Sign() <= 0 {
			return 0, "required amount is not a positive whole number"
		}
		return whole.Int64(), ""
	}
	nano, err := parseCredits(text)
	if err != nil || nano == 0 {
		return 0, "required amount is not a positive decimal"
	}
	return nano, ""
}

// judge reads a payment and what it must pay; reason says why it does not.
func (p *Platform) judge(ctx context.Context, on queryer, x x402Request) (t *paymentToken, nano int64, reason string, err error) {
	paid, reason := x.read()
	if reason != "" {
		return nil, 0, reason, nil
	}
	if paid.Scheme != tokenScheme && paid.Scheme != creditsScheme {
		return nil, 0, "scheme " + excerpt(paid.Scheme) + " is not settled here", nil
	}
	if nano, reason = x.price(); reason != "" {
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

// verifyPayment answers with a verdict in both vocabularies, whatever it is.
func (p *Platform) verifyPayment(r *request, x x402Request) (any, error) {
	t, _, reason, err := p.judge(r.Context(), p.database, x)
	if err != nil {
		return nil, err
	}
	body := members{"valid": reason == "", "isValid": reason == "", "balance": "0"}
	if reason != "" {
		body["invalidReason"], body["error"] = reason, reason
	}
	if t != nil {
		available, err := balanceOf(r.Context(), p.database, tokenAccount(t.id))
		if err != nil {
			return nil, err
		}
		body["balance"], body["balanceCredits"], body["payer"] = formatCredits(available), formatCredits(available), t.userID
	}
	return body, nil
}

func (p *Platform) verifyX402(r *request) (any, error) {
	var input x402Request
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if !input.present() {
		return nil, badRequest("paymentHeader is required")
	}
	return p.verifyPayment(r, input)
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
		key = "x402:" + hex.EncodeToString(sum[:])
	}
	return p.once(r, key, "", identity, func(tx *sql.Tx) (members, error) {
		t, nano, reason, err := p.judge(r.Context(), tx, x)
		if err != nil {
			return nil, err
		}
		if reason != "" {
			return members{"success": false, "error": reason, "errorReason": reason, "transaction": "", "network": "robutler"}, nil
		}
		body, err := p.charge(r.Context(), tx, r.caller, charge{token: t.id, nano: nano, description: "x402 payment"})
		if err == nil {
			body["payer"] = t.userID
		}
		return body, err
	})
}

func (p *Platform) supportedSchemes(*request) (any, error) {
	schemes := []members{
		{"scheme": tokenScheme, "network": "robutler", "description": "Robutler platform credits (1:1 USD)", "x402Version": 1},
		{"scheme": creditsScheme, "network": "robutler:1", "description": "Robutler platform credits in billionths", "x402Version": 2},
	}
	return members{"schemes": schemes, "kinds": schemes}, nil
}

// exchangeFeePerMille is kept back of an exchange; the minimum is in billionths of a credit.
const (
	exchangeFeePerMille = 20
	exchangeMinimum     = nanoPerCredit / 100
)

func exchangeInputs() []string {
	return []string{"exact:base-mainnet:USDC", "exact:polygon:USDC", "exact:solana:USDC"}
}

func (p *Platform) exchangeRates(*request) (any, error) {
	rates := members{}
	for _, input := range exchangeInputs() {
		rates[input] = members{"outputScheme": tokenScheme, "outputNetwork": "robutler", "rate": "1", "minAmount": "0.01", "fee": "0.02"}
	}
	return members{
		"supportedOutputTokens": []members{{"scheme": tokenScheme, "network": "robutler", "description": "Robutler platform credits (1:1 USD)"}},
		"exchangeRates":         rates,
	}, nil
}

// exchange sells a payment token for play money of a chain: nothing here reaches one, so a payment that names its
// amount counts as paid. The token belongs to the caller.
func (p *Platform) exchange(r *request) (any, error) {
	raw, err := r.body()
	if err != nil {
		return nil, err
	}
	var input struct {
		x402Request
		Output struct {
			Scheme  string          `json:"scheme"`
			Network string          `json:"network"`
			Amount  json.RawMessage `json:"amount"`
		} `json:"requestedOutput"`
	}
	if err := decodeObject(raw, &input); err != nil {
		return nil, err
	}
	if !input.present() {
		return nil, badRequest("paymentHeader is required")
	}
	refuse := func(reason string) (any, error) { return members{"success": false, "error": reason}, nil }
	paid, reason := input.read()
	if reason == "" && paid.Scheme != "exact" {
		reason = "only payments of scheme exact are exchanged"
	}
	if reason != "" {
		return refuse(reason)
	}
	gross, reason := input.price()
	if reason == "" && gross < exchangeMinimum {
		reason = "the amount is below the minimum of 0.01"
	}
	if reason != "" {
		return refuse(reason)
	}
	net := gross - gross/1000*exchangeFeePerMille - gross%1000*exchangeFeePerMille/1000
	sum := sha256.Sum256([]byte(input.PaymentHeader + "\n" + string(input.PaymentPayload)))
	return p.once(r, "exchange:"+hex.EncodeToString(sum[:]), "", raw, func(tx *sql.Tx) (members, error) {
		now := p.now()
		if err := post(r.Context(), tx, entry{
			kind: "addition", description: "exchanged payment", source: "x402_exchange", at: now.UnixMilli(),
			moves: []move{{externalAccount, -gross}, {userAccount(r.caller.userID), net}, {platformAccount, gross - net}},
		}); err != nil {
			return nil, err
		}
		t, text, err := p.mint(r.Context(), tx, origin(r.Request), minting{
			userID: r.caller.userID, audience: []string{}, nano: net, life: defaultTokenLife, opaque: true,
		})
		if err != nil {
			return nil, err
		}
		return members{
			"success": true, "token": text, "amount": formatCredits(net),
			"expiresAt": time.UnixMilli(t.expiresAt).UTC().Format(time.RFC3339),
		}, nil
	})
}
