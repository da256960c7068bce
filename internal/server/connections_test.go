package server

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"
)

// tracked are connections whose ends a test can tell apart.
type tracked struct {
	*connections
	ends map[string]net.Conn // of the client
	own  map[string]net.Conn // of the server
}

func track(t *testing.T, most int) *tracked {
	t.Helper()
	return &tracked{connections: newConnections(most), ends: map[string]net.Conn{}, own: map[string]net.Conn{}}
}

func (c *tracked) enter(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		client, server := net.Pipe()
		t.Cleanup(func() { _, _ = client.Close(), server.Close() })
		c.ends[name], c.own[name] = client, server
		c.changed(server, http.StateNew)
	}
}

// closed gives the names of the connections that were closed.
func (c *tracked) closed() []string {
	var names []string
	for name, end := range c.own {
		if err := end.SetDeadline(time.Time{}); errors.Is(err, io.ErrClosedPipe) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Who waits longest makes room: for a first request before a further one, and never while a request runs.
func TestConnectionsMakeRoom(t *testing.T) {
	c := track(t, 3)
	c.enter(t, "a", "b", "c")
	c.changed(c.own["a"], http.StateActive)
	c.changed(c.own["a"], http.StateIdle)
	c.changed(c.own["b"], http.StateActive)
	for _, step := range []struct {
		enters string
		closed []string
	}{
		{"d", []string{"c"}},
		{"e", []string{"c", "d"}},
	} {
		c.enter(t, step.enters)
		if got := c.closed(); !slices.Equal(got, step.closed) {
			t.Errorf("%s entered: closed are %v", step.enters, got)
		}
	}
	c.changed(c.own["e"], http.StateActive)
	c.enter(t, "f")
	c.changed(c.own["f"], http.StateActive)
	c.enter(t, "g") // requests run on all others
	if got, want := c.closed(), []string{"a", "c", "d", "g"}; !slices.Equal(got, want) {
		t.Errorf("closed are %v, want %v", got, want)
	}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		c.changed(c.own[name], http.StateIdle)
		c.changed(c.own[name], http.StateClosed)
	}
	if len(c.open) != 0 || c.fresh.Len() != 0 || c.used.Len() != 0 {
		t.Errorf("left behind: %d open, %d fresh, %d used", len(c.open), c.fresh.Len(), c.used.Len())
	}
}

// More slow clients than connections keep nobody out.
func TestSlowClientsBeyondTheBoundKeepNobodyOut(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *fakes, run *pipeRun) {
		for range maxConnections + 10 {
			run.dial()
		}
		if response, body := run.exchange(run.dial(), requestOf("/mcp", initializeLine)); response.StatusCode != http.StatusOK {
			t.Errorf("%d %s", response.StatusCode, body)
		}
	})
}
