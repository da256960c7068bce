//go:build !race

package rawio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// pair gives the two ends of a TCP connection, the first of which is read and written as told.
func pair(t testing.TB, alone *atomic.Bool) (ours, theirs net.Conn) {
	t.Helper()
	plain, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = plain.Close() }()
	theirs, err = (&net.Dialer{}).DialContext(t.Context(), "tcp", plain.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if ours, err = Listener(plain, alone).Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	return ours, theirs
}

func set(value bool) *atomic.Bool {
	flag := &atomic.Bool{}
	flag.Store(value)
	return flag
}

// All bytes arrive in their order, whatever the sizes are and however often the flag changes.
func TestBytesArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	sent := make([]byte, 8<<20)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(sent)
	for name, flag := range map[string]*atomic.Bool{"alone": set(true), "watched": set(false), "now and then": set(true), "never": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, theirs := pair(t, flag)
			var ends sync.WaitGroup
			defer ends.Wait()
			ends.Go(func() { // what comes is sent back
				_, _ = io.Copy(theirs, theirs)
				_ = theirs.Close()
			})
			ends.Go(func() {
				sizes := rand.New(rand.NewPCG(1, 2))
				for rest := sent; len(rest) > 0; {
					n := min(len(rest), 1+sizes.IntN(1<<(1+sizes.IntN(18))))
					if written, err := ours.Write(rest[:n]); err != nil || written != n {
						t.Errorf("wrote %d of %d: %v", written, n, err)
						return
					}
					if rest = rest[n:]; name == "now and then" {
						flag.Store(sizes.IntN(2) == 0)
					}
				}
				if err := ours.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
					t.Error(err)
				}
			})
			if got, err := io.ReadAll(ours); err != nil || !bytes.Equal(got, sent) {
				t.Errorf("got %d bytes of %d, %v", len(got), len(sent), err)
			}
		})
	}
}

func TestFailuresAreToldAsPackageNetDoes(t *testing.T) {
	t.Parallel()
	byte1 := make([]byte, 1)
	for name, test := range map[string]struct {
		prepare func(ours, theirs net.Conn)
		do      func(net.Conn) error
		is      func(error) bool
	}{
		"the end": {
			func(_, theirs net.Conn) { _ = theirs.Close() },
			func(c net.Conn) error { _, err := c.Read(byte1); return err },
			func(err error) bool { return errors.Is(err, io.EOF) },
		},
		"a read too late": {
			func(ours, _ net.Conn) { _ = ours.SetReadDeadline(time.Unix(1, 0)) },
			func(c net.Conn) error { _, err := c.Read(byte1); return err },
			isTimeout,
		},
		"a write too late": {
			func(ours, _ net.Conn) { _ = ours.SetWriteDeadline(time.Unix(1, 0)) },
			func(c net.Conn) error { _, err := c.Write(byte1); return err },
			isTimeout,
		},
		"a read of what is closed": {
			func(ours, _ net.Conn) { _ = ours.Close() },
			func(c net.Conn) error { _, err := c.Read(byte1); return err },
			func(err error) bool { return errors.Is(err, net.ErrClosed) },
		},
		"a reset": {
			func(_, theirs net.Conn) {
				_ = theirs.(*net.TCPConn).SetLinger(0)
				_ = theirs.Close()
			},
			func(c net.Conn) error { _, err := c.Read(byte1); return err },
			func(err error) bool { return errors.Is(err, syscall.ECONNRESET) },
		},
		"a write to who is gone": {
			func(_, theirs net.Conn) { _ = theirs.Close() },
			func(c net.Conn) error {
				for {
					if _, err := c.Write(byte1); err != nil {
						return err
					}
				}
			},
			func(err error) bool { return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) },
		},
		"nothing to read":  {nil, func(c net.Conn) error { _, err := c.Read(nil); return err }, func(err error) bool { return err == nil }},
		"nothing to write": {nil, func(c net.Conn) error { _, err := c.Write(nil); return err }, func(err error) bool { return err == nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told [2]error
			for i, flag := range []*atomic.Bool{set(true), set(false)} {
				ours, theirs := pair(t, flag)
				if test.prepare != nil {
					test.prepare(ours, theirs)
				}
				told[i] = test.do(ours)
				if !test.is(told[i]) {
					t.Errorf("alone %v: %v", flag.Load(), told[i])
				}
			}
			var one, other *net.OpError
			if errors.As(told[0], &one) != errors.As(told[1], &other) || one != nil && one.Op != other.Op {
				t.Errorf("%#v is told otherwise than %#v", told[0], told[1])
			}
		})
	}
}

func isTimeout(err error) bool {
	var told net.Error
	return errors.As(err, &told) && told.Timeout() && errors.Is(err, os.ErrDeadlineExceeded)
}

