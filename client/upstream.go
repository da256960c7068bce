package client

import (
	"net/url"
	"strings"
	"sync"
)

// upstream is what is known of one host of the platform, whoever's key was used.
type upstream struct {
	breaker     *breaker
	clock       platformClock
	connections connections
	deadlines   deadlines
}

// upstreams holds the hosts that a connection pool speaks to. Clones share it as they share the pool.
type upstreams struct {
	mu    sync.Mutex
	hosts map[string]*upstream
}

func newUpstreams() *upstreams { return &upstreams{hosts: map[string]*upstream{}} }

func (u *upstreams) of(base *url.URL) *upstream {
	u.mu.Lock()
	defer u.mu.Unlock()
	host := strings.ToLower(base.Host)
	known, ok := u.hosts[host]
	if !ok {
		known = &upstream{breaker: newBreaker()}
		u.hosts[host] = known
	}
	return known
}
