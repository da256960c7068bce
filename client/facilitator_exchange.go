package client

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
)

// Exchange is a payment token that was bought.
type Exchange struct {
	// Token is the token itself, a secret. The platform shows it once.
	Token         string
	AmountCredits decimal.Decimal
	ExpiresAt     *time.Time
}

// ExchangeOutput says what to buy: the platform's own scheme, and how much of it as a decimal string.
type ExchangeOutput struct {
	Scheme  string `json:"scheme"`
	Network string `json:"network"`
	Amount  string `json:"amount"`
}

// leastExchanged is what a purchase must reach of what was asked for, in percent: rates move between the quote and the
// exchange, and a caller may have left out the fee.
const leastExchanged = 90

// Exchange buys a payment token with another payment. The result is amount x rate x (1 - fee), at the rate of the moment:
// it may fall short of the amount asked for by up to a tenth. When it is more, or less than that, or not more than 0,
// the token is given together with [ErrAmountMismatch].
//
// Route: POST /x402/exchange (2025).
func (s *FacilitatorService) Exchange(ctx context.Context, paymentHeader string, requirements PaymentRequirements, output ExchangeOutput) (*Exchange, error) {
	o := s.client.operation(facilitatorExchange)
	if err := firstError(checkHeader(o, paymentHeader), output.check(o)); err != nil {
		return nil, err
	}
	body := facilitatorBody(paymentHeader, requirements)
	body["requestedOutput"] = output
	got, err := s.client.do(ctx, o, call{body: body})
	if err != nil {
		return nil, err
	}
	var wire struct {
		Token     text   `json:"token"`
		Amount    amount `json:"amount"`
		ExpiresAt moment `json:"expiresAt"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if wire.Token == "" {
		return nil, unusable(o, "the answer holds no token")
	}
	bought := &Exchange{Token: string(wire.Token), AmountCredits: wire.Amount.value, ExpiresAt: wire.ExpiresAt.pointer()}
	return bought, output.bought(o, wire.Amount)
}

func (w *ExchangeOutput) check(o *operation) error {
	if asked, err := parseAmount(w.Amount); w.Amount != "" && (err != nil || !asked.IsPositive()) {
		return invalidArgument(o.Name, "the amount to buy is not a decimal of more than 0")
	}
	return nil
}

// bought checks what was bought against what was asked for.
func (w *ExchangeOutput) bought(o *operation, told amount) error {
	if !told.known {
		return unusable(o, "the answer does not tell the amount")
	}
	asked, err := parseAmount(w.Amount)
	least := asked.Mul(decimal.New(leastExchanged, -2))
	switch {
	case !told.value.IsPositive():
		return mismatch(o, "the platform says that it sold "+told.value.String())
	case err == nil && (told.value.LessThan(least) || told.value.Round(maxDecimals).GreaterThan(asked)):
		return mismatch(o, "the platform says that it sold "+told.value.String()+" where "+asked.String()+" was asked for")
	default:
		return nil
	}
}
