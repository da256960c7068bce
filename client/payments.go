package client

import (
	"context"
	"encoding/json"

	"github.com/shopspring/decimal"
)

// Lock is a part of a payment token that is held for one payee.
type Lock struct {
	ID string
	// AmountCredits is what is held.
	AmountCredits decimal.Decimal
}

// Lock holds a part of a payment token, given as the token or its id, so that it can be settled later. The amount is
// in credits and more than 0: the platform takes no empty locks.
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
	held := creditsOf(wire.Dollars, wire.Nano)
	if held == nil {
		held = &amountCredits
	}
	return &Lock{ID: string(wire.LockID), AmountCredits: *held}, nil
}

// ExtendLock holds more for a lock and gives what it holds then.
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
		Dollars amount `json:"newAmountDollars"`
		Nano    amount `json:"newAmount"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	held := creditsOf(wire.Dollars, wire.Nano)
	if held == nil {
		return nil, unusable(o, "the answer does not tell what the lock holds")
	}
	return &Lock{ID: lockID, AmountCredits: *held}, nil
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

// Settlement is the result of a charge.
type Settlement struct {
	// ChargedCredits is what was charged, or nil where the platform does not tell it.
	ChargedCredits *decimal.Decimal
	// RemainingCredits is what the lock or token still holds, or nil.
	RemainingCredits *decimal.Decimal
	// Partial says that less than asked for was charged, since no more was held; UnbilledCredits is the rest.
	Partial         bool
	UnbilledCredits *decimal.Decimal
	// Replayed says that this is the stored result of the same call before.
	Replayed bool
	// TransactionID is the platform's name for the settlement, or empty.
	TransactionID string
}

// Settle charges a lock or a token in favor of the agent whose key is used.
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
	return decodeSettlement(o, got, params.AmountCredits)
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

// decodeSettlement reads a charge. One that took more than was asked for is not taken as a success.
func decodeSettlement(o *operation, got answer, asked *decimal.Decimal) (*Settlement, error) {
	var wire struct {
		ChargedDollars   amount `json:"chargedDollars"`
		Charged          amount `json:"charged"`
		RemainingDollars amount `json:"remainingDollars"`
		Remaining        amount `json:"remaining"`
		UnbilledDollars  amount `json:"unbilledDollars"`
		Unbilled         amount `json:"unbilled"`
		Partial          flag   `json:"partial"`
		Replayed         flag   `json:"replayed"`
		Transaction      text   `json:"transaction"`
		TransactionHash  text   `json:"transactionHash"`
		TransactionID    text   `json:"transactionId"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	settled := &Settlement{
		ChargedCredits: creditsOf(wire.ChargedDollars, wire.Charged), RemainingCredits: creditsOf(wire.RemainingDollars, wire.Remaining),
		UnbilledCredits: creditsOf(wire.UnbilledDollars, wire.Unbilled), Partial: bool(wire.Partial),
		Replayed: bool(wire.Replayed) || got.replayed, TransactionID: first(wire.TransactionID, wire.Transaction, wire.TransactionHash),
	}
	if asked != nil && settled.ChargedCredits != nil && settled.ChargedCredits.GreaterThan(*asked) {
		return nil, unusable(o, "the platform says that it charged more than was asked for")
	}
	return settled, nil
}

// creditsOf prefers an amount in dollars, which are credits, to one in billionths.
func creditsOf(dollars, nano amount) *decimal.Decimal {
	if dollars.known {
		return dollars.pointer()
	}
	if !nano.known {
		return nil
	}
	credits := nano.value.Shift(nanoExponent)
	return &credits
}
