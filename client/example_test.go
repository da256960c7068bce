package client_test

import (
	"bytes"
	"context"
	"errors"
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

// Uploading a public and a private file, and seeing what agents can read.
func ExampleContentService() {
	example(func(ctx context.Context, c *client.Client) error {
		dataset := client.BytesUpload("dataset.csv", bytes.Repeat([]byte("1,2,3\n"), 400))
		dataset.Visibility = client.VisibilityPublic
		for _, upload := range []client.UploadParams{dataset, client.BytesUpload("private_notes.txt", []byte("for me alone"))} {
			file, err := c.Content.Upload(ctx, upload)
			if err != nil {
				return err
			}
			fmt.Printf("%s (%s) is %s\n", file.Name, file.SizeFormatted(), file.Visibility)
		}
		files, err := c.Content.AgentAccess(ctx, client.VisibilityPublic)
		if err != nil {
			return err
		}
		fmt.Printf("agents can read %d files\n", len(files))
		return nil
	})
	// Output:
	// dataset.csv (2KB) is public
	// private_notes.txt (12B) is private
	// agents can read 3 files
}

// Telling failures apart: by sentinel, or by what the platform said.
func ExampleAPIError() {
	example(func(ctx context.Context, c *client.Client) error {
		wrong, err := c.Clone(client.WithAPIKey("rok_this-key-is-not-known"))
		if err != nil {
			return err
		}
		_, err = wrong.User.Get(ctx)
		switch {
		case errors.Is(err, client.ErrUnauthorized):
			fmt.Println("authentication failed: check your API key")
		case errors.Is(err, client.ErrForbidden):
			fmt.Println("access denied: insufficient permissions")
		case errors.Is(err, client.ErrNotFound):
			fmt.Println("resource not found")
		case errors.Is(err, client.ErrUpstream):
			fmt.Println("server error: try again later")
		}
		if apiError, ok := errors.AsType[*client.APIError](err); ok {
			fmt.Println(apiError.StatusCode, apiError.Message)
		}
		return nil
	})
	// Output:
	// authentication failed: check your API key
	// 401 invalid API key or token
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

// Reading an answer as it comes.
func ExampleAgentsService_ChatStream() {
	example(func(ctx context.Context, c *client.Client) error {
		var answer bytes.Buffer
		for delta, err := range c.Agents.ChatStream(ctx, "recipe-muse", client.ChatParams{
			Messages: []client.ChatMessage{{Role: "user", Content: "What can I cook with leeks?"}},
		}) {
			if err != nil {
				return err
			}
			if _, err := answer.WriteString(delta.Content); err != nil {
				return err
			}
		}
		fmt.Println(answer.String()[:52])
		return nil
	})
	// Output: This is recipe-muse on the embedded platform, answer
}
