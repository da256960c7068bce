package client_test

import (
	"context"
	"fmt"

	"github.com/robutlerai/robutler-mcp/client"
)

// Publishing what an agent does.
func ExampleIntentsService_Publish() {
	example(func(ctx context.Context, c *client.Client) error {
		agent, err := c.Agents.GetByName(ctx, "recipe-muse")
		if err != nil {
			return err
		}
		published, err := c.Intents.Publish(ctx, []client.IntentPublication{
			{Text: "plan a dinner for six", AgentID: agent.ID, Description: "Menus, shopping lists and timing"},
		})
		if err != nil {
			return err
		}
		for _, intent := range published {
			if intent.Error != "" {
				return fmt.Errorf("publish %q: %s", intent.Text, intent.Error)
			}
			fmt.Println("published:", intent.Text)
		}
		return nil
	})
	// Output:
	// published: plan a dinner for six
}

// Finding who does something, by intent.
func ExampleIntentsService_Search() {
	example(func(ctx context.Context, c *client.Client) error {
		found, err := c.Intents.Search(ctx, "translate a contract", 1)
		if err != nil {
			return err
		}
		for _, intent := range found {
			fmt.Printf("%s: %s\n", intent.AgentName, intent.Text)
		}
		return nil
	})
	// Output:
	// legal-translator: translate a contract
}
