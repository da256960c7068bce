package server

import (
	"net/http"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/webguard"
)

// guard stands before every route: it keeps web pages out, and clients that hold a connection without using it.
type guard struct {
	pages    *webguard.Guard
	observer Observer
}

func newGuard(hosts, origins []string, observer Observer) (*guard, error) {
	pages, err := webguard.New(hosts, origins)
	if err != nil {
		return nil, err
	}
	return &guard{pages: pages, observer: observer}, nil
}

// wrap puts the guard before a handler.
func (g *guard) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(connection http.ResponseWriter, r *http.Request) {
		if r.Context().Value(refusalsKey{}) == nil { // the server's own listener has it once for all
			r = r.WithContext(withRefusals(r.Context(), g.observer))
		}
		w := &guardedWriter{ResponseWriter: connection, deadlines: *http.NewResponseController(connection), lifts: r.ProtoMajor > 1}
		defer w.finish()
		if r.ContentLength != 0 {
			// Whoever refuses a request leaves its body to net/http, which reads a part of it and would wait for ever.
			w.boundReading(time.Now().Add(blockTimeout))
		}
		hostAllowed, originAllowed := g.pages.AllowsHost(r), g.pages.AllowsOrigin(r)
		if hostAllowed && originAllowed {
			w.origin = field(r.Header, "Origin")
		}
		switch {
		case !hostAllowed:
			countRefusal(r.Context(), refusedHost)
			refuse(w, http.StatusForbidden, "this server is not served under that Host; allow it with the list of allowed hosts")
		case !originAllowed:
			countRefusal(r.Context(), refusedOrigin)
			refuse(w, http.StatusForbidden, "web pages of that origin may not call; allow it with the list of allowed origins")
		case r.ContentLength > maxMessage:
			countRefusal(r.Context(), refusedTooLarge)
			w.Header().Set("Connection", "close") // rather than read the body to its end
			refuse(w, http.StatusRequestEntityTooLarge, "the body is longer than 4 MiB")
		default:
			next.ServeHTTP(w, r)
		}
	})
}
