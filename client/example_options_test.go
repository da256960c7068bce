package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
)

// A client for one account, with settings of its own.
func ExampleNew() {
	c, err := client.New(
		client.WithAPIKey("rok_example"),
		client.WithBaseURL("https://robutler.ai"),
		client.WithTimeout(10*time.Second),
		client.WithMaxRetries(1),
		client.WithUserAgent("report-maker/1.2"),
		client.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil))),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.BaseURL())
	// Output:
	// https://robutler.ai
}

// callerKey is where a service keeps the key of whoever calls it.
type callerKey struct{}

// One client for many accounts: each call has the key of its own context, over shared connections.
func ExampleWithKeySource() {
	example(func(ctx context.Context, c *client.Client) error {
		shared, err := c.Clone(client.WithKeySource(func(ctx context.Context) (string, error) {
			if key, ok := ctx.Value(callerKey{}).(string); ok {
				return key, nil
			}
			return "", client.ErrMissingKey
		}))
		if err != nil {
			return err
		}
		_, err = shared.User.Credits(ctx)
		fmt.Println("without a key:", errors.Is(err, client.ErrMissingKey))
		_, err = shared.User.Credits(context.WithValue(ctx, callerKey{}, "rok_unknown"))
		fmt.Println("with an unknown one:", errors.Is(err, client.ErrUnauthorized))
		return nil
	})
	// Output:
	// without a key: true
	// with an unknown one: true
}

// Counting attempts, for metrics or traces. An attempt tells no id and no argument.
func ExampleWithObserver() {
	example(func(ctx context.Context, c *client.Client) error {
		var mu sync.Mutex
		counts := map[string]int{}
		observed, err := c.Clone(client.WithObserver(func(_ context.Context, attempt client.Attempt, _ http.Header) func(client.AttemptResult) {
			return func(result client.AttemptResult) {
				mu.Lock()
				defer mu.Unlock()
				counts[fmt.Sprintf("%s %s: %d", attempt.Method, attempt.Route, result.StatusCode)]++
			}
		}))
		if err != nil {
			return err
		}
		for range 2 {
			if _, err := observed.Agents.Get(ctx, "recipe-muse"); err != nil {
				return err
			}
		}
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(counts)
		return nil
	})
	// Output:
	// map[GET /agents/{agent}: 200:2]
}

// Two bounds: the option's is for each attempt, the context's for the whole call with its retries.
func ExampleWithTimeout() {
	example(func(ctx context.Context, c *client.Client) error {
		patient, err := c.Clone(client.WithTimeout(time.Minute))
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
		defer cancel()
		user, err := patient.User.Get(ctx)
		if err != nil {
			return err // matches client.ErrTimeout when time was up, client.ErrCanceled when the caller gave up
		}
		fmt.Println(user.Name)
		return nil
	})
	// Output:
	// Dana Demo
}
