package client

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// dialPatience is how long a dial waits for a connection that should become free. It is for mistakes of the count alone:
// two platforms behind one proxy share connections, for example.
const dialPatience = 250 * time.Millisecond

var errDialNotNeeded = errors.New("another connection became free")

// connections keeps the connections to a host from outnumbering the calls that were in flight at once. net/http dials for
// every call that finds none idle, and goes on when another one becomes free for that call meanwhile, so that a burst
// would leave half as many again.
type connections struct {
	mu    sync.Mutex
	calls int // in flight, open streams among them
	most  int // that were in flight at once
	// open counts connections by address, those that are being dialed among them.
	open    map[string]int
	changed chan struct{} // closed when a dial that waits has to look again; nil while none waits
}

func (c *connections) enter() { c.change(func() { c.calls++; c.most = max(c.most, c.calls) }) }
func (c *connections) leave() { c.change(func() { c.calls-- }) }

// release gives up a connection.
func (c *connections) release(address string) { c.change(func() { c.open[address]-- }) }

func (c *connections) change(apply func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	apply()
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// alone reports whether no other call is in flight, whose connection could become free.
func (c *connections) alone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls <= 1
}

// reserve waits until there may be one more connection, or says that none is needed any longer. While there are as many
// as calls, one of them is idle or about to be, since a call has one at most. A call that is alone has no use for those that
// are open, or it would have got one: an HTTP/2 server that said goodbye may keep its own open for a while.
func (c *connections) reserve(ctx context.Context, way *connecting, address string) error {
	patience := time.NewTimer(dialPatience)
	defer patience.Stop()
	for patient := !c.alone(); ; {
		changed, err := c.claim(way, address, patient)
		if changed == nil {
			return err
		}
		select {
		case <-changed:
		case <-patience.C:
			patient = false
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// claim counts a connection in, or says that none is needed, or gives what to wait for.
func (c *connections) claim(way *connecting, address string, patient bool) (<-chan struct{}, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.open[address] < c.most:
	case !way.waiting.Load():
		return nil, errDialNotNeeded
	case patient:
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		return c.changed, nil
	}
	if c.open == nil {
		c.open = map[string]int{}
	}
	c.open[address]++
	return nil, nil
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// counted dials no more connections than there were calls in flight.
func counted(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		e := exchangeFrom(ctx)
		if e == nil {
			return dial(ctx, network, address)
		}
		pool := &e.upstream.connections
		if err := pool.reserve(ctx, &e.connecting, address); err != nil {
			return nil, err
		}
		conn, err := dial(ctx, network, address)
		if err != nil {
			pool.release(address)
			return nil, err
		}
		return &countedConn{Conn: conn, closed: sync.OnceFunc(func() { pool.release(address) })}, nil
	}
}

// countedConn is a connection that is counted until it is closed.
type countedConn struct {
	net.Conn
	closed func()
}

func (c *countedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
