package client_test

import (
	"context"

	"github.com/robutlerai/robutler-mcp/client"
)

// invocations call every operation of the table, by its method.
func invocations() map[string]func(context.Context, *client.Client) error {
	one, model := credits("1"), "m"
	wants := client.PaymentRequirements{Scheme: "token", Network: "robutler", MaxAmountRequired: "1", PayTo: "x"}
	ask := client.ChatParams{Messages: []client.ChatMessage{{Role: "user", Content: "x"}}}
	return map[string]func(context.Context, *client.Client) error{
		"Agents.List": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.List(ctx, client.AgentListOptions{}))
		},
		"Agents.Get": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Get(ctx, "5f0c2a52-6f2b-5a86-9c6f-0f6f5b1d2a11"))
		},
		"Agents.GetByName": func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.GetByName(ctx, "a")) },
		"Agents.Create": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Create(ctx, client.AgentCreateParams{Name: "a", Instructions: "b"}))
		},
		"Agents.Update": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Update(ctx, "a", client.AgentUpdateParams{Model: &model}))
		},
		"Agents.Delete": func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.Delete(ctx, "a")) },
		"Agents.Search": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Search(ctx, "q", client.AgentSearchOptions{}))
		},
		"Agents.Discover": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Discover(ctx, []string{"a"}, 1))
		},
		"Agents.FindSimilar":      func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.FindSimilar(ctx, "a", 1)) },
		"Agents.APIKey":           func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.APIKey(ctx, "a")) },
		"Agents.RegenerateAPIKey": func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.RegenerateAPIKey(ctx, "a")) },
		"Agents.Chat, Agents.ChatStream": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Chat(ctx, "a", ask))
		},
		"Agents.Intents": func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.Intents(ctx, "a")) },
		"Content.List": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Content.List(ctx, client.ContentListOptions{}))
		},
		"Content.AgentAccess": func(ctx context.Context, c *client.Client) error { return errorOf(c.Content.AgentAccess(ctx, "")) },
		"Content.ListOfAgent": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Content.ListOfAgent(ctx, "a", "", 1, client.Cursor{}))
		},
		"Content.Upload": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Content.Upload(ctx, client.BytesUpload("a", []byte("x"))))
		},
		"Content.Read": func(ctx context.Context, c *client.Client) error { return errorOf(c.Content.Read(ctx, "c")) },
		"Content.ReadOfAgent": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Content.ReadOfAgent(ctx, "a", "c"))
		},
		"Content.Delete": func(ctx context.Context, c *client.Client) error { return errorOf(c.Content.Delete(ctx, "c")) },
		"User.Get, User.ValidateKey": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.User.Get(ctx))
		},
		"User.Credits": func(ctx context.Context, c *client.Client) error { return errorOf(c.User.Credits(ctx)) },
		"User.Transactions": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.User.Transactions(ctx, client.TransactionListOptions{}))
		},
		"APIKeys.List":   func(ctx context.Context, c *client.Client) error { return errorOf(c.APIKeys.List(ctx)) },
		"APIKeys.Create": func(ctx context.Context, c *client.Client) error { return errorOf(c.APIKeys.Create(ctx, "k")) },
		"APIKeys.Delete": func(ctx context.Context, c *client.Client) error { return errorOf(c.APIKeys.Delete(ctx, "k")) },
		"Tokens.Validate, Tokens.Balance": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.Validate(ctx, "t"))
		},
		"Tokens.Redeem": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.Redeem(ctx, client.RedeemParams{Token: "t", AmountCredits: one, IdempotencyKey: "k"}))
		},
		"Tokens.Verify":     func(ctx context.Context, c *client.Client) error { return errorOf(c.Tokens.Verify(ctx, "t", "a")) },
		"Tokens.Lock":       func(ctx context.Context, c *client.Client) error { return errorOf(c.Tokens.Lock(ctx, "t", one)) },
		"Tokens.ExtendLock": func(ctx context.Context, c *client.Client) error { return errorOf(c.Tokens.ExtendLock(ctx, "l", one)) },
		"Tokens.Settle": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.Settle(ctx, client.SettleParams{LockID: "l", AmountCredits: &one, IdempotencyKey: "k"}))
		},
		"Tokens.Delegate": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.Delegate(ctx, client.DelegateParams{ParentToken: "t", DelegateTo: "a", AmountCredits: one}))
		},
		"Facilitator.Supported": func(ctx context.Context, c *client.Client) error { return errorOf(c.Facilitator.Supported(ctx)) },
		"Facilitator.Verify": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Facilitator.Verify(ctx, "h", wants))
		},
		"Facilitator.Settle": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Facilitator.Settle(ctx, "h", wants))
		},
		"Facilitator.ExchangeRates": func(ctx context.Context, c *client.Client) error { return errorOf(c.Facilitator.ExchangeRates(ctx)) },
		"Facilitator.Exchange": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Facilitator.Exchange(ctx, "h", wants, client.ExchangeOutput{Amount: "9.8"}))
		},
		"Intents.Publish": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Intents.Publish(ctx, []client.IntentPublication{{Text: "x", AgentID: "a"}}))
		},
		"Intents.Create": func(ctx context.Context, c *client.Client) error {
			return c.Intents.Create(ctx, "a", []string{"x"}, "")
		},
		"Intents.Search": func(ctx context.Context, c *client.Client) error { return errorOf(c.Intents.Search(ctx, "q", 1)) },
		"Health":         func(ctx context.Context, c *client.Client) error { return c.Health(ctx) },
	}
}
