package client_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// TestRefusalsOfMoneyAreNamed reads refusals whose status says less than their text, or something else.
func TestRefusalsOfMoneyAreNamed(t *testing.T) {
	t.Parallel()
	calls := invocations() // those of Settle and Redeem carry an idempotency key
	for _, test := range []struct {
		method string
		status int
		body   string
		want   error
	}{
		{"Tokens.Settle", 422, `{"error":"this idempotency key was used with another request"}`, client.ErrConflict},
		{"Tokens.Redeem", 422, `{"error":"x"}`, client.ErrConflict},
		{"Tokens.Lock", 422, `{"error":"x"}`, client.ErrInvalidArgument},
		{"Agents.Create", 422, `{"error":"x"}`, client.ErrInvalidArgument},
		{"Tokens.Lock", 400, `{"error":"insufficient token balance, available: 4.3"}`, client.ErrInsufficientFunds},
		{"Tokens.ExtendLock", 400, `{"error":"Insufficient balance"}`, client.ErrInsufficientFunds},
		{"Tokens.Delegate", 400, `{"error":"the amount is too high, available: 4.3"}`, client.ErrInsufficientFunds},
		{"Tokens.Settle", 400, `{"error":"refused","code":"INSUFFICIENT_TOKEN_BALANCE"}`, client.ErrInsufficientFunds},
		{"Facilitator.Settle", 400, `{"message":"insufficient_funds"}`, client.ErrInsufficientFunds},
		{"Tokens.Lock", 400, `{"error":"not enough credits"}`, client.ErrInsufficientFunds},
		{"Tokens.Lock", 400, `{"error":"amount must be more than 0"}`, client.ErrInvalidArgument},
		{"Tokens.Delegate", 400, `{"error":"max_depth exhausted"}`, client.ErrInvalidArgument},
		{"Agents.Create", 400, `{"error":"insufficient permissions"}`, client.ErrInvalidArgument},
		{"Agents.Create", 400, `{"error":"names available: 3 of them"}`, client.ErrInvalidArgument},
	} {
		t.Run(test.method+" "+strconv.Itoa(test.status)+" "+test.body, func(t *testing.T) {
			t.Parallel()
			c := serveJSON(t, func(*http.Request) (int, string) { return test.status, test.body })
			err := calls[test.method](t.Context(), c)
			apiError, ok := errors.AsType[*client.APIError](err)
			if !ok || !errors.Is(apiError.Kind(), test.want) || apiError.StatusCode != test.status {
				t.Errorf("error = %v, want %v", err, test.want)
			}
		})
	}
}
