package tools

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// exactAmount is what the protocol writes as an amount: no sign, no exponent.
const exactAmount = `^\d{1,30}(\.\d{1,18})?$`

// checkAmounts holds the amounts of requirements to being decimals that agree.
func checkAmounts(required client.PaymentRequirements) []schema.Fault {
	const field = "payment_requirements"
	exact := regexp.MustCompile(exactAmount)
	var amounts []decimal.Decimal
	for name, text := range map[string]string{"maxAmountRequired": required.MaxAmountRequired, "amount": required.Amount} {
		if text == "" {
			continue
		}
		amount, err := decimal.NewFromString(text)
		if err != nil || !exact.MatchString(text) || !amount.IsPositive() {
			return []schema.Fault{{Field: field, Problem: "its " + name + " is not a positive decimal, such as 0.05"}}
		}
		amounts = append(amounts, amount)
	}
	if len(amounts) == 2 && !amounts[0].Equal(amounts[1]) {
		return []schema.Fault{{Field: field, Problem: "names two different amounts"}}
	}
	return nil
}

// amountOf gives the one amount of requirements that were checked.
func amountOf(required client.PaymentRequirements) decimal.Decimal {
	text := required.MaxAmountRequired
	if text == "" {
		text = required.Amount
	}
	amount, _ := decimal.NewFromString(text) // checkAmounts read it
	return amount
}

// quoted writes what somebody else chose so that it cannot pass for our words.
func quoted(text string) string { return fmt.Sprintf("%q", visible(shorten(text, maxNameText))) }

// worth gives what an amount of a payment comes to in credits, by the facilitator's own rates; nil when it names none.
func (t facilitatorTools) worth(ctx context.Context, required client.PaymentRequirements) (*decimal.Decimal, error) {
	amount := amountOf(required)
	if required.Scheme == client.SchemeToken {
		return &amount, nil
	}
	rates, err := t.platform.Client.Facilitator.ExchangeRates(ctx)
	if err != nil {
		return nil, err
	}
	input := strings.Join([]string{required.Scheme, required.Network, required.Asset}, ":")
	for _, rate := range rates {
		if strings.EqualFold(rate.Input, input) {
			credits := amount.Mul(rate.Rate)
			return &credits, nil
		}
	}
	return nil, nil //nolint:nilnil // nobody knows
}

func (t facilitatorTools) previewSettle(ctx context.Context, in SettleX402Input) (Preview, error) {
	required, _ := readRequirements(in.Requirements)
	credits, err := t.worth(ctx, required)
	if err != nil {
		return Preview{}, err
	}
	return Preview{
		Would: fmt.Sprintf("Collect %s of asset %s by scheme %s on network %s from a payment header, paid to %s.", amountOf(required),
			quoted(required.Asset), quoted(required.Scheme), quoted(required.Network), quoted(required.PayTo)),
		CostCredits: credits, Recipient: quoted(required.PayTo),
	}, nil
}

// previewExchange counts what is given up, not what is asked for: the two may be far apart.
func (t facilitatorTools) previewExchange(ctx context.Context, in ExchangeInput) (Preview, error) {
	required, _ := readRequirements(in.Requirements)
	credits, err := t.worth(ctx, required)
	if err != nil {
		return Preview{}, err
	}
	if credits == nil {
		return Preview{}, &Error{
			Code: CodeInvalidArgument, Message: "exchange x402 payment: the facilitator names no rate for this asset, so that nobody knows what it costs",
			NextStep: "Nothing was sent. See get_exchange_rates for what can be exchanged.",
		}
	}
	most := decimal.Max(*credits, in.AmountUSD)
	return Preview{
		Would: fmt.Sprintf("Give up %s of asset %s on network %s, worth %s, for a payment token of %s. The token is shown once.", amountOf(required),
			quoted(required.Asset), quoted(required.Network), inCredits(*credits), inCredits(in.AmountUSD)),
		CostCredits: &most, Recipient: "the user",
	}, nil
}
