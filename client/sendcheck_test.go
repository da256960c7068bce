package client_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
)

// TestASendCheckHoldsBackWhatChangesSomething, and nothing else.
func TestASendCheckHoldsBackWhatChangesSomething(t *testing.T) {
	t.Parallel()
	var sent []string
	c := serveJSON(t, func(r *http.Request) (int, string) {
		sent = append(sent, r.Method)
		return 200, `{"id":"a","name":"a"}`
	})
	late := errors.New("it is too late")
	asked := 0
	ctx := client.WithSendCheck(t.Context(), func() error {
		asked++
		return late
	})
	if _, err := c.Agents.Get(ctx, "a"); err != nil || asked != 0 {
		t.Errorf("a read was held back: %v", err)
	}
	read := len(sent)
	for method, call := range map[string]func(context.Context) error{
		"delete": func(ctx context.Context) error { return errorOf(c.Agents.Delete(ctx, "a")) },
		"create": func(ctx context.Context) error {
			return errorOf(c.Agents.Create(ctx, client.AgentCreateParams{Name: "a", Instructions: "x"}))
		},
		"money": func(ctx context.Context) error {
			return errorOf(c.Tokens.Redeem(ctx, client.RedeemParams{Token: "t", AmountCredits: decimal.NewFromInt(1)}))
		},
	} {
		asked = 0
		err := call(ctx)
		failed, ok := errors.AsType[*client.APIError](err)
		if !ok || !failed.NotSent || !errors.Is(err, late) || errors.Is(err, client.ErrOutcomeUnknown) || asked != 1 {
			t.Errorf("%s: %v, asked %d times", method, err, asked)
		}
	}
	if len(sent) != read {
		t.Errorf("sent: %v", sent)
	}
}
