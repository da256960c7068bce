// Package client speaks to the Robutler Platform over REST. It stands on its own: any Go program can use it.
//
// # Quick start
//
// With an API key from https://robutler.ai/developer in the environment variable WEBAGENTS_API_KEY:
//
//	c, err := client.New()
//	if err != nil {
//		return err
//	}
//	for agent, err := range c.Agents.All(ctx) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(agent.Name)
//	}
//
// A [Client] holds one service for each resource of the platform: [AgentsService], [ContentService], [UserService],
// [APIKeysService], [TokensService] for payments, [FacilitatorService] for x402 payments, and [IntentsService]. It is safe
// for concurrent use, and one is enough for a process: [WithKeySource] gives each call the key of its own caller.
//
// Amounts are [decimal.Decimal] values in credits; one credit is one US dollar. Lists come as a [Page], and whole from
// the methods whose names begin with All. Every method takes a context first, which bounds the whole call.
//
// # Generations
//
// Both generations of the platform are spoken. Where an operation has a 2026 and a 2025 route the newer one is tried
// first, the older one after a 404 or 405, and the route that answered is remembered for the life of the client.
//
// # Retries
//
// What may be retried is decided by an operation's [Class], not by its HTTP verb: reads are retried, writes only when
// it is proven that nothing was sent or that the platform refused to start, and calls that move money only if none of
// it was taken up.
//
// # When the platform is down
//
// A circuit breaker for each host leaves one alone that is down. Attempts that get no answer or a 5xx count, whatever their
// route; any other answer of any route shows that the host works. After 5 failures in a row within 30 seconds the client
// asks GET /health ahead of the next call: one broken route or object must not cut off all others. If that fails, too, the
// host is left alone for 10 seconds: calls then fail at once with [ErrUnavailable], and the first read after that finds
// out whether it is back. [Client.Health] is never refused.
//
// # Errors
//
// Errors are [*APIError] values that match the sentinels of this package with [errors.Is]. They never hold the key, a
// URL with its query, or the verbatim body in their text. [ErrOutcomeUnknown] deserves a branch of its own wherever
// something is written: the call may have been carried out. Look before it is made again, or make it again under the
// same idempotency key.
package client
