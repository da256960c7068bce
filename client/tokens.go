package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/shopspring/decimal"
)

// TokensService validates, locks, settles and delegates payment tokens. Calls that move value are never sent again
// once they may have been taken up; when no answer tells how one ended, it returns [ErrOutcomeUnknown].
type TokensService struct{ client *Client }

// TokenStatus is what the platform says about a payment token.
type TokenStatus struct {
	// Valid says whether the token can be used now.
	Valid bool
	// BalanceCredits is what it holds.
	BalanceCredits decimal.Decimal
	// ExpiresAt is nil where the platform does not tell it.
	ExpiresAt *time.Time
	// Issuer is who made the token, where the platform tells it.
	Issuer string
	// Reason says why the token is not valid, or is empty.
	Reason string
}

// mostDollars is the most that a bare balance is taken for dollars, as a power of ten.
const mostDollars = 6

// UnmarshalJSON reads the verdict of either generation.
func (t *TokenStatus) UnmarshalJSON(data []byte) error {
	var wire struct {
		Valid           flag   `json:"valid"`
		IsValid         flag   `json:"isValid"`
		BalanceCredits  amount `json:"balanceCredits"`
		BalanceDollars  amount `json:"balanceDollars"`
		AvailableAmount amount `json:"availableAmount"`
		AvailableSnake  amount `json:"available_amount"`
		Balance         amount `json:"balance"`
		ExpiresAt       moment `json:"expiresAt"`
		Issuer          text   `json:"issuer"`
		Error           text   `json:"error"`
		InvalidReason   text   `json:"invalidReason"`
		Message         text   `json:"message"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*t = TokenStatus{
		Valid: bool(wire.Valid) || bool(wire.IsValid), ExpiresAt: wire.ExpiresAt.pointer(), Issuer: string(wire.Issuer),
	}
	if !t.Valid {
		t.Reason = cleanText(first(wire.InvalidReason, wire.Error, wire.Message), "")
	}
	// A bare balance is in dollars from some platforms and in billionths from others: what is too large to be dollars is
	// in billionths.
	if wire.Balance.value.GreaterThan(decimal.New(1, mostDollars)) {
		wire.Balance.value = wire.Balance.value.Shift(nanoExponent)
	}
	for _, candidate := range []amount{
		wire.BalanceCredits, wire.BalanceDollars, wire.AvailableAmount, wire.AvailableSnake, wire.Balance,
	} {
		if candidate.known {
			t.BalanceCredits = candidate.value
			break
		}
	}
	return nil
}

// Validate asks whether a payment token can be used. A token that cannot is no error: see [TokenStatus.Valid].
//
// Routes: POST /payments/verify (2026), GET /tokens/validate (2025).
func (s *TokensService) Validate(ctx context.Context, token string) (*TokenStatus, error) {
	o := s.client.operation(tokenValidate)
	if err := checkToken(o, token); err != nil {
		return nil, err
	}
	got, err := s.client.do(ctx, o, call{adapt: func(to Route) call {
		if to.Method == http.MethodGet {
			return call{query: url.Values{"token": {token}}.Encode()}
		}
		return call{body: map[string]any{"token": token}}
	}})
	if err != nil {
		return nil, err
	}
	return decodeVerdict(o, got.body)
}

// Balance gives what a payment token holds, in credits. It returns [ErrRejected] for a token that cannot be used.
//
// Routes: those of [TokensService.Validate].
func (s *TokensService) Balance(ctx context.Context, token string) (decimal.Decimal, error) {
	status, err := s.Validate(ctx, token)
	if err != nil {
		return decimal.Decimal{}, err
	}
	if !status.Valid {
		return decimal.Decimal{}, &APIError{Operation: "get token balance", Message: status.Reason, kind: ErrRejected}
	}
	return status.BalanceCredits, nil
}

// Verify asks whether a payment token can be used by one of some audiences: ids of agents. A token that cannot is no
// error: see [TokenStatus.Valid].
//
// Route: POST /payments/verify (2026).
func (s *TokensService) Verify(ctx context.Context, token string, audience ...string) (*TokenStatus, error) {
	o := s.client.operation(tokenVerify)
	if err := checkToken(o, token); err != nil {
		return nil, err
	}
	body := map[string]any{"token": token}
	if len(audience) > 0 {
		body["expectedAudience"] = audience
	}
	got, err := s.client.do(ctx, o, call{body: body})
	if err != nil {
		return nil, err
	}
	return decodeVerdict(o, got.body)
}

func decodeVerdict(o *operation, body []byte) (*TokenStatus, error) {
	var shape struct {
		Valid   json.RawMessage `json:"valid"`
		IsValid json.RawMessage `json:"isValid"`
	}
	status := new(TokenStatus)
	if err := decodeAnswer(o, body, &shape); err != nil {
		return nil, err
	}
	if !isVerdict(shape.Valid) && !isVerdict(shape.IsValid) {
		return nil, unusable(o, "the answer holds no verdict")
	}
	return status, decodeAnswer(o, body, status)
}

// isVerdict reports whether a member says yes or no, in whatever type.
func isVerdict(member json.RawMessage) bool {
	var says flag
	return saysNo(member) || (says.UnmarshalJSON(member) == nil && bool(says))
}

// Redemption is the result of redeeming a payment token.
type Redemption struct {
	// AmountCredits is what was redeemed.
	AmountCredits decimal.Decimal
	// Partial says that this is less than was asked for, since no more was held.
	Partial bool
	// RemainingCredits is what the token still holds, or nil where the platform does not tell it: that of 2026 never
	// does. See [TokensService.Balance].
	RemainingCredits *decimal.Decimal
	// Replayed says that this is the stored result of the same call before.
	Replayed bool
}

// RedeemParams says what to redeem.
type RedeemParams struct {
	// Token is the payment token. Required.
	Token string
	// AmountCredits is how much of it to take; more than 0. Required.
	AmountCredits decimal.Decimal
	// IdempotencyKey names the call, so that the platform charges once however often it is made: 1 to 255 printable
	// ASCII characters. It is optional.
	IdempotencyKey string
}

// Redeem moves value from a payment token to the key's owner. When the platform says that it moved another amount, and
// not that this is a part since no more was held, its redemption is given together with [ErrAmountMismatch]. The
// platform of 2025 says nothing: its success is taken for the whole amount.
//
// Routes: POST /payments/settle (2026), PUT /tokens/redeem (2025).
func (s *TokensService) Redeem(ctx context.Context, params RedeemParams) (*Redemption, error) {
	o := s.client.operation(tokenRedeem)
	if err := firstError(checkToken(o, params.Token), checkAmount(o, params.AmountCredits), checkIdempotencyKey(o, params.IdempotencyKey)); err != nil {
		return nil, err
	}
	got, err := s.client.do(ctx, o, call{adapt: func(to Route) call {
		body := map[string]any{"token": params.Token, "amount": params.AmountCredits.String()}
		if to.Generation == Generation2026 {
			body["amount"] = number(params.AmountCredits)
			if params.IdempotencyKey != "" {
				body["idempotencyKey"] = params.IdempotencyKey
			}
		}
		return call{body: body, idempotencyKey: params.IdempotencyKey}
	}})
	if err != nil {
		return nil, err
	}
	settled, err := decodeSettlement(o, got, charge{asked: &params.AmountCredits, silent: got.route.Generation == Generation2025})
	if settled == nil {
		return nil, err
	}
	redemption := &Redemption{AmountCredits: params.AmountCredits, Partial: settled.Partial, Replayed: settled.Replayed}
	if settled.ChargedCredits != nil {
		redemption.AmountCredits = *settled.ChargedCredits
	}
	if got.route.Generation == Generation2025 {
		var left struct {
			Available amount `json:"availableAmount"` // the word of 2025 for what a token holds
		}
		if readable(got.body, &left) {
			redemption.RemainingCredits = left.Available.pointer()
		}
	}
	return redemption, err
}

// number is a decimal as a JSON number, digit by digit.
func number(value decimal.Decimal) json.Number { return json.Number(value.String()) }

// maxDecimals is how finely the platform divides a credit, in digits.
const maxDecimals = 9

// firstError gives the first of some checks that failed.
func firstError(checks ...error) error {
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkToken(o *operation, token string) error {
	switch {
	case token == "":
		return invalidArgument(o.Name, "the token is empty")
	case !isPrintable(token):
		return invalidArgument(o.Name, "a payment token is printable ASCII without spaces")
	default:
		return nil
	}
}

// isPrintable reports whether a text is ASCII that people can see, without spaces.
func isPrintable(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f {
			return false
		}
	}
	return true
}

func checkAmount(o *operation, value decimal.Decimal) error {
	switch {
	case !value.IsPositive():
		return invalidArgument(o.Name, "the amount must be more than 0")
	case value.Exponent() < -maxDecimals && !value.Equal(value.Truncate(maxDecimals)):
		return invalidArgument(o.Name, "the amount has more than 9 decimals")
	default:
		return nil
	}
}

const maxIdempotencyKey = 255

func checkIdempotencyKey(o *operation, key string) error {
	if len(key) > maxIdempotencyKey {
		return invalidArgument(o.Name, "the idempotency key is longer than 255 characters")
	}
	if !isPrintable(key) {
		return invalidArgument(o.Name, "the idempotency key must be printable ASCII without spaces")
	}
	return nil
}
