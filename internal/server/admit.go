package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

// limitedKey carries how long a caller whose rate limit is reached has to wait, as a [time.Duration].
type limitedKey struct{}

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
		refuseCaller(w, who.Denied[needed])
		return r, false
	}
	if !isCall {
		return r, entry.withinMessages(w, r)
	}
	if wait := entry.limits.take(principalID(r.Context()), rateOf(needed)); wait > 0 {
		r = r.WithContext(context.WithValue(r.Context(), limitedKey{}, wait))
	}
	return r, true
}

// withinMessages counts a message that is no call, and refuses it over the limit.
func (e *entrance) withinMessages(w http.ResponseWriter, r *http.Request) bool {
	wait := e.limits.take(principalID(r.Context()), rateMessages)
	if wait <= 0 {
		return true
	}
	w.Header().Set("Retry-After", strconv.Itoa(wholeSeconds(wait)))
	refuse(w, http.StatusTooManyRequests, fmt.Sprintf("too many messages; wait %d s", wholeSeconds(wait)))
	return false
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
		var params struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(m.Params, &params) != nil {
			return PermissionRead, false // the library refuses it
		}
		tool, err := s.catalog.Find(params.Name)
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
