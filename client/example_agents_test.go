package client_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
)

// Finding an agent of somebody else's by what it does.
func ExampleAgentsService_Search() {
	example(func(ctx context.Context, c *client.Client) error {
		minimum := 0.2
		found, err := c.Agents.Search(ctx, "translate a contract", client.AgentSearchOptions{MaxResults: 3, MinSimilarity: &minimum})
		if err != nil {
			return err
		}
		best := found[0]
		fmt.Println(best.Name, "takes", best.CreditsPerToken, "credits a token")
		return nil
	})
	// Output:
	// legal-translator takes 0.00003 credits a token
}

// Creating an agent, and getting its own API key for integrations elsewhere.
func ExampleAgentsService_Create() {
	example(func(ctx context.Context, c *client.Client) error {
		agent, err := c.Agents.Create(ctx, client.AgentCreateParams{
			Name:                 "trend-reader",
			Instructions:         "You are a data analysis expert. Help users understand their data.",
			Model:                "gpt-4o",
			Description:          "Specialized in data analysis and visualization",
			IsPublic:             true,
			CanTalkToOtherAgents: true,
		})
		if err != nil {
			return err
		}
		key, err := c.Agents.APIKey(ctx, agent.ID)
		if err != nil {
			return err
		}
		fmt.Printf("created %s with %s, public: %t\n", agent.Name, agent.Model, agent.IsPublic)
		fmt.Println("its key is the one shown at creation:", key.RawKey == agent.RawAPIKey)
		return nil
	})
	// Output:
	// created trend-reader with gpt-4o, public: true
	// its key is the one shown at creation: true
}

// Changing some of an agent: what is nil stays as it is.
func ExampleAgentsService_Update() {
	example(func(ctx context.Context, c *client.Client) error {
		greeting, public := "What is in the fridge?", true
		agent, err := c.Agents.Update(ctx, "recipe-muse", client.AgentUpdateParams{GreetingMessage: &greeting, IsPublic: &public})
		if err != nil {
			return err
		}
		fmt.Printf("%s says %q\n", agent.Name, agent.GreetingMessage)
		return nil
	})
	// Output:
	// recipe-muse says "What is in the fridge?"
}

// Asking an agent and waiting for the whole answer.
func ExampleAgentsService_Chat() {
	example(func(ctx context.Context, c *client.Client) error {
		answer, err := c.Agents.Chat(ctx, "recipe-muse", client.ChatParams{
			Messages: []client.ChatMessage{{Role: "user", Content: "What can I cook with leeks?"}},
		})
		if err != nil {
			return err
		}
		fmt.Println(answer.FinishReason, answer.Usage.TotalTokens > 0)
		return nil
	})
	// Output:
	// stop true
}

// Reading an answer as it comes.
func ExampleAgentsService_ChatStream() {
	example(func(ctx context.Context, c *client.Client) error {
		var answer strings.Builder
		for delta, err := range c.Agents.ChatStream(ctx, "recipe-muse", client.ChatParams{
			Messages: []client.ChatMessage{{Role: "user", Content: "What can I cook with leeks?"}},
		}) {
			if err != nil {
				return err // the stream broke: what has come is not the whole answer
			}
			answer.WriteString(delta.Content)
			if delta.Done {
				fmt.Println(delta.FinishReason)
			}
		}
		fmt.Println(answer.String()[:52])
		return nil
	})
	// Output:
	// stop
	// This is recipe-muse on the embedded platform, answer
}

// Removing an agent. Doing so twice is no failure of the second.
func ExampleAgentsService_Delete() {
	example(func(ctx context.Context, c *client.Client) error {
		if _, err := c.Agents.Delete(ctx, "recipe-muse"); err != nil {
			return err
		}
		left, err := c.Agents.List(ctx, client.AgentListOptions{})
		if err != nil {
			return err
		}
		fmt.Println(len(left.Items), "agent is left")
		return nil
	})
	// Output:
	// 1 agent is left
}
