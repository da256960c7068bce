package client

import (
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

// newTransport builds the HTTP transport. Proxies and certificate authorities follow the standard environment
// (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE).
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           counted((&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext),
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          maxIdleConnections,
		MaxIdleConnsPerHost:   maxIdleConnections,
		IdleConnTimeout:       idleConnectionTimeout,
		TLSHandshakeTimeout:   tlsHandshakeTimeout,
		ExpectContinueTimeout: time.Second,
	}
}
