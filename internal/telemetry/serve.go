package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
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
	listener, err := bind(ctx, address)
	if err != nil {
		return nil, err
	}
	return serve(ctx, listener, mux, logger), nil
}

// ServeProfiles serves the profiles of the runtime below /debug/pprof/ of a loopback address. What is in memory can
// be read there, keys included, so that no other address will do.
func ServeProfiles(ctx context.Context, address string, logger *slog.Logger) (*Service, error) {
	if err := onLoopback(address); err != nil {
		return nil, err
	}
	listener, err := bind(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := boundToLoopback(listener); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return serve(ctx, listener, profiles(), logger), nil
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

// boundToLoopback refuses a listener that others could reach after all: whoever answers for names may say anything of
// localhost.
func boundToLoopback(listener net.Listener) error {
	if bound, ok := listener.Addr().(*net.TCPAddr); ok && bound.IP.IsLoopback() {
		return nil
	}
	return onLoopback(listener.Addr().String())
}

func bind(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err == nil {
		return listener, nil
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		err = failed.Err // the rest of it names the address once more
	}
	return nil, fmt.Errorf("listen on %s: %w; name another address, or port 0 for any that is free", address, err)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger) *Service {
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
	return s
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
