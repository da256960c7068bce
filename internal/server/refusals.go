package server

import "context"

// The reasons that refusals are counted by: few, and none of a client's making.
const (
	refusedHost        = "host"
	refusedOrigin      = "origin"
	refusedTooLarge    = "too_large"
	refusedCredential  = "credential"
	refusedPermission  = "permission"
	refusedRate        = "rate_limit"
	refusedForeign     = "foreign_session"
	refusedCapacity    = "capacity"
	refusedUnavailable = "authentication_unavailable"
)

// refusalsKey carries the [Observer] that is told of the refusals of requests.
type refusalsKey struct{}

func withRefusals(ctx context.Context, told Observer) context.Context {
	return context.WithValue(ctx, refusalsKey{}, told)
}

// countRefusal tells the observer that a request was refused.
func countRefusal(ctx context.Context, reason string) {
	if observer, ok := ctx.Value(refusalsKey{}).(Observer); ok {
		observer.CountRefusal(reason)
	}
}
