package client

import (
	"context"
	"net"
	"net/http"
	"time"
)

// The pool is sized for a server that has many calls in flight to one host. net/http's own two idle connections per
// host would open a new one for almost every call.
const (
	maxIdleConnections    = 128
	idleConnectionTimeout = 90 * time.Second
	dialTimeout           = 5 * time.Second
	tlsHandshakeTimeout   = 5 * time.Second
)

// wrapped dials connections that pass through wrap, unless that is nil.
func wrapped(dial dialFunc, wrap func(net.Conn) net.Conn) dialFunc {
	if wrap == nil {
		return dial
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return wrap(conn), nil
	}
}

// newTransport builds the HTTP transport. Proxies and certificate authorities follow the standard environment
// (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE).
func newTransport(wrap func(net.Conn) net.Conn) *http.Transport {
	dial := (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           counted(wrapped(dial, wrap)),
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          maxIdleConnections,
		MaxIdleConnsPerHost:   maxIdleConnections,
		IdleConnTimeout:       idleConnectionTimeout,
		TLSHandshakeTimeout:   tlsHandshakeTimeout,
		ExpectContinueTimeout: time.Second,
	}
}
