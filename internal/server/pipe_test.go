package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipeListener gives connections that live in memory, so that the clock of a bubble rules them.
type pipeListener struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accepted:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// pipeRun is a server within a bubble.
type pipeRun struct {
	t        *testing.T
	listener *pipeListener
	started  time.Time
	stop     func()
}

// inBubble runs a test against a server whose clock is the bubble's.
func inBubble(t *testing.T, test func(t *testing.T, f *fakes, run *pipeRun)) {
	t.Helper()
	inBubbleWith(t, HTTPOptions{}, test)
}

func inBubbleWith(t *testing.T, o HTTPOptions, test func(t *testing.T, f *fakes, run *pipeRun)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		s, _ := newTestServer(t, f)
		listener := &pipeListener{accepted: make(chan net.Conn), closed: make(chan struct{})}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.ServeListener(ctx, listener, o) }()
		test(t, f, &pipeRun{t: t, listener: listener, started: time.Now(), stop: stop})
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func (r *pipeRun) dial() net.Conn {
	client, server := net.Pipe()
	r.listener.accepted <- server
	r.t.Cleanup(func() { _ = client.Close() })
	return client
}

// requestOf is a POST of a message.
func requestOf(path, body string, headers ...string) string {
	lines := append([]string{"POST " + path + " HTTP/1.1", "Host: localhost", "Content-Type: application/json",
		fmt.Sprintf("Content-Length: %d", len(body))}, headers...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// exchange sends a request and gives the answer.
func (r *pipeRun) exchange(conn net.Conn, request string) (*http.Response, string) {
	r.t.Helper()
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, request)
		sent <- err
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		r.t.Fatalf("no answer: %v", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := <-sent; err != nil {
		r.t.Fatal(err)
	}
	return response, string(body)
}

// drip sends one byte a second until nobody takes them. It gives how long that went on.
func drip(conn net.Conn) time.Duration {
	began := time.Now()
	for {
		time.Sleep(time.Second)
		if _, err := conn.Write([]byte(" ")); err != nil {
			return time.Since(began)
		}
	}
}
