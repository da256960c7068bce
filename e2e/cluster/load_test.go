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

// callsOf is how many calls a run makes: make cluster says so, and go test ./... makes a tenth.
func callsOf(t *testing.T) int {
	t.Helper()
	text := os.Getenv("CLUSTER_CALLS")
	if text == "" {
		return 2_000
	}
	calls, err := strconv.Atoi(text)
	if err != nil || calls < 1 {
		t.Fatalf("CLUSTER_CALLS is %q", text)
	}
	return calls
}

// TestReplicasAreKilledInTurn reads and pays from 64 clients of both eras through the load balancer while one replica after
// the other is killed, by turns without warning and with, and started again.
func TestReplicasAreKilledInTurn(t *testing.T) {
	for _, run := range []struct {
		name    string
		flags   []string
		share   int // of the calls
		keyOnly bool
	}{
		{name: "handles", flags: []string{"--confirm", "auto"}, share: 1},
		{name: "keys", flags: []string{"--confirm", "off"}, share: 4, keyOnly: true},
	} {
		t.Run(run.name, func(t *testing.T) {
			c := newCluster(t, append(run.flags, "--max-spend-per-call", "1000", "--max-spend-per-day", "100000")...)
			w := &work{tally: newTally(), keyOnly: run.keyOnly}
			var untouched string
			w.tokens, untouched = c.tokenIDs(t)
			teacher := newCaller(c.front+"/mcp", modern, newTally())
			defer teacher.close()
			w.learnReads(t, teacher, untouched)
			kills := c.load(t, w, callsOf(t)/run.share)
			t.Logf("%d replicas were killed and started again: %d SIGKILL, %d SIGTERM", kills.total(), kills.hard, kills.soft)
			for i := range c.running {
				if err := c.running[i].end(syscall.SIGTERM); err != nil {
					t.Errorf("replica %d: %v\n%s", i, err, tail(c.running[i].log))
				}
			}
			c.stopPlatform(t)
			c.check(t, w)
		})
	}
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
