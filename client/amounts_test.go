package client_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// amountCalls ask for 1 credit, or 9.8 where that is bought.
func amountCalls() map[string]func(context.Context, *client.Client) (any, error) {
	one := credits("1")
	wants := client.PaymentRequirements{Scheme: client.SchemeToken, Network: client.NetworkRobutler, MaxAmountRequired: "1", PayTo: "x"}
	settle := func(params client.SettleParams) func(context.Context, *client.Client) (any, error) {
		return func(ctx context.Context, c *client.Client) (any, error) { return given(c.Tokens.Settle(ctx, params)) }
	}
	return map[string]func(context.Context, *client.Client) (any, error){
		"lock": func(ctx context.Context, c *client.Client) (any, error) { return given(c.Tokens.Lock(ctx, "t", one)) },
		"extend": func(ctx context.Context, c *client.Client) (any, error) {
			return given(c.Tokens.ExtendLock(ctx, "l", one))
		},
		"settle":  settle(client.SettleParams{LockID: "l", AmountCredits: &one}),
		"usage":   settle(client.SettleParams{LockID: "l", Usage: []client.UsageRecord{{Type: "llm"}}}),
		"release": settle(client.SettleParams{LockID: "l", Release: true}),
		"redeem": func(ctx context.Context, c *client.Client) (any, error) {
			return given(c.Tokens.Redeem(ctx, client.RedeemParams{Token: "t", AmountCredits: one}))
		},
		"delegate": func(ctx context.Context, c *client.Client) (any, error) {
			return given(c.Tokens.Delegate(ctx, client.DelegateParams{ParentToken: "t", DelegateTo: "a", AmountCredits: one}))
		},
		"x402": func(ctx context.Context, c *client.Client) (any, error) {
			return given(c.Facilitator.Settle(ctx, "h", wants))
		},
		"exact": func(ctx context.Context, c *client.Client) (any, error) {
			onChain := wants
			onChain.Scheme, onChain.Network = "exact", "base"
			return given(c.Facilitator.Settle(ctx, "h", onChain))
		},
		"billionths": func(ctx context.Context, c *client.Client) (any, error) {
			ofTheNext := wants
			ofTheNext.Scheme, ofTheNext.Network, ofTheNext.MaxAmountRequired = "robutler-credits", "robutler:1", "1000000000"
			return given(c.Facilitator.Settle(ctx, "h", ofTheNext))
		},
		"exchange": func(ctx context.Context, c *client.Client) (any, error) {
			return given(c.Facilitator.Exchange(ctx, "h", wants, client.ExchangeOutput{Amount: "9.8"}))
		},
	}
}

// given is the result of a call, or nil.
func given[T any](result *T, err error) (any, error) {
	if result == nil {
		return nil, err
	}
	return result, err
}

