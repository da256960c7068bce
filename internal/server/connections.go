package server

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// maxConnections bounds the open connections: with the streams of as many clients as are served, some tens of
// megabytes.
const maxConnections = 4096

// connections bounds the connections of a server. When there are too many, the one that has waited longest for its
// first request makes room, then the one that has waited longest for a further one: whoever opens connections without
// using them loses those, and nobody else waits. A new one is only turned away when requests run on all others.
type connections struct {
	most int

	mu   sync.Mutex
	open map[net.Conn]*seat
	// fresh are the connections that have had no request, used the others, those that wait longest in front. One on which a
	// request runs keeps its place, so that it need not be made anew for each.
	fresh, used *list.List
}

// seat is the place of a connection.
type seat struct {
	queue   *list.List
	element *list.Element
	busy    bool // a request runs on it
}

func newConnections(most int) *connections {
	return &connections{most: most, open: map[net.Conn]*seat{}, fresh: list.New(), used: list.New()}
}

// connState gives what follows the connections of a server, for [http.Server.ConnState].
func (s *Server) connState() func(net.Conn, http.ConnState) {
	seats := newConnections(maxConnections)
	return func(conn net.Conn, state http.ConnState) {
		seats.changed(conn, state)
		if state == http.StateIdle || state == http.StateClosed {
			s.answered()
		}
	}
}

// changed follows the life of a connection, for [http.Server.ConnState].
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew {
		c.admit(conn)
		return
	}
	known, ok := c.open[conn]
	if !ok {
		return // it was closed to make room
	}
	switch state {
	case http.StateActive:
		known.busy = true
		if known.queue == c.fresh {
			known.leave()
			known.wait(c.used, conn)
		}
	case http.StateIdle:
		known.busy = false
		known.queue.MoveToBack(known.element)
	case http.StateHijacked, http.StateClosed:
		known.leave()
		delete(c.open, conn)
	default:
	}
}

// admit takes a connection in, if need be for another. The caller holds the lock.
func (c *connections) admit(conn net.Conn) {
	if len(c.open) >= c.most && !c.evict() {
		disconnect(conn)
		return
	}
	entered := &seat{}
	entered.wait(c.fresh, conn)
	c.open[conn] = entered
}

// evict closes a connection on which no request runs. It reports whether there was one. The caller holds the lock.
func (c *connections) evict() bool {
	for _, queue := range []*list.List{c.fresh, c.used} {
		for place := queue.Front(); place != nil; place = place.Next() {
			conn, _ := place.Value.(net.Conn)
			if c.open[conn].busy {
				continue
			}
			queue.Remove(place)
			delete(c.open, conn)
			disconnect(conn)
			return true
		}
	}
	return false
}

func (p *seat) wait(queue *list.List, conn net.Conn) {
	p.queue, p.element = queue, queue.PushBack(conn)
}

func (p *seat) leave() { p.queue.Remove(p.element) }

// disconnect closes a connection without waiting for its other end, as TLS would.
func disconnect(conn net.Conn) {
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secured.NetConn()
	}
	_ = conn.Close() // net/http sees it fail, too
}
