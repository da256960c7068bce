package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"

	"github.com/shopspring/decimal"
)

// The platform's own x402 scheme, which pays in credits.
const (
	SchemeToken     = "token"
	NetworkRobutler = "robutler"
)

// FacilitatorService verifies, settles and exchanges x402 payments.
type FacilitatorService struct{ client *Client }

// PaymentPayload is what a payment header holds.
type PaymentPayload struct {
	// X402Version is 0 where the header does not tell it, as those of the platform's own scheme do not.
	X402Version int    `json:"x402Version,omitempty"`
	Scheme      string `json:"scheme"`
	Network     string `json:"network"`
	// Payload depends on the scheme; for the platform's own it is a TokenPayment.
	Payload any `json:"payload"`
}

// TokenPayment is the payload of the platform's own scheme.
type TokenPayment struct {
	Token string `json:"token"`
	// Amount is in credits, as a decimal string; everything that is required when empty.
	Amount string `json:"amount,omitempty"`
}

// NewTokenPayment is a payment by token.
func NewTokenPayment(token string, amountCredits decimal.Decimal) PaymentPayload {
	return PaymentPayload{
		Scheme: SchemeToken, Network: NetworkRobutler, Payload: TokenPayment{Token: token, Amount: amountCredits.String()},
	}
}

// Header encodes the payment as the value of an X-PAYMENT header: standard base64 of its JSON.
func (p PaymentPayload) Header() (string, error) {
	encoded, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(encoded), nil
}

// PaymentRequirements is what a payee asks for, as an entry of a 402 answer's "accepts" lists it.
type PaymentRequirements struct {
	Scheme  string `json:"scheme"`
	Network string `json:"network"`
	// MaxAmountRequired is the price, a decimal string in the scheme's unit.
	MaxAmountRequired string `json:"maxAmountRequired,omitempty"`
	// Amount is the price in version 2 of the protocol.
	Amount            string         `json:"amount,omitempty"`
	Resource          string         `json:"resource,omitempty"`
	PayTo             string         `json:"payTo"`
	Description       string         `json:"description,omitempty"`
	MimeType          string         `json:"mimeType,omitempty"`
	MaxTimeoutSeconds int            `json:"maxTimeoutSeconds,omitempty"`
	Asset             string         `json:"asset,omitempty"`
	Extra             map[string]any `json:"extra,omitempty"`
}

// Credits gives what is required where a scheme of the platform's own says it in credits, or nil. Those are token, in
// credits, and robutler-credits, in whole billionths of one, each on its own network alone.
func (r *PaymentRequirements) Credits() *decimal.Decimal {
	required, err := parseAmount(r.MaxAmountRequired)
	if err != nil {
		required, err = parseAmount(r.Amount)
	}
	switch {
	case err != nil:
		return nil
	case r.Scheme == SchemeToken && r.Network == NetworkRobutler:
		return &required
	case r.Scheme == "robutler-credits" && r.Network == "robutler:1" && required.IsInteger():
		required = required.Shift(nanoExponent)
		return &required
	default:
		return nil
	}
}

// PaymentScheme is a way to pay that the facilitator takes.
type PaymentScheme struct{ Scheme, Network, Description string }

// UnmarshalJSON reads a scheme.
func (p *PaymentScheme) UnmarshalJSON(data []byte) error {
	var wire struct {
		Scheme      text `json:"scheme"`
		Network     text `json:"network"`
		Description text `json:"description"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*p = PaymentScheme{string(wire.Scheme), string(wire.Network), string(wire.Description)}
	return nil
}

// Supported lists the ways to pay that the facilitator takes.
//
// Route: GET /x402/supported (2025).
func (s *FacilitatorService) Supported(ctx context.Context) ([]PaymentScheme, error) {
	o := s.client.operation(facilitatorSupported)
	got, err := s.client.do(ctx, o, call{})
	if err != nil {
		return nil, err
	}
	var wire struct {
		Schemes rows[PaymentScheme] `json:"schemes"`
		Kinds   rows[PaymentScheme] `json:"kinds"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if !wire.Schemes.found {
		wire.Schemes = wire.Kinds
	}
	return wire.Schemes.must(o)
}

// Verify asks whether a payment header pays what is required. One that does not is no error: see [TokenStatus.Valid].
//
// Routes: POST /x402/verify (2025), POST /payments/verify (2026).
func (s *FacilitatorService) Verify(ctx context.Context, paymentHeader string, requirements PaymentRequirements) (*TokenStatus, error) {
	o := s.client.operation(facilitatorVerify)
	if err := checkHeader(o, paymentHeader); err != nil {
		return nil, err
	}
	got, err := s.client.do(ctx, o, call{body: facilitatorBody(paymentHeader, requirements)})
	if err != nil {
		return nil, err
	}
	return decodeVerdict(o, got.body)
}

// Settle takes what a payment header pays. An answer that does not say that the payment was made is no success. Where it
// tells another amount of credits than is required, its settlement is given together with [ErrAmountMismatch].
//
// Routes: POST /x402/settle (2025), POST /payments/settle (2026).
func (s *FacilitatorService) Settle(ctx context.Context, paymentHeader string, requirements PaymentRequirements) (*Settlement, error) {
	o := s.client.operation(facilitatorSettle)
	if err := checkHeader(o, paymentHeader); err != nil {
		return nil, err
	}
	got, err := s.client.do(ctx, o, call{body: facilitatorBody(paymentHeader, requirements)})
	if err != nil {
		return nil, err
	}
	return decodeSettlement(o, got, charge{asked: requirements.Credits()})
}

// ExchangeRate is what one unit of an asset gives in credits.
type ExchangeRate struct {
	// Input names what is paid with: scheme:network:asset.
	Input                       string
	OutputScheme, OutputNetwork string
	Rate, MinAmount             decimal.Decimal
	// Fee is the fraction that is kept back: 0.02 is two percent.
	Fee decimal.Decimal
}

// ExchangeRates lists what can be exchanged for credits, by input.
//
// Route: GET /x402/exchange (2025).
func (s *FacilitatorService) ExchangeRates(ctx context.Context) ([]ExchangeRate, error) {
	o := s.client.operation(facilitatorRates)
	got, err := s.client.do(ctx, o, call{})
	if err != nil {
		return nil, err
	}
	var wire struct {
		Rates map[string]struct {
			OutputScheme  text   `json:"outputScheme"`
			OutputNetwork text   `json:"outputNetwork"`
			Rate          amount `json:"rate"`
			MinAmount     amount `json:"minAmount"`
			Fee           amount `json:"fee"`
		} `json:"exchangeRates"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if wire.Rates == nil {
		return nil, unusable(o, "the answer holds no rates")
	}
	rates := make([]ExchangeRate, 0, len(wire.Rates))
	for _, input := range slices.Sorted(maps.Keys(wire.Rates)) {
		rate := wire.Rates[input]
		rates = append(rates, ExchangeRate{
			Input: input, OutputScheme: string(rate.OutputScheme), OutputNetwork: string(rate.OutputNetwork),
			Rate: rate.Rate.value, MinAmount: rate.MinAmount.value, Fee: rate.Fee.value,
		})
	}
	return rates, nil
}

func facilitatorBody(paymentHeader string, requirements PaymentRequirements) map[string]any {
	return map[string]any{"paymentHeader": paymentHeader, "paymentRequirements": requirements}
}

func checkHeader(o *operation, header string) error {
	if header == "" {
		return invalidArgument(o.Name, "the payment header is empty")
	}
	return nil
}
