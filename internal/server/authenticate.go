package server

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
)

// identified puts the authentication and the rate limits of callers before the routes of MCP, and adds what everybody
// may read. The probes stay open to everybody.
func (s *Server) identified(o HTTPOptions, routes map[string]http.HandlerFunc) map[string]http.HandlerFunc {
	if o.Authenticator == nil && o.RateLimits.none() {
		return routes
	}
	identified := maps.Clone(routes)
	entry := &entrance{server: s, authenticator: o.Authenticator, limits: newLimits(o.RateLimits, s.clock)}
	for _, path := range []string{routeMCP, routeSSE, routeMessage} {
		identified[path] = entry.wrap(routes[path])
	}
	if o.Authenticator != nil {
		for path, document := range o.Authenticator.Documents() {
			identified[path] = serveDocument(document)
		}
	}
	return identified
}

func serveDocument(document []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if allowMethods(w, r, http.MethodGet, http.MethodHead) {
			writeJSON(w, http.StatusOK, document)
		}
	}
}

// entrance is what every request of MCP goes through.
type entrance struct {
	server        *Server
	authenticator Authenticator // nil when callers are not authenticated
	limits        *limits
}

// entranceKey carries the *entrance that a request came through.
type entranceKey struct{}

func entranceOf(ctx context.Context) *entrance {
	found, _ := ctx.Value(entranceKey{}).(*entrance)
	return found
}

// wrap authenticates each request of a route. Preflights carry no credentials and do nothing.
func (e *entrance) wrap(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), entranceKey{}, e)
		if e.authenticator == nil || r.Method == http.MethodOptions {
			next(w, r.WithContext(ctx))
			return
		}
		who, err := e.authenticator.Authenticate(r)
		if err == nil && who.ID == "" {
			err = errors.New("the caller has no name")
		}
		if err != nil {
			e.refuse(w, r, err)
			return
		}
		next(w, r.WithContext(e.server.withPermitted(withPrincipal(ctx, &who), &who)))
	}
}

// refuse answers a request whose caller is not known. What is no refusal is a fault of this side.
func (e *entrance) refuse(w http.ResponseWriter, r *http.Request, err error) {
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok {
		e.server.logger.WarnContext(r.Context(), "callers cannot be authenticated", slog.Any("error", err))
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "callers cannot be authenticated now; try again in a moment")
		return
	}
	e.server.logger.InfoContext(r.Context(), "a caller was refused", slog.Int("status", refusal.Status), slog.String("reason", refusal.Reason))
	refuseCaller(w, refusal)
}

func refuseCaller(w http.ResponseWriter, refusal *Refusal) {
	if refusal.Challenge != "" {
		w.Header().Set("WWW-Authenticate", refusal.Challenge)
	}
	refuse(w, refusal.Status, refusal.Reason)
}

// verified reports whether something may be kept for the caller, such as a session, or refuses the request: names that
// anybody can make up must not fill the server.
func verified(w http.ResponseWriter, r *http.Request) bool {
	who, entry := principalOf(r.Context()), entranceOf(r.Context())
	if who == nil || who.Verify == nil || entry == nil {
		return true
	}
	if err := who.Verify(r.Context()); err != nil {
		entry.refuse(w, r, err)
		return false
	}
	return true
}
