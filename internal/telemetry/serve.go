package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"
	"time"
)

const (
	headerTimeout = 5 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10
	// closeTime is how long a profile that is being taken may go on once the server ends.
	closeTime = time.Second
)

// Service is a small HTTP server beside the one that MCP clients reach.
type Service struct {
	// Address is where it listens, with the port that it got.
	Address string
	web     *http.Server
}

// ServeMetrics serves metrics at /metrics of an address of its own.
func ServeMetrics(ctx context.Context, address string, metrics *Metrics, logger *slog.Logger) (*Service, error) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler())
	return listen(ctx, address, mux, logger)
}

// ServeProfiles serves the profiles of net/http/pprof below /debug/pprof/ of a loopback address. What is in memory can
// be read there, keys included, so that no other address will do.
func ServeProfiles(ctx context.Context, address string, logger *slog.Logger) (*Service, error) {
	if err := onLoopback(address); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return listen(ctx, address, mux, logger)
}

// onLoopback refuses an address that others could reach.
func onLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil || !loopback(host) {
		return fmt.Errorf("serve profiles on %s: only a loopback address will do, such as 127.0.0.1:6060, since profiles hold "+
			"what is in memory", address)
	}
	return nil
}

func loopback(host string) bool {
	parsed, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || (err == nil && parsed.Unmap().IsLoopback())
}

func listen(ctx context.Context, address string, handler http.Handler, logger *slog.Logger) (*Service, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	bound, _ := listener.Addr().(*net.TCPAddr)
	if bound != nil && bound.IP.IsLoopback() {
		handler = localOnly(handler)
	}
	s := &Service{Address: listener.Addr().String(), web: &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}}
	go func() {
		if err := s.web.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			logger.ErrorContext(ctx, "stopped to serve", slog.String("address", s.Address), slog.Any("error", err))
		}
	}()
	return s, nil
}

// localOnly keeps web pages out, which reach a loopback address under a name of their own (DNS rebinding) or from
// another origin.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		site := r.Header.Get("Sec-Fetch-Site")
		if !loopback(host) || r.Header.Get("Origin") != "" || (site != "" && site != "none" && site != "same-origin") {
			http.Error(w, "only programs of this machine are served", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Close ends the server; what is being answered may go on for a second.
func (s *Service) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	if err := s.web.Shutdown(ctx); err != nil {
		_ = s.web.Close() // what it would report is that connections were in use
	}
	return nil
}
