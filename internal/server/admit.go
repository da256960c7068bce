package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// limitedKey carries how long a caller whose rate limit is reached has to wait, as a [time.Duration].
type limitedKey struct{}

// unknownKey says that the platform does not know the caller's key.
type unknownKey struct{}

// admit decides whether a message may go on: whether its caller has the permission and is within the rate limit. A call
// over the limit goes on to be answered as one, so that models understand; nothing else of it is done.
func admit(w http.ResponseWriter, r *http.Request, m message) (*http.Request, bool) {
	entry := entranceOf(r.Context())
	if entry == nil || !m.isRequest() {
		return r, true
	}
	needed, isCall := entry.server.permissionOf(m)
	if who := principalOf(r.Context()); isCall && who != nil && who.Denied[needed] != nil {
		entry.server.logger.InfoContext(r.Context(), "a call was refused: its permission is missing",
			slog.String("caller", who.ID), slog.String("permission", string(needed)))
		countRefusal(r.Context(), refusedPermission)
		refuseCaller(w, who.Denied[needed])
		return r, false
	}
	if !isCall {
		return r, entry.withinMessages(w, r)
	}
	return r.WithContext(entry.admitCall(r.Context(), rateOf(needed))), true
}

// admitCall notes why a call must not be made, if so: the platform does not know its caller, or the limit is reached.
func (e *entrance) admitCall(ctx context.Context, kind rateKind) context.Context {
	wait, err := e.newcomers.meet(ctx, principalOf(ctx))
	if _, unknown := errors.AsType[*Refusal](err); unknown {
		countRefusal(ctx, refusedCredential)
		return context.WithValue(ctx, unknownKey{}, true)
	}
	// Where it cannot be found out the call will tell why.
	if wait <= 0 {
		wait = e.limits.take(principalID(ctx), kind)
	}
	if wait <= 0 {
		return ctx
	}
	countRefusal(ctx, refusedRate)
	return context.WithValue(ctx, limitedKey{}, wait)
}

// withinMessages counts a message that is no call, and refuses it over the limit.
func (e *entrance) withinMessages(w http.ResponseWriter, r *http.Request) bool {
	known, wait, refusal := e.newcomers.take(principalOf(r.Context()))
	if refusal != nil {
		e.refuse(w, r, refusal)
		return false
	}
	if known {
		wait = e.limits.take(principalID(r.Context()), rateMessages)
	}
	if wait > 0 {
		tooMany(w, r, wait)
	}
	return wait <= 0
}

// tooMany refuses a request over the rate limit.
func tooMany(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	countRefusal(r.Context(), refusedRate)
	w.Header().Set("Retry-After", strconv.Itoa(wholeSeconds(wait)))
	refuse(w, http.StatusTooManyRequests, fmt.Sprintf("too many messages; wait %d s", wholeSeconds(wait)))
}

// mayOpen counts a stream that a client opens, and refuses it over the limit.
func mayOpen(w http.ResponseWriter, r *http.Request) bool {
	entry := entranceOf(r.Context())
	return entry == nil || entry.withinMessages(w, r)
}

// permissionOf gives the permission that a message needs. A message that reaches the platform is a call; others need
// none.
func (s *Server) permissionOf(m message) (needed Permission, isCall bool) {
	switch mcp.MCPMethod(m.Method) {
	case mcp.MethodToolsCall:
		name, _ := textOf(m.Name)
		tool, err := s.catalog.Find(name)
		if err != nil {
			return PermissionRead, false
		}
		return permissionFor(tool), true
	case mcp.MethodResourcesRead, mcp.MethodCompletionComplete:
		return PermissionRead, true
	default:
		return PermissionRead, false
	}
}

// held is the error of a call that must not be made; nil for all others.
func held(ctx context.Context, tool tools.Tool) *tools.Error {
	if ctx.Value(unknownKey{}) != nil {
		return advised(ctx, tools.Explain(client.ErrUnauthorized))
	}
	return limited(ctx, tool)
}

// limited is the error of a call whose caller is over the rate limit; nil within it.
func limited(ctx context.Context, tool tools.Tool) *tools.Error {
	wait, ok := ctx.Value(limitedKey{}).(time.Duration)
	if !ok {
		return nil
	}
	return &tools.Error{
		Code: tools.CodeRateLimited, Retryable: true, RetryAfterSeconds: wholeSeconds(wait),
		Message:  tool.Name + " was not called: this caller is over the server's limit of such calls",
		NextStep: "Nothing was sent. Wait for retry_after_s, then call once again; make fewer calls after that.",
	}
}

func wholeSeconds(wait time.Duration) int { return int(math.Ceil(wait.Seconds())) }
