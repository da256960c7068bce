package client

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/shopspring/decimal"
)

// Lock is a part of a payment token that is held for one payee.
type Lock struct {
	ID string
	// AmountCredits is what is held.
	AmountCredits decimal.Decimal
}

// Lock holds a part of a payment token, given as the token or its id, so that it can be settled later. The amount is
// in credits and more than 0: the platform takes no empty locks. A lock of another amount is given together with
// [ErrAmountMismatch], so that it can be released.
//
// Route: POST /payments/lock (2026).
func (s *TokensService) Lock(ctx context.Context, token string, amountCredits decimal.Decimal) (*Lock, error) {
	o := s.client.operation(paymentLock)
	if err := firstError(checkToken(o, token), checkAmount(o, amountCredits)); err != nil {
		return nil, err
	}
	got, err := s.client.do(ctx, o, call{body: map[string]any{"token": token, "amount": number(amountCredits)}})
	if err != nil {
		return nil, err
	}
	var wire struct {
		LockID  text   `json:"lockId"`
		Dollars amount `json:"lockedAmountDollars"`
		Nano    amount `json:"lockedAmount"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if CheckIdentifier(string(wire.LockID)) != nil {
		return nil, unusable(o, "the answer holds no lock")
	}
	lock := &Lock{ID: string(wire.LockID)}
	told := creditsOf(wire.Dollars, wire.Nano)
	if told != nil {
		lock.AmountCredits = *told
	}
	return lock, held(o, told, amountCredits)
}

// ExtendLock holds more for a lock and gives what it holds then. When that is less than what was added, the lock is given
// together with [ErrAmountMismatch].
//
// Route: PATCH /payments/lock/{id} (2026).
func (s *TokensService) ExtendLock(ctx context.Context, lockID string, additionalCredits decimal.Decimal) (*Lock, error) {
	o := s.client.operation(paymentLockExtend)
	if err := checkAmount(o, additionalCredits); err != nil {
		return nil, err
	}
	got, err := s.client.do(ctx, o, call{
		identifiers: map[string]string{"lock": lockID}, body: map[string]any{"additionalAmount": number(additionalCredits)},
	})
	if err != nil {
		return nil, err
	}
	var wire struct {
		LockID  text   `json:"lockId"`
		Dollars amount `json:"newAmountDollars"`
		Nano    amount `json:"newAmount"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if wire.LockID != "" && !strings.EqualFold(string(wire.LockID), lockID) {
		return nil, unusable(o, "the answer describes another lock")
	}
	total := creditsOf(wire.Dollars, wire.Nano)
	if total == nil {
		return nil, unusable(o, "the answer does not tell what the lock holds")
	}
	lock := &Lock{ID: lockID, AmountCredits: *total}
	if total.LessThan(additionalCredits) {
		return lock, mismatch(o, "the platform says that it holds "+total.String()+" after "+additionalCredits.String()+" was added")
	}
	return lock, nil
}

// ChargeType says what a settlement is for.
type ChargeType string

// The charge types that the platform takes.
const (
	ChargePlatformFee      ChargeType = "platform_fee"
	ChargePlatformLLM      ChargeType = "platform_llm"
	ChargeAgentFee         ChargeType = "agent_fee"
	ChargeOwnKeyLLM        ChargeType = "byok_llm"
	ChargeOwnKeyMCPSamples ChargeType = "byok_mcp_sampling"
)

// UsageRecord is raw usage that the platform prices.
type UsageRecord struct {
	// Type is llm or tool.
	Type string `json:"type"`
	// Model and the counts of tokens belong to llm.
	Model            string `json:"model,omitempty"`
	PromptTokens     int64  `json:"prompt_tokens,omitempty"`
	CompletionTokens int64  `json:"completion_tokens,omitempty"`
	CachedReadTokens int64  `json:"cached_read_tokens,omitempty"`
	// ToolName and Pricing belong to tool.
	ToolName string        `json:"tool_name,omitempty"`
	Pricing  *UsagePricing `json:"pricing,omitempty"`
}

// UsagePricing is the price of a tool's call.
type UsagePricing struct {
	Credits decimal.Decimal `json:"credits"`
	Reason  string          `json:"reason,omitempty"`
}

// MarshalJSON writes the price as a JSON number, as the platform reads it.
func (p UsagePricing) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Credits json.Number `json:"credits"`
		Reason  string      `json:"reason,omitempty"`
	}{number(p.Credits), p.Reason})
}

// SettleParams says what to charge. Exactly one of LockID and Token, and one of AmountCredits, Usage and Release, must
// be given.
type SettleParams struct {
	// LockID is the lock to charge.
	LockID string
	// Token is a payment token or its id to charge without a lock.
	Token string
	// AmountCredits is how much to charge.
	AmountCredits *decimal.Decimal
	// Usage is what to price and charge.
	Usage []UsageRecord
	// Release gives the rest of the lock back and charges nothing.
	Release bool
	// ChargeType says what the charge is for.
	ChargeType ChargeType
	// Description and Resource go into the receipt.
	Description, Resource string
	// IdempotencyKey names the call, so that the platform charges once however often it is made: 1 to 255 printable
	// ASCII characters. It is optional, and it should be given.
	IdempotencyKey string
}

// Settle charges a lock or a token in favor of the agent whose key is used. An answer that does not say that the charge
// was made is no success. When the platform says that it charged another amount, and not that this is a part since no
// more was held, its settlement is given together with [ErrAmountMismatch].
//
// Route: POST /payments/settle (2026).
func (s *TokensService) Settle(ctx context.Context, params SettleParams) (*Settlement, error) {
	o := s.client.operation(paymentSettle)
	if err := params.check(o); err != nil {
		return nil, err
	}
	got, err := s.client.do(ctx, o, call{body: params.body(), idempotencyKey: params.IdempotencyKey})
	if err != nil {
		return nil, err
	}
	return decodeSettlement(o, got, charge{asked: params.AmountCredits, release: params.Release, lockID: params.LockID})
}

func (p *SettleParams) check(o *operation) error {
	if (p.LockID == "") == (p.Token == "") {
		return invalidArgument(o.Name, "either a lock or a token must be given")
	}
	ways := 0
	for _, given := range []bool{p.AmountCredits != nil, len(p.Usage) > 0, p.Release} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return invalidArgument(o.Name, "exactly one of amount, usage and release must be given")
	}
	if p.LockID != "" && CheckIdentifier(p.LockID) != nil {
		return invalidArgument(o.Name, "the lock's id is not one")
	}
	if p.AmountCredits != nil {
		if err := checkAmount(o, *p.AmountCredits); err != nil {
			return err
		}
	}
	switch p.ChargeType {
	case "", ChargePlatformFee, ChargePlatformLLM, ChargeAgentFee, ChargeOwnKeyLLM, ChargeOwnKeyMCPSamples:
	default:
		return invalidArgument(o.Name, "the charge type is none that the platform takes")
	}
	return checkIdempotencyKey(o, p.IdempotencyKey)
}

func (p *SettleParams) body() map[string]any {
	body := map[string]any{}
	for name, value := range map[string]string{
		"lockId": p.LockID, "token": p.Token, "chargeType": string(p.ChargeType), "description": p.Description,
		"resource": p.Resource, "idempotencyKey": p.IdempotencyKey,
	} {
		if value != "" {
			body[name] = value
		}
	}
	switch {
	case p.Release:
		body["amount"], body["release"] = 0, true
	case p.AmountCredits != nil:
		body["amount"] = number(*p.AmountCredits)
	default:
		body["usage"] = p.Usage
	}
	return body
}
