package server

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// patientFor is how long a client may hold a connection without using it.
const patientFor = 10 * time.Second

// Five hundred clients that send half a request, in every way, are all gone in time; a call beside them is answered.
func TestSlowClientsAreDisconnected(t *testing.T) {
	const head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\n"
	halves := map[string]string{
		"nothing":             "",
		"half a line":         "POST /mc",
		"half a header":       head + "Content-Ty",
		"a body":              head + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
		"a chunked body":      head + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
		"a body of no type":   head + "Content-Length: 1000\r\n\r\n{",
		"a body of no use":    "PUT /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
		"a body nowhere":      "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
		"a body from a page":  head + "Origin: https://evil.example\r\nContent-Length: 1000\r\n\r\n{",
		"a body of a probe":   "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
		"too long a body":     head + "Content-Type: application/json\r\nContent-Length: 5000000\r\n\r\n{",
		"a message to nobody": "POST /message HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
	}
	inBubble(t, func(t *testing.T, _ *fakes, run *pipeRun) {
		var held sync.WaitGroup
		for range 500/len(halves) + 1 {
			for name, half := range halves {
				conn := run.dial()
				go func() { _, _ = io.Copy(io.Discard, conn) }() // what is refused is read
				held.Go(func() {
					if _, err := io.WriteString(conn, half); err != nil {
						t.Errorf("%s: %v", name, err)
					}
					if lasted := drip(conn); lasted > patientFor {
						t.Errorf("%s: held for %v", name, lasted)
					}
				})
			}
		}
		time.Sleep(time.Second)
		if response, body := run.exchange(run.dial(), requestOf("/mcp", initializeLine)); response.StatusCode != http.StatusOK {
			t.Errorf("the call beside them: %d %s", response.StatusCode, body)
		}
		if waited := time.Since(run.started); waited > 2*time.Second {
			t.Errorf("the call beside them took %v", waited)
		}
		held.Wait()
	})
}

// A long body over a slow line is no attack, one that never ends is.
func TestSlowBodies(t *testing.T) {
	padded := initializeLine + strings.Repeat(" ", maxMessage-len(initializeLine))
	for _, test := range []struct {
		name   string
		rate   int // bytes a second
		status int
	}{
		{"64 KiB a second", 64 << 10, http.StatusOK},
		{"4 KiB a second", 4 << 10, http.StatusRequestTimeout},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, _ *fakes, run *pipeRun) {
				conn := run.dial()
				var sending sync.WaitGroup
				defer sending.Wait()
				sending.Go(func() {
					for rest := requestOf("/mcp", padded); rest != ""; {
						block := rest[:min(len(rest), test.rate)]
						if _, err := io.WriteString(conn, block); err != nil {
							return
						}
						rest = rest[len(block):]
						time.Sleep(time.Second)
					}
				})
				response, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
				if lasted := time.Since(run.started); response.StatusCode != test.status || lasted > bodyTimeout+time.Second {
					t.Errorf("status %d after %v", response.StatusCode, lasted)
				}
			})
		})
	}
}

// A client that takes neither its answer nor its stream is given up; what it waited for does not go on for nobody.
func TestClientsThatReadNothingAreDisconnected(t *testing.T) {
	for name, request := range map[string]string{
		"answer": requestOf("/mcp", initializeLine),
		"stream": "GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, _ *fakes, run *pipeRun) {
				conn := run.dial()
				if _, err := io.WriteString(conn, request); err != nil {
					t.Fatal(err)
				}
				time.Sleep(writeTimeout + time.Second)
				if rest, err := io.ReadAll(conn); err != nil || len(rest) != 0 {
					t.Errorf("it was still being written to: %q, %v", rest, err)
				}
			})
		})
	}
}

// A stream that is read lives for as long as it is wanted.
func TestStreamsOutliveTheDeadlines(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *fakes, run *pipeRun) {
		conn := run.dial()
		var pings atomic.Int32
		go func() {
			for read := bufio.NewScanner(conn); read.Scan(); {
				if strings.Contains(read.Text(), `"ping"`) {
					pings.Add(1)
				}
			}
		}()
		if _, err := io.WriteString(conn, "GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour + time.Second)
		if want := int32(time.Hour / keepAlive); pings.Load() != want {
			t.Errorf("%d pings, want %d", pings.Load(), want)
		}
		if _, err := conn.Write([]byte("x")); err != nil {
			t.Errorf("the stream has ended: %v", err)
		}
	})
}
