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
	headerTimeout = 5 * time.Second
	bodyTimeout   = 30 * time.Second
	idleTimeout   = 120 * time.Second
	readyTimeout  = 5 * time.Second
	maxHeader     = 64 << 10
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
	// AllowedOrigins are the web origins whose pages may call, such as "https://app.example.com". None may otherwise.
	AllowedOrigins []string
	// Stateless serves without sessions, so that any of several replicas can serve any request: nothing is asked of users
	// by way of their client, calls of clients before the 2026 revision cannot be given up, and there is no HTTP+SSE.
	Stateless bool
	// TLS secures the listener; without it, it speaks plain HTTP.
	TLS *tls.Config
	// Ready tells whether calls can succeed, for /readyz. Without it the server is always ready.
	Ready func(context.Context) error
}

// HTTPHandler serves Streamable HTTP at /mcp, HTTP+SSE at /sse and /message, and /healthz and /readyz. The function
// ends every open stream and waits for the calls that SSE clients wait for, until its context ends.
func (s *Server) HTTPHandler(o HTTPOptions) (handler http.Handler, shutdown func(context.Context) error, err error) {
	gate, err := newGuard(o.AllowedHosts, o.AllowedOrigins)
	if err != nil {
		return nil, nil, fmt.Errorf("guard the HTTP server: %w", err)
	}
	closing, stop := context.WithCancel(context.Background())
	streamable := s.newStreamable(closing, o.Stateless)
	events := s.newEvents()
	probes := probes{ready: o.Ready, closing: closing, logger: s.logger}
	routes := map[string]http.HandlerFunc{
		routeMCP:     s.narrowing(streamable.serve),
		routeSSE:     s.narrowing(events.serveStream),
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
	return gate.wrap(route(routes)), shutdown, nil
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
// most ten seconds. It closes the listener.
func (s *Server) ServeListener(ctx context.Context, listener net.Listener, o HTTPOptions) error {
	handler, shutdown, err := s.HTTPHandler(o)
	if err != nil {
		return err
	}
	// Calls outlive ctx while they are drained, but not the server.
	calls, cancelCalls := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelCalls()
	web := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		TLSConfig:   o.TLS,
		ErrorLog:    slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return calls },
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
	limit, release := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
	defer release()
	s.drainHTTP(limit, web, shutdown)
	cancelCalls()
	return err
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

// probes answer the questions of supervisors.
type probes struct {
	ready   func(context.Context) error
	closing context.Context // the life of the handler, not of a request
	logger  *slog.Logger
}

func (p probes) health(w http.ResponseWriter, r *http.Request) {
	if !allowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	writeJSON(w, http.StatusOK, []byte(`{"status":"ok"}`))
}

func (p probes) readiness(w http.ResponseWriter, r *http.Request) {
	if !allowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	err := p.closing.Err()
	if err == nil && p.ready != nil {
		err = p.ready(ctx)
	}
	if err != nil {
		p.logger.WarnContext(ctx, "not ready", slog.Any("error", err))
		writeJSON(w, http.StatusServiceUnavailable, []byte(`{"status":"unavailable"}`))
		return
	}
	writeJSON(w, http.StatusOK, []byte(`{"status":"ok"}`))
}
