package soak

import (
	"context"
	"errors"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// connection is a client's session.
type connection struct {
	session *mcp.ClientSession
	kind    string
}

func (c *connection) close() error {
	if c == nil {
		return nil
	}
	return c.session.Close()
}

// calls is what clients do, in turn.
func calls() []mcp.CallToolParams {
	return []mcp.CallToolParams{
		{Name: "get_credits"},
		{Name: "list_agents", Arguments: map[string]any{"limit": 5}},
		{Name: "search_agents", Arguments: map[string]any{"query": "translate a contract"}},
		{Name: "get_agent", Arguments: map[string]any{"agent": "legal-translator"}},
		{Name: "list_transactions", Arguments: map[string]any{"limit": 3}},
		{Name: "list_content", Arguments: map[string]any{"visibility": "public"}},
		{Name: "get_account_summary"},
	}
}

// call does what is next. The number of the client and that of the call name payments.
func (c *connection) call(ctx context.Context, client, number int) error {
	all := calls()
	switch {
	case number%paymentEvery == paymentEvery-1:
		return c.pay(ctx, client*100_000+number)
	case number%29 == 0:
		_, err := c.session.ListTools(ctx, nil)
		return err
	default:
		_, err := c.tool(ctx, &all[number%len(all)])
		return err
	}
}

func (c *connection) tool(ctx context.Context, params *mcp.CallToolParams) (map[string]any, error) {
	result, err := c.session.CallTool(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("%s (%s): %w", params.Name, c.kind, err)
	}
	given, _ := result.StructuredContent.(map[string]any)
	if result.IsError {
		return nil, fmt.Errorf("%s (%s): %v", params.Name, c.kind, result.Meta["robutler/error"])
	}
	return given, nil
}

// pay takes a tiny amount from a token, another one each time: the same twice would have to be agreed to twice.
func (c *connection) pay(ctx context.Context, number int) error {
	arguments := map[string]any{"token": token, "amount_usd": fmt.Sprintf("0.%09d", number), "idempotency_key": fmt.Sprintf("soak-%d", number)}
	asked, err := c.tool(ctx, &mcp.CallToolParams{Name: "redeem_payment_token", Arguments: arguments})
	if err != nil {
		return err
	}
	arguments["confirmation"] = asked["confirmation"]
	paid, err := c.tool(ctx, &mcp.CallToolParams{Name: "redeem_payment_token", Arguments: arguments})
	if err == nil && paid["status"] != "done" {
		err = errors.New("a payment is not done")
	}
	return err
}
