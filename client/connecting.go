package client

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// connecting follows an attempt's way to a connection, as far as its transport tells of it.
type connecting struct {
	// traced says that the transport is net/http's own, which tells; one of somebody else's may send all the same.
	traced     bool
	asked, got atomic.Bool
	// waiting says that the attempt has no connection yet, or no longer.
	waiting atomic.Bool
}

// trace begins to follow an attempt, whose transport tells of it or does not.
func (e *exchange) trace(ctx context.Context, traced bool) context.Context {
	e.traced = traced
	e.asked.Store(false)
	e.got.Store(false)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GetConn: e.getConn, GotConn: e.gotConn})
}

func (e *exchange) getConn(string) {
	e.asked.Store(true)
	e.waiting.Store(true)
}

func (e *exchange) gotConn(httptrace.GotConnInfo) {
	e.got.Store(true)
	e.waiting.Store(false)
	e.upstream.connections.change(func() {})
}

// neverSent reports whether it is proven that the platform did not act on a failed attempt: no connection was had, or
// the error says that it was the connecting that failed, or the platform itself said so.
func (c *connecting) neverSent(err error) bool {
	switch {
	case unprocessed(err):
		return true
	case c.got.Load():
		return false
	case c.traced && c.asked.Load():
		return true
	}
	if network, ok := errors.AsType[*net.OpError](err); ok && (network.Op == "dial" || network.Op == "proxyconnect") {
		return true
	}
	dns, ok := errors.AsType[*net.DNSError](err)
	return certificateProblem(err) != "" || (ok && dns.IsNotFound)
}
