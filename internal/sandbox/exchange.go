package sandbox

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"math"
	"time"
)

// exchangeFeePerMille is kept back of an exchange; the bounds of one, and of all that is ever paid in, are in billionths
// of a credit. Play money costs nothing, and the ledger counts to an end.
const (
	exchangeFeePerMille = 20
	exchangeMinimum     = nanoPerCredit / 100
	exchangeMaximum     = 1_000_000 * nanoPerCredit
	maxPaidIn           = math.MaxInt64 / 4
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
	gross, reason := input.price(&paid)
	if reason == "" && gross < exchangeMinimum {
		reason = "the amount is below the minimum of 0.01"
	}
	if reason == "" && gross > exchangeMaximum {
		reason = "the amount is above the maximum of " + formatCredits(exchangeMaximum)
	}
	if reason != "" {
		return refuse(reason)
	}
	net := gross - gross/1000*exchangeFeePerMille - gross%1000*exchangeFeePerMille/1000
	sum := sha256.Sum256([]byte(input.PaymentHeader + "\n" + string(input.PaymentPayload)))
	return p.once(r, exchangedPayment+hex.EncodeToString(sum[:]), "", raw, func(tx *sql.Tx) (members, error) {
		now := p.now()
		outside, err := balanceOf(r.Context(), tx, externalAccount)
		if err != nil {
			return nil, err
		}
		if outside-gross < -maxPaidIn {
			return members{"success": false, "error": "no more can be paid in"}, nil
		}
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
