package client

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// meteredConn counts what is written to it.
type meteredConn struct {
	net.Conn
	written *atomic.Int64
}

func (c meteredConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	return n, err
}

func TestConnectionsPassThroughWrap(t *testing.T) {
	t.Parallel()
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"agents":[]}`)
	}))
	defer platform.Close()
	var opened, written atomic.Int64
	c, err := New(WithAPIKey("k"), WithBaseURL(platform.URL), WithConnections(func(plain net.Conn) net.Conn {
		opened.Add(1)
		return meteredConn{plain, &written}
	}))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := c.Agents.List(t.Context(), AgentListOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if opened.Load() != 1 || written.Load() < 3*int64(len("GET /api/agents HTTP/1.1")) {
		t.Errorf("%d bytes went through %d connections", written.Load(), opened.Load())
	}
	unreachable, err := New(WithAPIKey("k"), WithBaseURL("http://127.0.0.1:1"), WithMaxRetries(0), WithConnections(func(net.Conn) net.Conn {
		t.Error("a connection that was not made is wrapped")
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unreachable.Agents.List(t.Context(), AgentListOptions{}); err == nil {
		t.Error("nobody listens, and yet there is an answer")
	}
}
