package sandbox

import (
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"

	"github.com/google/uuid"
)

// framed gives every request an id, answers panics and unknown routes in JSON, and takes a trailing slash.
func (p *Platform) framed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		w.Header().Set("X-Request-Id", id)
		defer func() {
			if recovered := recover(); recovered != nil {
				if recovered == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
					panic(recovered)
				}
				p.logger.Error("sandbox: panic", slog.String("request", id), slog.Any("panic", recovered),
					slog.String("stack", string(debug.Stack())))
				p.respondFailure(w, fail(http.StatusInternalServerError, "internal", "internal error"))
			}
		}()
		trimmed := strings.TrimSuffix(r.URL.Path, "/")
		if trimmed == "" || trimmed != path.Clean(trimmed) {
			p.respondFailure(w, notFound("route"))
			return
		}
		if trimmed != r.URL.Path {
			location := *r.URL
			location.Path, location.RawPath = trimmed, ""
			r = r.Clone(r.Context())
			r.URL = &location
		}
		handler, pattern := mux.Handler(r)
		if pattern == "" {
			p.respondFailure(w, refusal(w, r, handler))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// refusal asks the mux why it has no route and says so in the platform's own words.
func refusal(w http.ResponseWriter, r *http.Request, handler http.Handler) *failure {
	probe := &statusProbe{header: http.Header{}}
	handler.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		return fail(http.StatusMethodNotAllowed, "method_not_allowed", "method not allowed")
	}
	return notFound("route")
}

// statusProbe takes a status and headers and drops the body.
type statusProbe struct {
	header http.Header
	status int
}

func (s *statusProbe) Header() http.Header         { return s.header }
func (s *statusProbe) WriteHeader(status int)      { s.status = status }
func (s *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
