package tools

import (
	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/schema"
)

// positive finds fault with an amount that moves nothing: the platform takes none.
func positive(amount decimal.Decimal) []schema.Fault {
	if amount.IsPositive() {
		return nil
	}
	return []schema.Fault{{Field: "amount_usd", Problem: "must be more than 0, for example 0.05"}}
}

// Check finds an amount of nothing.
func (in LockPaymentInput) Check() []schema.Fault { return positive(in.AmountUSD) }

// Check finds an amount of nothing.
func (in ExtendLockInput) Check() []schema.Fault { return positive(in.AmountUSD) }

// Check finds an amount of nothing.
func (in RedeemTokenInput) Check() []schema.Fault { return positive(in.AmountUSD) }

// Check finds an amount of nothing.
func (in DelegateTokenInput) Check() []schema.Fault { return positive(in.AmountUSD) }

// Check finds what is wrong with the requirements, and an amount of nothing.
func (in ExchangeInput) Check() []schema.Fault {
	return append(in.X402Input.Check(), positive(in.AmountUSD)...)
}
