package client

import (
	"context"

	"github.com/shopspring/decimal"
)

// DelegateParams says what to hand on.
type DelegateParams struct {
	// ParentToken is the token to take from. Required.
	ParentToken string
	// DelegateTo is the id or name of the agent that may use the new one. Required.
	DelegateTo string
	// AmountCredits is what the new token holds; it is held back from the parent. Required.
	AmountCredits decimal.Decimal
}

// DelegatedToken is a payment token for another agent.
type DelegatedToken struct {
	// Token is the token itself, a secret. The platform shows it once.
	Token string
	ID    string
	// AmountCredits is what it holds.
	AmountCredits decimal.Decimal
}

// Delegate makes a payment token for another agent out of a part of one's own. One that holds another amount is given
// together with [ErrAmountMismatch].
//
// Route: POST /payments/delegate (2026).
func (s *TokensService) Delegate(ctx context.Context, params DelegateParams) (*DelegatedToken, error) {
	o := s.client.operation(tokenDelegate)
	if err := firstError(checkToken(o, params.ParentToken), checkAmount(o, params.AmountCredits)); err != nil {
		return nil, err
	}
	if CheckIdentifier(params.DelegateTo) != nil {
		return nil, invalidArgument(o.Name, "the agent to delegate to is not an id or name")
	}
	got, err := s.client.do(ctx, o, call{body: map[string]any{
		"parentToken": params.ParentToken, "delegateTo": params.DelegateTo, "amount": number(params.AmountCredits),
	}})
	if err != nil {
		return nil, err
	}
	var wire struct {
		Token   text   `json:"token"`
		TokenID text   `json:"tokenId"`
		Credits amount `json:"amountCredits"`
		Dollars amount `json:"amountDollars"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if wire.Token == "" {
		return nil, unusable(o, "the answer holds no token")
	}
	delegated := &DelegatedToken{Token: string(wire.Token), ID: string(wire.TokenID)}
	told := wire.Credits.pointer()
	if told == nil {
		told = wire.Dollars.pointer()
	}
	if told != nil {
		delegated.AmountCredits = *told
	}
	return delegated, held(o, told, params.AmountCredits)
}
