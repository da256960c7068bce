// Package faultnet is a raw TCP server for tests: it reads HTTP requests, counts them, and then misbehaves at a chosen
// point, as a broken network or platform would.
package faultnet

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Fault is what the server does with a connection.
type Fault int

// The faults.
const (
	// CloseAtOnce closes before anything is read.
	CloseAtOnce Fault = iota
	// CloseAfterRequest reads the whole request and closes without an answer.
	CloseAfterRequest
	// ResetAfterRequest reads the whole request and resets the connection.
	ResetAfterRequest
	// TruncateBody answers 200 with half of the body that it announces.
	TruncateBody
	// Stall reads the request and never answers.
	Stall
	// Drip answers 200 and then a byte at a time, for ever.
	Drip
	// GarbageHeader answers with what is not HTTP.
	GarbageHeader
)

// Server is a misbehaving server on loopback.
type Server struct {
	// Requests counts the requests that were read whole.
	Requests atomic.Int64
	// Connections counts the connections that were accepted.
	Connections atomic.Int64

	// OnRequest, if set before the first request, sees each one.
	OnRequest func(*http.Request)

	fault    Fault
	listener net.Listener
	done     chan struct{}
	group    sync.WaitGroup
}

// Start runs a server with one fault until the test ends.
func Start(t testing.TB, fault Fault) *Server {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	s := &Server{fault: fault, listener: listener, done: make(chan struct{})}
	s.group.Go(s.accept)
	t.Cleanup(func() {
		close(s.done)
		if err := listener.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		s.group.Wait()
	})
	return s
}

// URL is the server's address.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

func (s *Server) accept() {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.Connections.Add(1)
		s.group.Go(func() { s.serve(connection) })
	}
}

func (s *Server) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	if s.fault == CloseAtOnce {
		return
	}
	request, err := http.ReadRequest(bufio.NewReader(connection))
	if err != nil {
		return
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil && !errors.Is(err, io.EOF) {
		return
	}
	s.Requests.Add(1)
	if s.OnRequest != nil {
		s.OnRequest(request)
	}
	switch s.fault {
	case CloseAtOnce, CloseAfterRequest:
	case ResetAfterRequest:
		if tcp, ok := connection.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	case TruncateBody:
		body := `{"agents":[{"id":"1","name":"half`
		_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "+
			strconv.Itoa(2*len(body))+"\r\n\r\n"+body)
	case Stall:
		<-s.done
	case Drip:
		_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
		s.drip(connection)
	case GarbageHeader:
		_, _ = io.WriteString(connection, "\x00\x01 not http\r\n\r\n")
	}
}

// drip writes until the client leaves or the test ends.
func (s *Server) drip(connection net.Conn) {
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-pace.C:
			if _, err := io.WriteString(connection, " "); err != nil {
				return
			}
		}
	}
}
