package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	idleTimeout = 120 * time.Second
	maxHeader   = 64 << 10
	// keepAlive is shorter than what proxies and load balancers commonly allow a silent connection.
	keepAlive = 25 * time.Second
)

// The routes.
const (
	routeMCP     = "/mcp"
	routeSSE     = "/sse"
	routeMessage = "/message"
	routeHealth  = "/healthz"
	routeReady   = "/readyz"
)

// HTTPOptions says whom the HTTP transports serve.
type HTTPOptions struct {
	// AllowedHosts are the names that clients may address the server by, as "host" for any port or "host:port", beside
	// loopback names and the address that the connection came in on.
	AllowedHosts []string
	// AllowedOrigins are the web origins whose pages may call, such as "https://app.example.com". None but a page that this server
	// served itself on loopback may otherwise.
	AllowedOrigins []string
	// Stateless serves without sessions, so that any of several replicas can serve any request: nothing is asked of users
	// by way of their client, calls of clients before the 2026 revision cannot be given up, and there is no HTTP+SSE.
	Stateless bool
	// TLS secures the listener; without it, it speaks plain HTTP.
	TLS *tls.Config
	// Checks tell whether calls can succeed, for /readyz. Without any the server is always ready.
	Checks []Check
	// Authenticator finds out who calls; without one everybody who reaches the server is the same caller.
	Authenticator Authenticator
	// RateLimits bound what one caller may do a second; the zero value bounds nothing.
	RateLimits RateLimits
}

// HTTPHandler serves Streamable HTTP at /mcp, HTTP+SSE at /sse and /message, and /healthz and /readyz. The function
// ends every open stream and waits for the calls that SSE clients wait for, until its context ends.
func (s *Server) HTTPHandler(o HTTPOptions) (handler http.Handler, shutdown func(context.Context) error, err error) {
	gate, err := newGuard(o.AllowedHosts, o.AllowedOrigins, s.observer)
	if err != nil {
		return nil, nil, fmt.Errorf("guard the HTTP server: %w", err)
	}
	closing, stop := context.WithCancel(context.Background())
	streamable := s.newStreamable(closing, o.Stateless)
	events := s.newEvents()
	sessions := streamable.sessions.size
	s.load.sessions.Store(&sessions)
	probes := &probes{checks: o.Checks, closing: closing, clock: s.clock, logger: s.logger}
	routes := map[string]http.HandlerFunc{
		routeMCP:     s.handling.worked(s.narrowing(streaming(&s.load.streams.http, streamable.serve))),
		routeSSE:     s.narrowing(streaming(&s.load.streams.sse, events.serveStream)),
		routeMessage: s.narrowing(events.serveMessage),
		routeHealth:  probes.health,
		routeReady:   probes.readiness,
	}
	if o.Stateless {
		routes[routeSSE], routes[routeMessage] = noStreams, noStreams
	}
	shutdown = func(ctx context.Context) error {
		stop()
		return errors.Join(streamable.shutdown(ctx), events.shutdown(ctx))
	}
	return gate.wrap(route(s.identified(o, routes))), shutdown, nil
}

// route calls the handler of a path. It cleans and redirects nothing: clients know the five paths.
func route(routes map[string]http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve, ok := routes[r.URL.Path]
		if !ok {
			refuse(w, http.StatusNotFound, "nothing is served at this path; MCP is at "+routeMCP)
			return
		}
		serve(w, r)
	})
}

// ServeListener serves what [Server.HTTPHandler] gives on a listener until ctx ends, then lets accepted calls end for at
// most ten seconds, and gives the rest another one to notice that they are given up. It closes the listener.
func (s *Server) ServeListener(ctx context.Context, listener net.Listener, o HTTPOptions) error {
	handler, shutdown, err := s.HTTPHandler(o)
	if err != nil {
		return err
	}
	// Calls outlive ctx while they are drained, but not the server.
	calls, cancelCalls := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelCalls()
	web := &http.Server{
		Handler: s.handling.count(handler), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		TLSConfig:   o.TLS,
		ErrorLog:    slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return withRefusals(calls, s.observer) },
		ConnState:   s.connState(),
	}
	ended := make(chan error, 1)
	go func() {
		if o.TLS != nil {
			ended <- web.ServeTLS(listener, "", "")
			return
		}
		ended <- web.Serve(listener)
	}()
	select {
	case err = <-ended:
		err = fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}
	s.drainBegins()
	limit, release := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
	defer release()
	s.drainHTTP(limit, web, shutdown)
	cancelCalls()
	s.awaitHandlers()
	return err
}

// awaitHandlers waits for what was given up to notice that, for at most a second: it uses what the server's owner closes
// next.
func (s *Server) awaitHandlers() {
	limit := time.NewTimer(stragglerTime)
	defer limit.Stop()
	select {
	case <-s.handling.none():
	case <-limit.C:
		s.logger.Warn("calls are left behind: they go on though they were given up")
	}
}

// drainHTTP ends the server once accepted calls are answered, or by force when the limit ends.
func (s *Server) drainHTTP(limit context.Context, web *http.Server, shutdown func(context.Context) error) {
	streams := make(chan error, 1)
	go func() { streams <- shutdown(limit) }()
	err := web.Shutdown(limit)
	if err := errors.Join(<-streams, err); err != nil {
		s.logger.WarnContext(limit, "calls are given up: they did not end in time", slog.Any("error", err))
		_ = web.Close() // what it would report is that connections were in use
	}
}
