//go:build unix

package consent

import (
	"bytes"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

// wire is a connection to PostgreSQL by way of a network that loses the answer to a commit when it is told to.
type wire struct {
	place string
	// loses has the next commit done and its answer lost; down ends new connections.
	loses, down atomic.Bool
}

func newWire(t *testing.T) *wire {
	t.Helper()
	address, err := url.Parse(newPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{place: "postgres://postgres@" + listener.Addr().String() + address.Path + "?sslmode=disable"}
	socket := address.Query().Get("host") + "/.s.PGSQL.5432"
	var all sync.WaitGroup
	all.Go(func() {
		for {
			accepted, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(accepted, socket) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	return w
}

// carry passes on what both sides say, until one of them ends or an answer is to be lost.
func (w *wire) carry(accepted net.Conn, socket string) {
	defer accepted.Close()
	server, err := net.Dial("unix", socket)
	if err != nil || w.down.Load() {
		return
	}
	defer server.Close()
	answered := make(chan struct{})
	var lost atomic.Bool
	go func() {
		defer close(answered)
		defer accepted.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if err != nil || lost.Load() {
				return
			}
			if _, err := accepted.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := accepted.Read(buffer)
		if bytes.Contains(bytes.ToLower(buffer[:n]), []byte("commit\x00")) && w.loses.CompareAndSwap(true, false) {
			lost.Store(true)
		}
		if _, failed := server.Write(buffer[:n]); err != nil || failed != nil {
			break
		}
	}
	_ = server.Close()
	<-answered
}

// TestACommitThatIsNotHeardOf has the claim in the journal although its commit failed: what was not sent must not be in the
// way of the same call, nor count.
func TestACommitThatIsNotHeardOf(t *testing.T) {
	for name, asked := range map[string]bool{"with a handle": true, "without": false} {
		for when, down := range map[string]bool{"taken back at once": false, "with the next call": true} {
			t.Run(name+", "+when, func(t *testing.T) {
				w := newWire(t)
				b := newBench(t, w.place, func(o *Options) {
					if !asked {
						o.Mode = ModeOff
					}
				})
				call := keyed(b.call("0.5"), "order-1")
				if asked {
					call.Confirmation = ask(t, b.gate, t.Context(), call).Handle
				}
				w.loses.Store(true)
				w.down.Store(down)
				_, err := b.gate.Pass(t.Context(), call)
				wantCode(t, err, tools.CodeJournalUnavailable)
				if w.loses.Load() {
					t.Fatal("no commit was seen")
				}
				w.down.Store(false)
				if down {
					b.clock.Advance(CallTimeout + leaseMargin)
					if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Unknown}) {
						t.Fatalf("%v", got)
					}
				}
				result, err := b.gate.Pass(t.Context(), call)
				if err != nil || strings.Contains(string(result.Structured), "replayed") {
					t.Fatalf("%s %v", result.Structured, err)
				}
				wantCommits(t, b, 1)
				if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Succeeded}) {
					t.Fatalf("%v", got)
				}
			})
		}
	}
}

// TestATakenBackClaimIsThatOne takes back a claim whose handle another claim of the same server has used meanwhile.
func TestATakenBackClaimIsThatOne(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		pay(t, b.gate, b.call("0.5"))
		entries, err := b.gate.Entries(t.Context(), Query{})
		if err != nil || len(entries) != 1 {
			t.Fatalf("%+v %v", entries, err)
		}
		other := b.gate.self.instance + "/" + newID()
		for _, ends := range []doubt{{}, {handleEnds: b.clock.Now()}} {
			ends.claimed = claim{ID: entries[0].ID, Caller: entries[0].Caller, Instance: other}
			if err := b.gate.journal.takeBack(t.Context(), ends); err != nil {
				t.Fatal(err)
			}
		}
		if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Succeeded}) {
			t.Fatalf("%v", got)
		}
	})
}
