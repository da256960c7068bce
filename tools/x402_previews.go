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

// worth gives what an amount of a payment comes to in credits, by its scheme or the facilitator's own rates, and the fraction
// of it that an exchange keeps back. What nobody knows the worth of is held to no limit, and is refused.
func (t facilitatorTools) worth(ctx context.Context, required client.PaymentRequirements) (credits, fee decimal.Decimal, err error) {
	if own := required.Credits(); own != nil {
		return *own, decimal.Zero, nil
	}
	rates, err := t.platform.Client.Facilitator.ExchangeRates(ctx)
	if err != nil {
		return decimal.Zero, decimal.Zero, err
	}
	if rate := rateOf(rates, required); rate != nil {
		return amountOf(required).Mul(rate.Rate), rate.Fee, nil
	}
	return decimal.Zero, decimal.Zero, &Error{
		Code:    CodeInvalidArgument,
		Message: "get_exchange_rates has no rate for this scheme, network and asset, so that nobody knows what the payment is worth",
		NextStep: "Nothing was sent. If none of its inputs is what the requirements ask for, tell the user that no limit could hold this " +
			"payment; do not pass it off as another.",
	}
}

// rateOf finds the rate of what is required, or nil. Requirements need not name the asset where there is but one.
func rateOf(rates []client.ExchangeRate, required client.PaymentRequirements) *client.ExchangeRate {
	input := strings.ToLower(strings.Join([]string{required.Scheme, required.Network, required.Asset}, ":"))
	var found []*client.ExchangeRate
	for i := range rates {
		if !rates[i].Rate.IsPositive() {
			continue
		}
		switch known := strings.ToLower(rates[i].Input); {
		case known == input:
			return &rates[i]
		case required.Asset == "" && strings.HasPrefix(known, input):
			found = append(found, &rates[i])
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return nil
}

func (t facilitatorTools) previewSettle(ctx context.Context, in SettleX402Input) (Preview, error) {
	required, _ := readRequirements(in.Requirements)
	credits, _, err := t.worth(ctx, required)
	if err != nil {
		return Preview{}, err
	}
	return Preview{
		Would: fmt.Sprintf("Collect %s of asset %s by scheme %s on network %s from a payment header, worth %s, paid to %s.", amountOf(required),
			quoted(required.Asset), quoted(required.Scheme), quoted(required.Network), inCredits(credits), quoted(required.PayTo)),
		CostCredits: &credits, Recipient: quoted(required.PayTo),
	}, nil
}

// creditDecimals is how finely the platform divides a credit, in digits.
const creditDecimals = 9

// heldTo compares what was charged for a payment with its worth as it was shown. Rates and fees may leave less.
func heldTo(shown *decimal.Decimal, settled *client.Settlement) error {
	if shown == nil || settled.ChargedCredits == nil || !settled.ChargedCredits.Round(creditDecimals).GreaterThan(shown.RoundCeil(creditDecimals)) {
		return nil
	}
	explained := *Explain(client.ErrAmountMismatch)
	explained.Message = "the platform says that it charged " + settled.ChargedCredits.String() + " where " + shown.String() + " was shown"
	explained.MovedCredits = settled.ChargedCredits
	return &explained
}

// previewExchange counts what is given up, not what is asked for: the two may be far apart.
func (t facilitatorTools) previewExchange(ctx context.Context, in ExchangeInput) (Preview, error) {
	required, _ := readRequirements(in.Requirements)
	credits, fee, err := t.worth(ctx, required)
	if err == nil {
		err = plausible(credits, fee, in.AmountUSD)
	}
	if err != nil {
		return Preview{}, err
	}
	most := decimal.Max(credits, in.AmountUSD)
	return Preview{
		Would: fmt.Sprintf("Give up %s of asset %s on network %s, worth %s, for a payment token of %s. The token is shown once.", amountOf(required),
			quoted(required.Asset), quoted(required.Network), inCredits(credits), inCredits(in.AmountUSD)),
		CostCredits: &most, Recipient: "the user",
	}, nil
}

// plausible refuses to ask for another amount than the facilitator would sell: it sells what the payment gives, whatever is
// asked for, and the client takes up to a tenth less.
func plausible(credits, fee, asked decimal.Decimal) error {
	gives := credits.Sub(credits.Mul(fee)).RoundCeil(creditDecimals)
	if !asked.LessThan(gives) && !gives.LessThan(asked.Mul(decimal.New(9, -1))) {
		return nil
	}
	return &Error{
		Code: CodeInvalidArgument,
		Message: fmt.Sprintf("amount_usd is %s, but at the facilitator's rate, less its fee, the payment gives %s credits",
			asked, gives),
		NextStep: "Nothing was sent. Call again with that as amount_usd if the user wants it; a payment of another amount needs another header.",
	}
}
