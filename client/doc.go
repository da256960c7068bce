// Package client speaks to the Robutler Platform over REST. It stands on its own: any Go program can use it.
//
// A [Client] holds one service per resource of the platform: agents, content, the user's account and API keys.
//
//	c, err := client.New()                       // key from WEBAGENTS_API_KEY
//	page, err := c.Agents.List(ctx, client.AgentListOptions{})
//	for agent, err := range c.Agents.All(ctx) { ... }
//
// Both generations of the platform are spoken. Where an operation has a 2026 and a 2025 route the newer one is tried
// first, the older one after a 404 or 405, and the route that answered is remembered for the life of the client.
//
// What may be retried is decided by an operation's [Class], not by its HTTP verb: reads are retried, writes only when
// it is proven that nothing was sent or that the platform refused to start, and calls that move money only if none of
// it was taken up. A host that fails 5 times in a row within 30 seconds is left alone for 10: calls then fail at once
// with [ErrUnavailable], and the first read after that finds out whether it is back.
//
// Errors are [*APIError] values that match the sentinels of this package with [errors.Is]. They never hold the key, a
// URL with its query, or the verbatim body in their text.
package client
