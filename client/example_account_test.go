package client_test

import (
	"context"
	"fmt"

	"github.com/robutlerai/robutler-mcp/client"
)

// A complete account summary: who the user is, credits and recent activity.
func ExampleUserService() {
	example(func(ctx context.Context, c *client.Client) error {
		user, err := c.User.Get(ctx)
		if err != nil {
			return err
		}
		credits, err := c.User.Credits(ctx)
		if err != nil {
			return err
		}
		recent, err := c.User.Transactions(ctx, client.TransactionListOptions{Limit: 10})
		if err != nil {
			return err
		}
		keys, err := c.APIKeys.List(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("%s (%s), plan %s\n", user.Name, user.Email, user.PlanName)
		fmt.Printf("%s credits, %d recent transactions, %d API keys\n", credits.Available, len(recent.Items), len(keys))
		return nil
	})
	// Output:
	// Dana Demo (dana@example.com), plan Pro
	// 87.4215 credits, 6 recent transactions, 2 API keys
}

// Walking a list, page after page.
func ExampleUserService_AllTransactions() {
	example(func(ctx context.Context, c *client.Client) error {
		for transaction, err := range c.User.AllTransactions(ctx, client.TransactionListOptions{Type: "addition", Limit: 1}) {
			if err != nil {
				return err
			}
			fmt.Println(transaction.Amount, transaction.Description)
		}
		return nil
	})
	// Output:
	// 25 Referral bonus
	// 100 Top-up by card
}

// Going through a list page by page, to show the pages one at a time.
func ExamplePage() {
	example(func(ctx context.Context, c *client.Client) error {
		options := client.TransactionListOptions{Limit: 4}
		for {
			page, err := c.User.Transactions(ctx, options)
			if err != nil {
				return err
			}
			fmt.Println("a page of", len(page.Items))
			if page.Next == nil {
				return nil
			}
			options.Cursor = *page.Next
		}
	})
	// Output:
	// a page of 4
	// a page of 2
}

// Making an API key, using it once, and revoking it.
func ExampleAPIKeysService() {
	example(func(ctx context.Context, c *client.Client) error {
		key, err := c.APIKeys.Create(ctx, "nightly report")
		if err != nil {
			return err
		}
		fmt.Println("made", key.Name) // the key itself is in key.RawKey, now and never again; printing key hides it

		nightly, err := c.Clone(client.WithAPIKey(key.RawKey))
		if err != nil {
			return err
		}
		accepted, err := nightly.User.ValidateKey(ctx)
		if err != nil {
			return err
		}
		fmt.Println("accepted:", accepted)

		if _, err := c.APIKeys.Delete(ctx, key.ID); err != nil {
			return err
		}
		accepted, err = nightly.User.ValidateKey(ctx)
		fmt.Println("accepted:", accepted)
		return err
	})
	// Output:
	// made nightly report
	// accepted: true
	// accepted: false
}
