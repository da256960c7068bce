package cluster

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// inFlight is how many calls are under way at a time.
const inFlight = 64

// callsOf is how many calls a run makes: make cluster says so.
func callsOf(t *testing.T) int {
	t.Helper()
	calls, err := strconv.Atoi(os.Getenv("CLUSTER_CALLS"))
	if err != nil || calls < 1 {
		t.Fatalf("CLUSTER_CALLS is %q", os.Getenv("CLUSTER_CALLS"))
	}
	return calls
}

// TestReplicasAreKilledInTurn reads and pays from 64 clients of both eras through the load balancer while one replica after
// the other is killed, by turns without warning and with, and started again. A quarter as many calls again go to replicas
// that do not ask, where the idempotency key alone tells a payment that is tried again.
func TestReplicasAreKilledInTurn(t *testing.T) {
	calls := callsOf(t)
	limits := []string{"--max-spend-per-call", "1000", "--max-spend-per-day", "100000"}
	type run struct {
		name  string
		mode  string
		calls int
		books *books
	}
	runs := []run{{name: "handles", mode: "auto", calls: calls}, {name: "keys", mode: "off", calls: calls / 4}}
	clusters := make([]*cluster, len(runs))
	for i := range runs {
		r := &runs[i]
		// Each lives until all are done: what was not made can be taken down only a minute after it was sent.
		clusters[i] = newCluster(t, append([]string{"--confirm", r.mode}, limits...)...)
		t.Run(r.name, func(t *testing.T) { r.books = clusters[i].attack(t, r.calls, r.mode == "off") })
	}
	for i := range runs {
		t.Run(runs[i].name+" reconciled", func(t *testing.T) {
			if runs[i].books == nil {
				t.Skip("the run failed")
			}
			clusters[i].reconcile(t, runs[i].books)
		})
	}
}

// attack makes the calls while replicas are killed, ends everything but the journal, and compares the books.
func (c *cluster) attack(t *testing.T, calls int, keyOnly bool) *books {
	t.Helper()
	w := &work{tally: newTally(), keyOnly: keyOnly}
	var untouched string
	w.tokens, untouched = c.tokenIDs(t)
	teacher := newCaller(c.front+"/mcp", modern, newTally())
	defer teacher.close()
	w.learnReads(t, teacher, untouched)
	killed := c.load(t, w, calls)
	t.Logf("%d replicas were killed and started again: %d SIGKILL, %d SIGTERM", killed.total(), killed.hard, killed.soft)
	for i := range c.running {
		if err := c.running[i].end(syscall.SIGTERM); err != nil {
			t.Errorf("replica %d: %v\n%s", i, err, tail(c.running[i].log))
		}
	}
	c.stopPlatform(t)
	return c.compare(t, w)
}

// load makes the calls, kills replicas until they are made, and reports.
func (c *cluster) load(t *testing.T, w *work, calls int) kills {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	rounds := (calls + w.callsOfRound() - 1) / w.callsOfRound()
	var next atomic.Int64
	var clients sync.WaitGroup
	started := time.Now()
	for i := range inFlight {
		clients.Go(func() {
			client := newCaller(c.front+"/mcp", []string{legacy, modern}[i%2], w.tally)
			defer client.close()
			for n := int(next.Add(1)) - 1; n < rounds; n = int(next.Add(1)) - 1 {
				w.round(ctx, client, n)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		clients.Wait()
	}()
	killed, err := c.killInTurn(ctx, done)
	<-done
	if err != nil {
		t.Error(err)
	}
	w.tally.report(t, time.Since(started))
	return killed
}

// kills counts how replicas were ended.
type kills struct{ hard, soft int }

func (k kills) total() int { return k.hard + k.soft }

// killPause is how long all replicas serve between two kills.
const killPause = 500 * time.Millisecond

// killInTurn ends and starts one replica after the other until the clients are done. One that is asked to end must have
// ended cleanly.
func (c *cluster) killInTurn(ctx context.Context, done <-chan struct{}) (kills, error) {
	var counted kills
	for n := 0; ; n++ {
		select {
		case <-done:
			return counted, nil
		case <-time.After(killPause):
		}
		i := n % replicas
		// With three replicas each is ended in both ways.
		if n%2 == 0 {
			_ = c.running[i].end(syscall.SIGKILL) // it reports the signal
			counted.hard++
		} else {
			if err := c.running[i].end(syscall.SIGTERM); err != nil {
				<-done
				return counted, fmt.Errorf("replica %d was asked to end: %w\n%s", i, err, tail(c.running[i].log))
			}
			counted.soft++
		}
		if err := c.startReplica(ctx, i); err != nil {
			<-done
			return counted, err
		}
	}
}
