package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/robutlerai/robutler-mcp/client"
)

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

// What the platform itself calls a failure, and what it needs to look into it.
func ExampleAPIError_code() {
	example(func(ctx context.Context, c *client.Client) error {
		_, err := c.Agents.Get(ctx, "no-such-agent")
		if failure, ok := errors.AsType[*client.APIError](err); ok {
			fmt.Println(failure.Operation, failure.StatusCode, failure.Code)
			fmt.Println("wait before the next try:", failure.RetryAfter)
			fmt.Println("nothing was sent:", failure.NotSent)
		}
		return nil
	})
	// Output:
	// get agent 404 not_found
	// wait before the next try: 0s
	// nothing was sent: false
}

// A write that got no answer may have happened. Look before you repeat it.
func ExampleAPIError_outcomeUnknown() {
	example(func(ctx context.Context, c *client.Client) error {
		lossy, err := c.Clone(client.WithTransport(answerLost{}))
		if err != nil {
			return err
		}
		_, err = lossy.APIKeys.Create(ctx, "nightly report")
		if !errors.Is(err, client.ErrOutcomeUnknown) {
			return err
		}
		keys, err := c.APIKeys.List(ctx)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if key.Name == "nightly report" {
				fmt.Println("it was made, and its text was lost: delete it and make another")
			}
		}
		return nil
	})
	// Output:
	// it was made, and its text was lost: delete it and make another
}

// answerLost is a network that delivers calls and loses the answers.
type answerLost struct{}

func (answerLost) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close()
	return nil, errors.New("connection reset by peer")
}
