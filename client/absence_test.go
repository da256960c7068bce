package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// TestAnAbsentThingEndsTheSearchForARoute redeems and settles at platforms that word a 404 in their own way.
func TestAnAbsentThingEndsTheSearchForARoute(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body string
		asks int64
		want error
	}{
		{`{"error":"token not found","code":"not_found"}`, 1, client.ErrNotFound},
		{`{"error":"token not found"}`, 1, client.ErrNotFound},
		{`{"message":"gone","code":"TOKEN_EXPIRED"}`, 1, client.ErrNotFound},
		{`{"message":"no","code":"E_1234"}`, 1, client.ErrNotFound},
		{`{"error":"route not found","code":"not_found"}`, 2, client.ErrUnsupported},
		{`{"error":"x","code":"ROUTE_NOT_FOUND"}`, 2, client.ErrUnsupported},
		{`{"statusCode":404,"message":"Cannot POST /api/payments/settle","error":"Not Found"}`, 2, client.ErrUnsupported},
		{`{"error":"no such route"}`, 2, client.ErrUnsupported},
		{`<html>404</html>`, 2, client.ErrUnsupported},
		{`{"error":"not found","message":"not found"}`, 2, client.ErrNotFound},
		{`{"error":"Resource not found","code":"not_found"}`, 2, client.ErrNotFound},
	} {
		for _, method := range []string{"Tokens.Redeem", "Facilitator.Settle", "Facilitator.Verify"} {
			t.Run(method+" "+test.body, func(t *testing.T) {
				t.Parallel()
				var asks atomic.Int64
				c := serveJSON(t, func(*http.Request) (int, string) { asks.Add(1); return 404, test.body })
				if err := invocations()[method](t.Context(), c); !errors.Is(err, test.want) || asks.Load() != test.asks {
					t.Errorf("%d requests, %v, want %d, %v", asks.Load(), err, test.asks, test.want)
				}
			})
		}
	}
}

// TestTheBetterOfTwoAnswersIsTold lets a newer route say that there is no such thing, in few words, and an older one be
// absent.
func TestTheBetterOfTwoAnswersIsTold(t *testing.T) {
	t.Parallel()
	c := serveJSON(t, func(r *http.Request) (int, string) {
		if strings.HasPrefix(r.URL.Path, "/api/payments/") {
			return 404, `{"error":"not found"}`
		}
		return 404, `{"error":"route not found"}`
	})
	if err := invocations()["Tokens.Redeem"](t.Context(), c); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("error = %v", err)
	}
}

// TestAnotherObjectIsRefused asks about one thing and is told of another.
func TestAnotherObjectIsRefused(t *testing.T) {
	t.Parallel()
	const asked, told = "5f0c2a52-6f2b-5a86-9c6f-0f6f5b1d2a11", "7e6b9d0c-91b5-5d57-8a4e-1f4c3f1f0b22"
	one, model := credits("1"), "m"
	c := serveJSON(t, func(r *http.Request) (int, string) {
		id := told
		if strings.HasPrefix(r.Header.Get("User-Agent"), "control") {
			id = strings.ToUpper(asked)
		}
		return 200, strings.ReplaceAll(`{"agent":{"id":"ID","name":"n","model":"m"},"id":"ID","text":"x","lockId":"ID","newAmountDollars":1,"success":true,"chargedDollars":1}`, "ID", id)
	})
	control, err := c.Clone(client.WithUserAgent("control"))
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(context.Context, *client.Client) error{
		"get": func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.Get(ctx, asked)) },
		"update": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Update(ctx, asked, client.AgentUpdateParams{Model: &model}))
		},
		"file": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Content.ReadOfAgent(ctx, "a", asked))
		},
		"extend": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.ExtendLock(ctx, asked, one))
		},
		"settle": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.Settle(ctx, client.SettleParams{LockID: asked, AmountCredits: &one}))
		},
	} {
		if err := call(t.Context(), c); !errors.Is(err, client.ErrBadResponse) || !strings.Contains(err.Error(), "another") {
			t.Errorf("%s: %v", name, err)
		}
		if err := call(t.Context(), control); err != nil {
			t.Errorf("%s of the right one: %v", name, err)
		}
	}
}
