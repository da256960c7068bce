package client

import "context"

// Health reports whether the platform answers. It returns the error that says why not. It needs no API key.
//
// Route: GET /health.
func (c *Client) Health(ctx context.Context) error {
	_, err := c.do(ctx, c.operation(healthGet), call{})
	return err
}