// TestAmountsAreHeldToTheCall answers calls that move money with amounts of every kind. An amount that cannot be is an
// outcome that is not known, never a success, and what came of the call is still given, to be undone.
func TestAmountsAreHeldToTheCall(t *testing.T) {
	t.Parallel()
	const fine, silent, wrong = "fine", "silent", "wrong"
	tests := []struct{ call, answer, want string }{
		{"settle", `{}`, silent},
		{"settle", `{"message":"queued"}`, silent},
		{"settle", `{"success":true}`, fine},
		{"settle", `{"charged":"1000000000"}`, fine},
		{"settle", `{"success":true,"chargedDollars":1.0000000001}`, fine},
		{"settle", `{"success":true,"chargedDollars":0.1}`, wrong},
		{"settle", `{"success":true,"chargedDollars":0.1,"partial":true}`, fine},
		{"settle", `{"success":true,"chargedDollars":0.1,"partial":true,"unbilledDollars":0.9}`, fine},
		{"settle", `{"success":true,"chargedDollars":0.1,"partial":true,"unbilledDollars":0.5}`, wrong},
		{"settle", `{"success":true,"chargedDollars":2,"partial":true,"unbilledDollars":-1}`, wrong},
		{"settle", `{"success":true,"chargedDollars":1.000000001}`, wrong},
		{"settle", `{"success":true,"chargedDollars":-5}`, wrong},
		{"settle", `{"success":true,"chargedDollars":-5,"partial":true}`, wrong},
		{"settle", `{"success":true,"chargedDollars":0}`, wrong},
		{"usage", `{}`, silent},
		{"usage", `{"success":true,"chargedDollars":0.3}`, fine},
		{"usage", `{"success":true,"chargedDollars":-0.3}`, wrong},
		{"release", `{}`, silent},
		{"release", `{"success":true,"chargedDollars":0}`, fine},
		{"release", `{"success":true,"chargedDollars":0.5}`, wrong},
		{"release", `{"success":true,"chargedDollars":-0.5}`, wrong},
		{"redeem", `{}`, silent},
		{"redeem", `{"success":true,"chargedDollars":1}`, fine},
		{"redeem", `{"success":true,"chargedDollars":0.5}`, wrong},
		{"x402", `{"message":"queued"}`, silent},
		{"x402", `{"success":true,"transactionHash":"h"}`, fine},
		{"x402", `{"success":true,"chargedDollars":1}`, fine},
		{"x402", `{"success":true,"chargedDollars":5}`, wrong},
		{"x402", `{"success":true,"chargedDollars":0}`, wrong},
		{"billionths", `{"success":true,"chargedDollars":1}`, fine},
		{"billionths", `{"success":true,"chargedDollars":3}`, wrong},
		{"exact", `{"success":true,"chargedDollars":5}`, fine},
		{"exact", `{"success":true,"chargedDollars":-5}`, wrong},
		{"lock", `{"lockId":"l"}`, silent},
		{"lock", `{"lockId":"l","lockedAmountDollars":1}`, fine},
		{"lock", `{"lockId":"l","lockedAmount":1000000000}`, fine},
		{"lock", `{"lockId":"l","lockedAmountDollars":100}`, wrong},
		{"lock", `{"lockId":"l","lockedAmountDollars":-1}`, wrong},
		{"extend", `{"success":true}`, silent},
		{"extend", `{"newAmountDollars":1.5}`, fine},
		{"extend", `{"newAmountDollars":0.5}`, wrong},
		{"extend", `{"newAmountDollars":-1}`, wrong},
		{"delegate", `{"token":"n","tokenId":"i"}`, silent},
		{"delegate", `{"token":"n","amountDollars":"1"}`, fine},
		{"delegate", `{"token":"n","amountCredits":50}`, wrong},
		{"delegate", `{"token":"n","amountCredits":-1}`, wrong},
		{"exchange", `{"token":"n"}`, silent},
		{"exchange", `{"token":"n","amount":"9.8"}`, fine},
		{"exchange", `{"token":"n","amount":"9.6"}`, fine},
		{"exchange", `{"token":"n","amount":"0.000001"}`, wrong},
		{"exchange", `{"token":"n","amount":"9.9"}`, wrong},
		{"exchange", `{"token":"n","amount":"-9.8"}`, wrong},
		{"exchange", `{"token":"n","amount":"0"}`, wrong},
	}
	calls := amountCalls()
	for _, test := range tests {
		t.Run(test.call+" "+test.answer, func(t *testing.T) {
			t.Parallel()
			result, err := calls[test.call](t.Context(), serveJSON(t, func(*http.Request) (int, string) { return 200, test.answer }))
			mismatched := errors.Is(err, client.ErrAmountMismatch)
			switch {
			case (err == nil) != (test.want == fine), mismatched != (test.want == wrong):
				t.Errorf("%+v, %v, want it %s", result, err, test.want)
			case err != nil && (!errors.Is(err, client.ErrOutcomeUnknown) || errors.Is(err, client.ErrInvalidArgument)):
				t.Errorf("error = %v, want an unknown outcome", err)
			case mismatched && result == nil:
				t.Error("what came of it is lost")
			}
		})
	}
}

// TestRedeemOf2025SaysNothing is the one route whose success needs no words.
func TestRedeemOf2025SaysNothing(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{`{}`: "", `{"availableAmount":"2.5","remaining":0}`: "2.5"} {
		c := serveJSON(t, func(r *http.Request) (int, string) {
			if r.Method == http.MethodPut {
				return 200, body
			}
			return 404, `{"error":"route not found","code":"not_found"}`
		})
		redeemed, err := c.Tokens.Redeem(t.Context(), client.RedeemParams{Token: "t", AmountCredits: credits("1")})
		if err != nil || !redeemed.AmountCredits.Equal(credits("1")) {
			t.Fatalf("%s: %+v, %v", body, redeemed, err)
		}
		if (redeemed.RemainingCredits == nil) != (want == "") || (want != "" && !redeemed.RemainingCredits.Equal(credits(want))) {
			t.Errorf("%s: remaining %v, want %q", body, redeemed.RemainingCredits, want)
		}
	}
}
