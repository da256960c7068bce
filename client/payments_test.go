package client_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
)

// mintFor makes a payment token through the route that only the embedded platform documents: exchange.
func mintFor(t *testing.T, c *client.Client) string {
	t.Helper()
	header, err := client.PaymentPayload{Scheme: "exact", Network: "base-mainnet", Payload: map[string]string{"signature": t.Name()}}.Header()
	if err != nil {
		t.Fatal(err)
	}
	bought, err := c.Facilitator.Exchange(t.Context(), header,
		client.PaymentRequirements{Scheme: "exact", Network: "base-mainnet", MaxAmountRequired: "10", PayTo: "exchange"},
		client.ExchangeOutput{Scheme: client.SchemeToken, Network: client.NetworkRobutler, Amount: "9.8"})
	if err != nil || !bought.AmountCredits.Equal(credits("9.8")) {
		t.Fatalf("exchange: %+v, %v", bought, err)
	}
	return bought.Token
}

func TestPaymentsFromTokenToCharge(t *testing.T) {
	t.Parallel()
	c, _ := platform(t, sandbox.ProfileBoth)
	ctx := t.Context()
	token := mintFor(t, c)
	if balance, err := c.Tokens.Balance(ctx, token); err != nil || !balance.Equal(credits("9.8")) {
		t.Errorf("balance: %s, %v", balance, err)
	}
	lock, err := c.Tokens.Lock(ctx, token, credits("2"))
	if err != nil || !lock.AmountCredits.Equal(credits("2")) {
		t.Fatalf("lock: %+v, %v", lock, err)
	}
	if more, err := c.Tokens.ExtendLock(ctx, lock.ID, credits("0.5")); err != nil || !more.AmountCredits.Equal(credits("2.5")) {
		t.Errorf("extend: %+v, %v", more, err)
	}
	amount := credits("1.25")
	for attempt := range 2 {
		settled, err := c.Tokens.Settle(ctx, client.SettleParams{LockID: lock.ID, AmountCredits: &amount, IdempotencyKey: "once", ChargeType: client.ChargeAgentFee})
		if err != nil || !settled.ChargedCredits.Equal(amount) || !settled.RemainingCredits.Equal(amount) || settled.Replayed != (attempt == 1) || settled.Partial {
			t.Errorf("settle %d: %+v, %v", attempt, settled, err)
		}
	}
	usage := []client.UsageRecord{
		{Type: "llm", Model: "gpt-4o-mini", PromptTokens: 1000, CompletionTokens: 500},
		{Type: "tool", ToolName: "x", Pricing: &client.UsagePricing{Credits: credits("0.01")}},
	}
	if settled, err := c.Tokens.Settle(ctx, client.SettleParams{Token: token, Usage: usage}); err != nil || !settled.ChargedCredits.Equal(credits("0.01045")) || settled.RemainingCredits != nil {
		t.Errorf("usage: %+v, %v", settled, err)
	}
	if _, err := c.Tokens.Settle(ctx, client.SettleParams{LockID: lock.ID, Release: true}); err != nil {
		t.Errorf("release: %v", err)
	}
	delegated, err := c.Tokens.Delegate(ctx, client.DelegateParams{ParentToken: token, DelegateTo: "chart-maker", AmountCredits: credits("1")})
	if err != nil || delegated.Token == "" || !delegated.AmountCredits.Equal(credits("1")) {
		t.Fatalf("delegate: %+v, %v", delegated, err)
	}
	if status, err := c.Tokens.Verify(ctx, delegated.Token, "somebody"); err != nil || status.Valid || status.Reason == "" {
		t.Errorf("another audience: %+v, %v", status, err)
	}
	if redeemed, err := c.Tokens.Redeem(ctx, client.RedeemParams{Token: delegated.Token, AmountCredits: credits("0.4")}); err != nil || !redeemed.AmountCredits.Equal(credits("0.4")) || redeemed.RemainingCredits != nil {
		t.Errorf("redeem: %+v, %v", redeemed, err)
	}
	if _, err := c.Tokens.Redeem(ctx, client.RedeemParams{Token: "tok_none:none", AmountCredits: credits("1")}); err == nil || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("redeem nonsense: %v", err)
	}
	if status, err := c.Tokens.Validate(ctx, "nonsense"); err != nil || status.Valid {
		t.Errorf("validate nonsense: %+v, %v", status, err)
	}
	if _, err := c.Tokens.Balance(ctx, "nonsense"); !errors.Is(err, client.ErrRejected) {
		t.Errorf("balance of nonsense: %v", err)
	}
}

func TestFacilitator(t *testing.T) {
	t.Parallel()
	c, _ := platform(t, sandbox.ProfileBoth)
	ctx := t.Context()
	header, err := client.NewTokenPayment(mintFor(t, c), credits("1")).Header()
	if err != nil {
		t.Fatal(err)
	}
	wants := client.PaymentRequirements{Scheme: client.SchemeToken, Network: client.NetworkRobutler, MaxAmountRequired: "1", PayTo: "x", Resource: "/r"}
	if status, err := c.Facilitator.Verify(ctx, header, wants); err != nil || !status.Valid || !status.BalanceCredits.Equal(credits("9.8")) {
		t.Errorf("verify: %+v, %v", status, err)
	}
	if settled, err := c.Facilitator.Settle(ctx, header, wants); err != nil || settled.TransactionID == "" || settled.RemainingCredits != nil || !settled.ChargedCredits.Equal(credits("1")) {
		t.Errorf("settle: %+v, %v", settled, err)
	}
	wants.MaxAmountRequired = "1000"
	if status, err := c.Facilitator.Verify(ctx, header, wants); err != nil || status.Valid {
		t.Errorf("too much: %+v, %v", status, err)
	}
	if _, err := c.Facilitator.Settle(ctx, header, wants); !errors.Is(err, client.ErrRejected) {
		t.Errorf("settle too much: %v", err)
	}
	if schemes, err := c.Facilitator.Supported(ctx); err != nil || len(schemes) != 2 || schemes[0].Scheme != client.SchemeToken {
		t.Errorf("supported: %+v, %v", schemes, err)
	}
	if rates, err := c.Facilitator.ExchangeRates(ctx); err != nil || len(rates) != 3 || !rates[0].Fee.Equal(credits("0.02")) || rates[0].Input != "exact:base-mainnet:USDC" {
		t.Errorf("rates: %+v, %v", rates, err)
	}
}

// TestABareBalanceIsReadByItsSize reads balances that name no unit, and some that do.
func TestABareBalanceIsReadByItsSize(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"valid":true,"balance":5000000000}`:                       "5",
		`{"valid":true,"balance":"1000001"}`:                        "0.001000001",
		`{"valid":true,"balance":1000000}`:                          "1000000",
		`{"valid":true,"balance":9.8}`:                              "9.8",
		`{"valid":true,"balance":5000000000,"balanceDollars":5}`:    "5",
		`{"valid":true,"balanceCredits":"2000000"}`:                 "2000000",
		`{"valid":true,"availableAmount":"2000000","balance":"12"}`: "2000000",
	} {
		c := serveJSON(t, func(*http.Request) (int, string) { return 200, body })
		if balance, err := c.Tokens.Balance(t.Context(), "t"); err != nil || !balance.Equal(credits(want)) {
			t.Errorf("%s: %s, %v, want %s", body, balance, err, want)
		}
	}
}
