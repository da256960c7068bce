package client

import (
	"context"
	"time"
)

// healthTimeout bounds an attempt to ask how the platform is: one that takes longer is not well.
const healthTimeout = 5 * time.Second

// Health reports whether the platform answers. It returns the error that says why not. It needs no API key, waits at most
// five seconds for an answer, and asks even while other calls are refused because the host failed.
//
// Route: GET /health.
func (c *Client) Health(ctx context.Context) error {
	_, err := c.do(ctx, c.operation(healthGet), call{})
	return err
}
