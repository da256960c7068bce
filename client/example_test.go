package client_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
)

// example runs a function against a fresh embedded platform. A real program calls client.New() instead, with the key
// in WEBAGENTS_API_KEY.
func example(run func(context.Context, *client.Client) error) {
	ctx := context.Background()
	platform, err := sandbox.Open(ctx, sandbox.Options{
		Database: sandbox.MemoryDatabase, Now: func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(platform.Handler())
	defer func() {
		server.Close()
		if err := platform.Close(); err != nil {
			fmt.Println(err)
		}
	}()
	c, err := client.New(client.WithAPIKey(platform.UserKey()), client.WithBaseURL(server.URL))
	if err == nil {
		err = run(ctx, c)
	}
	if err != nil {
		fmt.Println(err)
	}
}

// Listing one's own agents: a page of them, and all of them.
func Example() {
	example(func(ctx context.Context, c *client.Client) error {
		page, err := c.Agents.List(ctx, client.AgentListOptions{Limit: 1})
		if err != nil {
			return err
		}
		fmt.Println(len(page.Items), "of", *page.Total)

		for agent, err := range c.Agents.All(ctx) {
			if err != nil {
				return err
			}
			fmt.Println(agent.Name)
		}
		return nil
	})
	// Output:
	// 1 of 2
	// dana-assistant
	// recipe-muse
}
