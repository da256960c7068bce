package tools

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// facilitatorTools are the tools of the toolset facilitator.
type facilitatorTools struct{ platform Platform }

// SchemeRow is a way to pay.
type SchemeRow struct {
	Scheme      string `json:"scheme"`
	Network     string `json:"network"`
	Description string `json:"description,omitempty"`
}

// ListSchemesOutput is the result of list_payment_schemes.
type ListSchemesOutput struct {
	Schemes []SchemeRow `json:"schemes"`
	moreRows
}

func (t facilitatorTools) listPaymentSchemes() Tool {
	return Define(Spec{
		Name: "list_payment_schemes", Title: "List payment schemes", Toolset: ToolsetFacilitator, Class: client.Read,
		Description: "Lists which x402 payment schemes, chains and networks are supported or accepted for paying. " +
			"The kinds and methods available.",
		Example: `{}`,
	}, func(ctx context.Context, in Paging) (ListSchemesOutput, error) {
		schemes, err := t.platform.Client.Facilitator.Supported(ctx)
		if err != nil {
			return ListSchemesOutput{}, err
		}
		rows, more, err := wholeListPage("payment_schemes", in, schemes, func(scheme *client.PaymentScheme) SchemeRow {
			return SchemeRow{
				Scheme: shorten(scheme.Scheme, maxNameText), Network: shorten(scheme.Network, maxNameText),
				Description: shorten(scheme.Description, maxRowText),
			}
		})
		return ListSchemesOutput{Schemes: rows, moreRows: more}, err
	})
}

// X402Input holds the arguments of tools about one x402 payment.
type X402Input struct {
	PaymentHeader string `json:"payment_header" jsonschema:"minLength=1,maxLength=16384" jsonschema_description:"Value of the X-PAYMENT header."`
	Requirements  string `json:"payment_requirements" jsonschema:"minLength=2,maxLength=16384,pattern=^\\s*\\{" jsonschema_description:"An entry of accepts in the payee's 402 answer, as JSON."`
}

// Check finds what is wrong with the requirements.
func (in X402Input) Check() []schema.Fault {
	_, faults := readRequirements(in.Requirements)
	return faults
}

// readRequirements reads what a payee asks for, as the x402 protocol writes it. An amount may be a number there.
func readRequirements(text string) (client.PaymentRequirements, []schema.Fault) {
	const field = "payment_requirements"
	var wire struct {
		client.PaymentRequirements
		MaxAmountRequired json.RawMessage `json:"maxAmountRequired"`
		Amount            json.RawMessage `json:"amount"`
	}
	if err := json.Unmarshal([]byte(text), &wire); err != nil {
		return wire.PaymentRequirements, []schema.Fault{{Field: field, Problem: "is not the JSON object of an accepts entry"}}
	}
	required := wire.PaymentRequirements
	required.MaxAmountRequired, required.Amount = unquoted(wire.MaxAmountRequired), unquoted(wire.Amount)
	var faults []schema.Fault
	for _, member := range []struct{ name, value string }{
		{"scheme", required.Scheme}, {"network", required.Network}, {"payTo", required.PayTo},
		{"maxAmountRequired", required.MaxAmountRequired + required.Amount},
	} {
		if member.value == "" {
			faults = append(faults, schema.Fault{Field: field, Problem: "lacks the member " + member.name})
		}
	}
	return required, append(faults, checkAmounts(required)...)
}

// requirementsInOneForm writes requirements so that those that ask for the same are the same text.
func requirementsInOneForm(text string) string { return oneForm(text, "maxAmountRequired", "amount") }

func unquoted(raw json.RawMessage) string { return strings.Trim(string(raw), `" `) }

func (t facilitatorTools) verifyX402Payment() Tool {
	return Define(Spec{
		Name: "verify_x402_payment", Title: "Verify an x402 payment", Toolset: ToolsetFacilitator, Class: client.Read, OpenWorld: true,
		Description: "Checks whether an x402 X-PAYMENT header is valid, matches and satisfies or covers the requirements. " +
			"Does not execute it.",
		Example: exampleX402,
	}, func(ctx context.Context, in X402Input) (VerdictOutput, error) {
		required, _ := readRequirements(in.Requirements)
		status, err := t.platform.Client.Facilitator.Verify(ctx, in.PaymentHeader, required)
		if err != nil {
			return VerdictOutput{}, err
		}
		return verdict(status), nil
	})
}

// SettleX402Input holds the arguments of settle_x402_payment.
type SettleX402Input struct {
	X402Input
	MoneyConsent
}

func (in SettleX402Input) inOneForm() any {
	in.Requirements = requirementsInOneForm(in.Requirements)
	return in
}

func (t facilitatorTools) settleX402Payment() Tool {
	return defineMutation(t.platform, Spec{
		Name: "settle_x402_payment", Title: "Settle an x402 payment", Toolset: ToolsetFacilitator, Class: client.Money, OpenWorld: true,
		Description: "Executes an x402 payment on chain: completes, submits, processes or collects the transfer. " +
			"Takes the checked X-PAYMENT header or payload that promised it, as payee.",
		Example: exampleX402,
	}, t.previewSettle, func(ctx context.Context, in SettleX402Input) (SettlementOutput, error) {
		required, _ := readRequirements(in.Requirements)
		settled, err := t.platform.Client.Facilitator.Settle(ctx, in.PaymentHeader, required)
		if err == nil {
			err = heldTo(costOf(ctx), settled)
		}
		return settlementOutput(settled, err)
	})
}

