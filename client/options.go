package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The client's defaults.
const (
	DefaultTimeout    = 30 * time.Second
	DefaultMaxRetries = 3
	maxRetriesBound   = 10
)

// Option sets up a [Client].
type Option func(*settings) error

type settings struct {
	key            KeySource
	baseURL        string
	allowPlainHTTP bool
	transport      http.RoundTripper
	wrap           func(net.Conn) net.Conn
	upstreams      *upstreams
	timeout        time.Duration
	maxRetries     int
	userAgent      string
	logger         *slog.Logger
	observer       Observer
	// jitter gives a number in [0,1); tests replace it.
	jitter func() float64
}

// WithAPIKey uses one key for every call, instead of the environment's.
func WithAPIKey(key string) Option {
	return func(s *settings) error {
		checked, err := checkKey(key)
		if err != nil {
			return fmt.Errorf("use API key: %w", err)
		}
		s.key = func(context.Context) (string, error) { return checked, nil }
		return nil
	}
}

// WithKeySource asks source for the key of each call, instead of the environment.
func WithKeySource(source KeySource) Option {
	return func(s *settings) error {
		if source == nil {
			return errors.New("use key source: it is nil")
		}
		s.key = source
		return nil
	}
}

// WithBaseURL sets the platform's address, for example https://robutler.ai, instead of the environment's. It must be
// https unless the host is this machine: see [WithPlainHTTP].
func WithBaseURL(address string) Option {
	return func(s *settings) error {
		s.baseURL = address
		return nil
	}
}

// WithPlainHTTP allows a base URL with the scheme http that is not loopback. The API key then crosses the network in
// the clear; it is meant for a cluster's own address.
func WithPlainHTTP() Option {
	return func(s *settings) error {
		s.allowPlainHTTP = true
		return nil
	}
}

// WithTransport replaces the HTTP transport, and with it proxies, certificate authorities and the connection pool. Of one
// that is not an [http.Transport] it is not known whether it sent anything, so that fewer failed writes are repeated.
func WithTransport(transport http.RoundTripper) Option {
	return func(s *settings) error {
		if transport == nil {
			return errors.New("use HTTP transport: it is nil")
		}
		s.transport, s.upstreams = transport, nil
		return nil
	}
}

// WithConnections has each new connection to the platform, or to its proxy, pass through wrap, for example to count what is
// sent. What it gives is never nil, and TLS is spoken through it. It does nothing where [WithTransport] replaces the connections.
func WithConnections(wrap func(net.Conn) net.Conn) Option {
	return func(s *settings) error {
		if wrap == nil {
			return errors.New("use connections: wrap is nil")
		}
		s.wrap = wrap
		return nil
	}
}

// WithTimeout bounds one attempt of a call, its answer's body included. The default is 30 s. A whole call, its
// retries included, takes at most half as long again.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) error {
		if timeout <= 0 {
			return fmt.Errorf("%w: the timeout must be positive", ErrInvalidArgument)
		}
		s.timeout = timeout
		return nil
	}
}

// WithMaxRetries bounds how often a call that may be retried is sent again: 0 to 10, 3 by default.
func WithMaxRetries(retries int) Option {
	return func(s *settings) error {
		if retries < 0 || retries > maxRetriesBound {
			return fmt.Errorf("%w: the retries must be between 0 and %d", ErrInvalidArgument, maxRetriesBound)
		}
		s.maxRetries = retries
		return nil
	}
}

// WithUserAgent sets the User-Agent header, robutler-go by default.
func WithUserAgent(agent string) Option {
	return func(s *settings) error {
		s.userAgent = agent
		return nil
	}
}

// WithLogger logs each call at debug level: operation, route, status and duration, never keys or bodies. By default
// nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) error {
		if logger == nil {
			return errors.New("use logger: it is nil")
		}
		s.logger = logger
		return nil
	}
}