// Who waits is let go by a deadline that comes later, and by the end of the connection.
func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(net.Conn)
		want error
	}{
		"by a deadline":   {func(c net.Conn) { _ = c.SetReadDeadline(time.Now()) }, os.ErrDeadlineExceeded},
		"by being closed": {func(c net.Conn) { _ = c.Close() }, net.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, _ := pair(t, set(true))
			ended := make(chan error, 1)
			go func() {
				_, err := ours.Read(make([]byte, 1))
				ended <- err
			}()
			awaitReader(ours.(*conn).in)
			test.end(ours)
			if err := <-ended; !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// awaitReader waits until somebody reads.
func awaitReader(in *operation) {
	for in.mu.TryLock() {
		in.mu.Unlock()
		runtime.Gosched()
	}
}

// What is small is read and written past the scheduler while alone is set, and what is much is not.
func TestOnlySmallAndAloneGoesPastTheScheduler(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		alone     bool
		bytes     int
		in, out   int // how many system calls are made at most
		atLeastIn int
	}{
		"small":           {alone: true, bytes: 100, in: 2, out: 1, atLeastIn: 1},
		"small, watched":  {alone: false, bytes: 100},
		"much":            {alone: true, bytes: 1 << 20, in: 2, out: 0, atLeastIn: 1},
		"a little of all": {alone: true, bytes: most, in: 2, out: most / 100, atLeastIn: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, theirs := pair(t, set(test.alone))
			var in, out atomic.Int64
			count := func(o *operation, calls *atomic.Int64) {
				o.step = func(descriptor uintptr) bool {
					calls.Add(1)
					return o.call(descriptor)
				}
			}
			count(ours.(*conn).in, &in)
			count(ours.(*conn).out, &out)
			sent := make([]byte, test.bytes)
			go func() { _, _ = io.CopyN(theirs, theirs, int64(len(sent))) }()
			wrote := make(chan error, 1)
			go func() {
				_, err := ours.Write(sent)
				wrote <- err
			}()
			if _, err := io.ReadFull(struct{ io.Reader }{ours}, sent); err != nil {
				t.Fatal(err)
			}
			if err := <-wrote; err != nil {
				t.Fatal(err)
			}
			if int(in.Load()) > test.in || int(in.Load()) < test.atLeastIn || int(out.Load()) > test.out || test.out > 0 && out.Load() == 0 {
				t.Errorf("%d reads and %d writes went past the scheduler", in.Load(), out.Load())
			}
		})
	}
}

func TestOtherConnectionsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	one, other := net.Pipe()
	defer func() { _, _ = one.Close(), other.Close() }()
	if Conn(one, set(true)) != one {
		t.Error("a connection that is none of TCP is another")
	}
	tcp, _ := pair(t, nil)
	if _, ok := tcp.(*net.TCPConn); !ok {
		t.Errorf("without a flag it is a %T", tcp)
	}
	_ = tcp.Close()
	if Conn(tcp, set(true)) == nil {
		t.Error("what is closed is nothing")
	}
}

func TestPipeGivesAllAndEnds(t *testing.T) {
	t.Parallel()
	for _, flag := range []*atomic.Bool{set(true), set(false), nil} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		sent := strings.Repeat("0123456789", 100_000)
		go func() {
			_, _ = write.WriteString(sent)
			_ = write.Close()
		}()
		if got, err := io.ReadAll(Pipe(read, flag)); err != nil || string(got) != sent {
			t.Errorf("got %d bytes of %d, %v", len(got), len(sent), err)
		}
		_ = read.Close()
		if _, err := Pipe(read, flag).Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
			t.Errorf("of what is closed: %v", err)
		}
	}
}

func TestPipeThatIsClosedIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = write.Close() }()
	in := Pipe(read, set(true))
	ended := make(chan error, 1)
	go func() {
		_, err := in.Read(make([]byte, 1))
		ended <- err
	}()
	awaitReader(in.(*pipe).in)
	_ = read.Close()
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// HTTP over such connections at both ends, with TLS and without.
func TestHTTPOverThem(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*httptest.Server){"plain": (*httptest.Server).Start, "TLS": (*httptest.Server).StartTLS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alone := set(true)
			echo := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				all, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				_, _ = w.Write(all)
			}))
			echo.Listener = Listener(echo.Listener, alone)
			start(echo)
			defer echo.Close()
			asking := echo.Client()
			asking.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				plain, err := (&net.Dialer{}).DialContext(ctx, network, address)
				if err != nil {
					return nil, err
				}
				return Conn(plain, alone), nil
			}
			for _, size := range []int{0, 1, 4096, 100_000, 3 << 20} {
				sent := strings.Repeat("x", size)
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, echo.URL, strings.NewReader(sent))
				if err != nil {
					t.Fatal(err)
				}
				response, err := asking.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(response.Body)
				if err != nil || string(got) != sent || response.Body.Close() != nil {
					t.Errorf("got %d bytes of %d, %v", len(got), size, err)
				}
			}
		})
	}
}
