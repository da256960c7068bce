package server

import (
	"slices"
	"sync"
	"time"
)

const (
	stdioWorkers = 32
	// stdioQueue is how many calls may wait for a worker.
	stdioQueue = 1000
	// stdioBurst is how many more may while the workers get on: a script that sends thousands of short calls at once is
	// served, not refused.
	stdioBurst = 15_000
	// maxQueued bounds the messages that wait, in bytes.
	maxQueued = 64 << 20
	// stallTime is how long no worker may take a call before those beyond the queue are refused.
	stallTime = 200 * time.Millisecond
)

// callQueue holds the calls that wait for a worker, and says so when there are too many, instead of making the messages
// behind them wait as well.
type callQueue struct {
	clock  clock
	refuse func(*request) // a call that cannot wait
	// unread tells that answers wait to be read, so that it is the client who holds up the workers.
	unread func() bool

	mu      sync.Mutex
	ready   sync.Cond // there is a call, or there will be none
	waiting []*request
	bytes   int
	taken   int  // how many calls workers have taken
	watched bool // a goroutine watches for a stall
	closed  chan struct{}
	ended   bool
	running sync.WaitGroup
}

func newCallQueue(c clock, refuse func(*request), unread func() bool) *callQueue {
	q := &callQueue{clock: c, refuse: refuse, unread: unread, closed: make(chan struct{})}
	q.ready.L = &q.mu
	return q
}

// put adds a call. It reports false when the call cannot wait.
func (q *callQueue) put(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended || len(q.waiting) >= stdioQueue+stdioBurst || q.bytes+len(r.raw) > maxQueued {
		return false
	}
	q.waiting = append(q.waiting, r)
	q.bytes += len(r.raw)
	if len(q.waiting) > stdioQueue && !q.watched {
		q.watched = true
		q.running.Go(q.watch)
	}
	q.ready.Signal()
	return true
}

// take waits for a call. It gives nil when there will be none.
func (q *callQueue) take() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.ended {
		q.ready.Wait()
	}
	if q.ended {
		return nil
	}
	next := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	q.bytes -= len(next.raw)
	q.taken++
	return next
}

// drop takes a call out that was given up before a worker took it.
func (q *callQueue) drop(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, r); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.bytes -= len(r.raw)
	}
}

// watch refuses the calls beyond the queue once no worker has taken any for a while. It ends with them.
func (q *callQueue) watch() {
	ticks, stop := q.clock.ticks(stallTime)
	defer stop()
	for last := -1; ; {
		select {
		case <-q.closed:
			return
		case <-ticks:
		}
		taken, overflow, over := q.stalled(last)
		for _, r := range overflow {
			q.refuse(r)
		}
		if over {
			return
		}
		last = taken
	}
}

// stalled gives the calls beyond the queue if no worker has taken one since the count was what it was, and whether there
// are no such calls any more.
func (q *callQueue) stalled(last int) (taken int, overflow []*request, over bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > stdioQueue && q.taken == last && !q.unread() {
		overflow = slices.Clone(q.waiting[stdioQueue:])
		for _, r := range overflow {
			q.bytes -= len(r.raw)
		}
		clear(q.waiting[stdioQueue:])
		q.waiting = q.waiting[:stdioQueue]
	}
	q.watched = len(q.waiting) > stdioQueue
	return q.taken, overflow, !q.watched
}

// close gives no further calls out. It gives those that were still waiting.
func (q *callQueue) close() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.ended {
		q.ended = true
		close(q.closed)
	}
	waiting := q.waiting
	q.waiting, q.bytes = nil, 0
	q.ready.Broadcast()
	return waiting
}
