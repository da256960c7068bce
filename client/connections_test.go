package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// memoryNetwork is a network on a fake clock, on which it takes a while to connect.
type memoryNetwork struct {
	accepted chan net.Conn
	closed   chan struct{}
	dialed   atomic.Int32
	takes    time.Duration
}

func (n *memoryNetwork) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	n.dialed.Add(1)
	select {
	case <-time.After(n.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ours, theirs := net.Pipe()
	n.accepted <- theirs
	return ours, nil
}

func (n *memoryNetwork) Accept() (net.Conn, error) {
	select {
	case conn := <-n.accepted:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *memoryNetwork) Close() error {
	close(n.closed)
	return nil
}

func (n *memoryNetwork) Addr() net.Addr { return &net.TCPAddr{} }

// onMemoryNetwork serves a platform on a fake clock, and gives a client of it.
func onMemoryNetwork(t *testing.T, handler http.HandlerFunc, check func(*testing.T, *memoryNetwork, *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := &memoryNetwork{accepted: make(chan net.Conn), closed: make(chan struct{}), takes: 10 * time.Millisecond}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(network) }()
		transport := newTransport(nil)
		transport.DialContext = counted(network.dial)
		c, err := New(WithAPIKey("k"), WithBaseURL("http://127.0.0.1:1"), WithTransport(transport))
		if err != nil {
			t.Fatal(err)
		}
		check(t, network, c)
		transport.CloseIdleConnections()
		_ = server.Close()
		synctest.Wait()
		if n := c.upstream.connections.calls; n != 0 {
			t.Errorf("%d calls are still counted", n)
		}
		for address, n := range c.upstream.connections.open {
			if n != 0 {
				t.Errorf("%d connections to %s are still counted", n, address)
			}
		}
	})
}

func answerList(w http.ResponseWriter, _ *http.Request) {
	time.Sleep(time.Millisecond)
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"agents":[]}`)
}

// inFlight makes calls, so many at a time, until each place has made its share.
func inFlight(t *testing.T, c *Client, places, each int) {
	t.Helper()
	var running sync.WaitGroup
	for range places {
		running.Go(func() {
			for range each {
				if err := read(t.Context(), c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
}

// TestABurstOpensNoMoreConnectionsThanItHasCalls lets one connection serve many calls while others are being dialed for
// them.
func TestABurstOpensNoMoreConnectionsThanItHasCalls(t *testing.T) {
	t.Parallel()
	const places = 32
	onMemoryNetwork(t, answerList, func(t *testing.T, network *memoryNetwork, c *Client) {
		inFlight(t, c, 1, 3)
		if got := network.dialed.Load(); got != 1 {
			t.Errorf("%d connections for one call after another", got)
		}
		inFlight(t, c, places, 20)
		opened := network.dialed.Load()
		if opened > places {
			t.Errorf("%d connections for %d calls in flight", opened, places)
		}
		inFlight(t, c, places, 20)
		if further := network.dialed.Load() - opened; further != 0 {
			t.Errorf("%d further connections in a steady run", further)
		}
	})
}

// TestAnOpenStreamHasItsConnection makes a call while a stream is read, which no other connection is left for.
func TestAnOpenStreamHasItsConnection(t *testing.T) {
	t.Parallel()
	onMemoryNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			answerList(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(time.Second)
		_, _ = io.WriteString(w, "data: [DONE]\n\n")
	}, func(t *testing.T, network *memoryNetwork, c *Client) {
		for _, err := range c.Agents.ChatStream(t.Context(), "a", ChatParams{Messages: []ChatMessage{{Role: "user", Content: "b"}}}) {
			if err != nil {
				t.Error(err)
			}
			if network.dialed.Load() > 1 {
				continue
			}
			began := time.Now()
			inFlight(t, c, 1, 1)
			if took := time.Since(began); took >= dialPatience {
				t.Errorf("the call waited %v for the stream's connection", took)
			}
		}
		inFlight(t, c, 2, 2)
		if got := network.dialed.Load(); got != 2 {
			t.Errorf("%d connections for a stream and a call", got)
		}
	})
}

// TestACallThatLeavesGivesUpItsDial cancels calls that wait for a connection.
func TestACallThatLeavesGivesUpItsDial(t *testing.T) {
	t.Parallel()
	onMemoryNetwork(t, answerList, func(t *testing.T, network *memoryNetwork, c *Client) {
		network.takes = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 4 {
			if err := read(ctx, c); !errors.Is(err, ErrTimeout) {
				t.Error(err)
			}
		}
		synctest.Wait()
		network.takes = time.Millisecond
		inFlight(t, c, 2, 2)
	})
}

// TestADialThatIsMiscountedIsOnlyLate plants connections that nobody can use.
func TestADialThatIsMiscountedIsOnlyLate(t *testing.T) {
	t.Parallel()
	onMemoryNetwork(t, answerList, func(t *testing.T, _ *memoryNetwork, c *Client) {
		const address = "127.0.0.1:1"
		c.upstream.connections.open = map[string]int{address: 3}
		c.upstream.connections.enter() // another call, whose connection could become free
		defer c.upstream.connections.leave()
		began := time.Now()
		inFlight(t, c, 1, 2)
		if took := time.Since(began); took < dialPatience || took > 2*dialPatience {
			t.Errorf("it took %v", took)
		}
		c.upstream.connections.change(func() { c.upstream.connections.open[address] -= 3 })
	})
}

// TestACallThatIsAloneDialsAtOnce plants a connection that takes no more calls, as one does whose server said goodbye.
func TestACallThatIsAloneDialsAtOnce(t *testing.T) {
	t.Parallel()
	onMemoryNetwork(t, answerList, func(t *testing.T, _ *memoryNetwork, c *Client) {
		const address = "127.0.0.1:1"
		c.upstream.connections.open = map[string]int{address: 1}
		began := time.Now()
		inFlight(t, c, 1, 1)
		if took := time.Since(began); took >= dialPatience {
			t.Errorf("it took %v", took)
		}
		c.upstream.connections.release(address)
	})
}

// TestAConnectionThatIsClosedIsReplaced has the platform close each after its answer.
func TestAConnectionThatIsClosedIsReplaced(t *testing.T) {
	t.Parallel()
	onMemoryNetwork(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		answerList(w, r)
	}, func(t *testing.T, network *memoryNetwork, c *Client) {
		inFlight(t, c, 2, 3)
		if got := network.dialed.Load(); got != 6 {
			t.Errorf("%d connections", got)
		}
	})
}

// TestASteadyRunOpensNothing counts at a real listener, whose first 32 answers wait for one another.
func TestASteadyRunOpensNothing(t *testing.T) {
	t.Parallel()
	const places, rounds = 32, 20
	var opened, arrived atomic.Int32
	together := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if arrived.Add(1) == places {
			close(together)
		}
		<-together
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"agents":[]}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c, err := New(WithAPIKey("k"), WithBaseURL(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.settings.transport.(*http.Transport).CloseIdleConnections)
	for round := range rounds {
		inFlight(t, c, places, 4)
		if got := opened.Load(); got != places {
			t.Fatalf("%d connections after round %d", got, round+1)
		}
	}
}
