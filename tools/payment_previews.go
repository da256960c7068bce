package tools

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"
)

// inCredits writes an amount with its unit.
func inCredits(amount decimal.Decimal) string { return amount.String() + " credits (US dollars)" }

// takenFrom compares what a token holds with what it would hold. The token itself is a secret, and so is its id: both
// are left out.
func (t paymentTools) takenFrom(ctx context.Context, token string, amount decimal.Decimal) (Preview, error) {
	status, err := t.platform.Client.Tokens.Validate(ctx, token)
	if err != nil {
		return Preview{}, err
	}
	found := Preview{CostCredits: &amount, Before: map[string]any{"token_valid": status.Valid, "balance_credits": status.BalanceCredits}}
	left := status.BalanceCredits.Sub(amount)
	if !status.Valid || left.IsNegative() {
		return found, nil
	}
	found.After = map[string]any{"balance_credits": left}
	return found, nil
}

// covered says what a payment is likely to meet.
func covered(found Preview) string {
	switch {
	case found.Before["token_valid"] == false:
		return "The token is not valid: the platform will refuse."
	case found.After == nil:
		return "The token holds less than that: the platform will refuse."
	default:
		return fmt.Sprintf("The token then holds %v.", found.After["balance_credits"])
	}
}

func (t paymentTools) previewLock(ctx context.Context, in LockPaymentInput) (Preview, error) {
	found, err := t.takenFrom(ctx, in.Token, in.AmountUSD)
	found.Would = "Hold " + inCredits(in.AmountUSD) + " of a payment token for the user, for about an hour. " + covered(found)
	return found, err
}

func previewExtend(_ context.Context, in ExtendLockInput) (Preview, error) {
	return Preview{
		Target:      in.LockID,
		Would:       "Hold " + inCredits(in.AmountUSD) + " more for the lock " + visible(in.LockID) + ". What it holds already stays held.",
		CostCredits: &in.AmountUSD,
	}, nil
}

func previewSettle(_ context.Context, in SettlePaymentInput) (Preview, error) {
	from := "the lock " + visible(in.LockID)
	if in.LockID == "" {
		from = "a payment token"
	}
	if in.AmountUSD == nil {
		none := decimal.Zero
		return Preview{Would: "Release " + from + " without charging anything. What it holds goes back to the payer.", CostCredits: &none}, nil
	}
	found := Preview{
		Would: "Charge up to " + inCredits(*in.AmountUSD) + " to " + from + " in favor of the user, less what the platform keeps, as far as it holds that much. " +
			"What is left stays held.",
		CostCredits: in.AmountUSD, Recipient: "the user", Target: in.LockID,
	}
	if in.ChargeType != "" || in.Description != "" {
		found.After = map[string]any{"charge_type": in.ChargeType, "receipt": shorten(in.Description, maxRowText)}
	}
	return found, nil
}

func (t paymentTools) previewRedeem(ctx context.Context, in RedeemTokenInput) (Preview, error) {
	found, err := t.takenFrom(ctx, in.Token, in.AmountUSD)
	found.Recipient = "the user"
	found.Would = "Take " + inCredits(in.AmountUSD) + " from a payment token at once and credit them to the user, less what the platform keeps. " + covered(found)
	return found, err
}

func (t paymentTools) previewDelegate(ctx context.Context, in DelegateTokenInput) (Preview, error) {
	agent, err := t.platform.findAgent(ctx, in.Recipient)
	if err != nil {
		return Preview{}, err
	}
	row := agentRow(agent)
	found, err := t.takenFrom(ctx, in.Token, in.AmountUSD)
	found.Recipient, found.Target = named(row.Name, row.ID), row.ID
	found.Would = "Hand " + inCredits(in.AmountUSD) + " of a payment token on to the agent " + found.Recipient +
		", as a token of its own to spend. " + covered(found)
	return found, err
}
