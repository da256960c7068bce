package consent

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

// silent is a database that accepts and says nothing.
func silent(t *testing.T) (place string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var accepting sync.WaitGroup
	var held []net.Conn
	accepting.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			held = append(held, connection)
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		accepting.Wait()
		for _, connection := range held {
			_ = connection.Close()
		}
	})
	return "postgres://user:secret@" + listener.Addr().String() + "/journal?sslmode=disable"
}

// TestASilentDatabaseHoldsNobody: probes and metrics end when their own time does, however many came before.
func TestASilentDatabaseHoldsNobody(t *testing.T) {
	soon, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	gate, err := Open(soon, defaults(silent(t), newClock()))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 10)
	for range cap(ended) {
		go func() { ended <- gate.Check(soon) }()
	}
	late := time.NewTimer(journalTimeout / 2)
	defer late.Stop()
	for range cap(ended) {
		select {
		case err := <-ended:
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		case <-late.C:
			t.Fatal("a check waits on")
		}
	}
	if states, err := gate.States(t.Context()); err != nil || len(states) != 0 {
		t.Errorf("%v, %v", states, err)
	}
	if err := gate.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