// RateRow is what one unit of an asset gives in credits.
type RateRow struct {
	Input         string          `json:"input"`
	OutputScheme  string          `json:"output_scheme"`
	OutputNetwork string          `json:"output_network"`
	Rate          decimal.Decimal `json:"rate_credits"`
	MinAmount     decimal.Decimal `json:"min_amount"`
	FeeFraction   decimal.Decimal `json:"fee_fraction"`
}

// ExchangeRatesOutput is the result of get_exchange_rates.
type ExchangeRatesOutput struct {
	Rates []RateRow `json:"rates"`
	moreRows
}

func (t facilitatorTools) getExchangeRates() Tool {
	return Define(Spec{
		Name: "get_exchange_rates", Title: "Get exchange rates", Toolset: ToolsetFacilitator, Class: client.Read,
		Description: "Gets exchange rates: how many credits a currency or crypto, such as USDC, is worth or costs today. " +
			"With conversion fee and minimum; the price of a credit.",
		Example: `{}`,
	}, func(ctx context.Context, in Paging) (ExchangeRatesOutput, error) {
		rates, err := t.platform.Client.Facilitator.ExchangeRates(ctx)
		if err != nil {
			return ExchangeRatesOutput{}, err
		}
		rows, more, err := wholeListPage("exchange_rates", in, rates, func(rate *client.ExchangeRate) RateRow {
			return RateRow{
				Input: shorten(rate.Input, maxNameText), OutputScheme: shorten(rate.OutputScheme, maxNameText),
				OutputNetwork: shorten(rate.OutputNetwork, maxNameText), Rate: rate.Rate, MinAmount: rate.MinAmount, FeeFraction: rate.Fee,
			}
		})
		return ExchangeRatesOutput{Rates: rows, moreRows: more}, err
	})
}

// ExchangeInput holds the arguments of exchange_x402_payment.
type ExchangeInput struct {
	X402Input
	AmountUSD decimal.Decimal `json:"amount_usd" jsonschema:"maxLength=20,pattern=^[0-9]{1\\,9}(\\.[0-9]{1\\,9})?$" jsonschema_description:"US dollars of credits to get, e.g. 0.98."`
	MoneyConsent
}

func (in ExchangeInput) inOneForm() any {
	in.Requirements = requirementsInOneForm(in.Requirements)
	return in
}

func (t facilitatorTools) exchangeX402Payment() Tool {
	return defineMutation(t.platform, Spec{
		Name: "exchange_x402_payment", Title: "Exchange an x402 payment", Toolset: ToolsetFacilitator, Class: client.Money, OpenWorld: true,
		ShowsSecret: true,
		Description: "Exchanges a signed crypto payment for credits: converts, swaps or turns USDC or another coin into a token to spend here. " +
			"Takes the x402 header of the payment.",
		Example: exampleExchange,
	}, t.previewExchange, func(ctx context.Context, in ExchangeInput) (TokenOutput, error) {
		required, _ := readRequirements(in.Requirements)
		bought, err := t.platform.Client.Facilitator.Exchange(ctx, in.PaymentHeader, required, client.ExchangeOutput{
			Scheme: client.SchemeToken, Network: client.NetworkRobutler, Amount: in.AmountUSD.String(),
		})
		if bought == nil {
			return TokenOutput{}, err
		}
		return TokenOutput{
			Token: bought.Token, AmountCredits: amountTold(bought.AmountCredits, err), ExpiresAt: bought.ExpiresAt,
			Notice: tokenNotice, Warning: warningOf(err, tokenWarning),
		}, nil
	})
}

// The examples pay with the embedded platform's own token, and with play money of a chain.
const (
	exampleX402 = `{"payment_header":"eyJzY2hlbWUiOiJ0b2tlbiIsIm5ldHdvcmsiOiJyb2J1dGxlciIsInBheWxvYWQiOnsidG9rZW4iOiJlNjg3YTNjYi0` +
		`wN2U2LTU1MTUtOTIxYS03YTM0MWVhODg1OGUiLCJhbW91bnQiOiIwLjIifX0=","payment_requirements":"{\"scheme\":\"token\",\` +
		`"network\":\"robutler\",\"maxAmountRequired\":\"0.2\",\"payTo\":\"recipe-muse\"}"}`
	exampleExchange = `{"payment_header":"eyJ4NDAyVmVyc2lvbiI6MSwic2NoZW1lIjoiZXhhY3QiLCJuZXR3b3JrIjoiYmFzZS1tYWlubmV0IiwicGF5bG9hZCI` +
		`6eyJhdXRob3JpemF0aW9uIjoicGxheS1tb25leSJ9fQ==","payment_requirements":"{\"scheme\":\"exact\",\"network\":\"bas` +
		`e-mainnet\",\"asset\":\"USDC\",\"maxAmountRequired\":\"1\",\"payTo\":\"robutler\"}","amount_usd":"0.98"}`
)
