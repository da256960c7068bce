package server

import (
	"slices"
	"sync"
	"time"
)

const (
	// stdioWorkers is how many calls run at a time. A worker begins when there is a call for it.
	stdioWorkers = 32
	// stdioQueue is how many calls may wait for a worker.
	stdioQueue = 1000
	// stdioBurst is how many more may while the workers get on: a script that sends thousands of short calls at once is
	// served, not refused.
	stdioBurst = 15_000
	// maxQueued bounds the messages that wait, in bytes.
	maxQueued = 64 << 20
	// Those beyond the queue are refused when no worker has taken a call over as many looks, a quarter of a second apart.
	// One look would not tell a stall from a machine that has paused.
	stallLooks = 4
	lookTime   = 250 * time.Millisecond
)

// callQueue holds the calls that wait for a worker, and says so when there are too many, instead of making the messages
// behind them wait as well.
type callQueue struct {
	clock  clock
	serve  func(*request) // what workers do
	refuse func(*request) // a call that cannot wait
	// unread tells that answers wait to be read, so that it is the client who holds up the workers.
	unread func() bool

	mu      sync.Mutex
	ready   sync.Cond // there is a call, or there will be none
	waiting []*request
	bytes   int
	workers int
	idle    int  // how many workers wait for a call
	taken   int  // how many calls workers have taken
	watched bool // a goroutine watches for a stall
	closed  chan struct{}
	ended   bool
	running sync.WaitGroup
}

func newCallQueue(c clock, serve, refuse func(*request), unread func() bool) *callQueue {
	q := &callQueue{clock: c, serve: serve, refuse: refuse, unread: unread, closed: make(chan struct{})}
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
	if q.idle < len(q.waiting) && q.workers < stdioWorkers {
		q.workers++
		q.running.Go(q.work)
		return true
	}
	q.ready.Signal()
	return true
}

// work serves calls until there are no more.
func (q *callQueue) work() {
	for r := q.take(); r != nil; r = q.take() {
		if r.ctx.Err() == nil { // a call that was given up while it waited never runs
			q.serve(r)
		}
	}
}

// take waits for a call. It gives nil when there will be none.
func (q *callQueue) take() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.ended {
		q.idle++
		q.ready.Wait()
		q.idle--
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
	ticks, stop := q.clock.ticks(lookTime)
	defer stop()
	for taken, still := -1, 0; ; {
		select {
		case <-q.closed:
			return
		case <-ticks:
		}
		seen, over := q.look()
		switch {
		case over:
			return
		case seen != taken || q.unread():
			taken, still = seen, 0
		default:
			still++
		}
		if still >= stallLooks {
			for _, r := range q.overflow() {
				q.refuse(r)
			}
		}
	}
}

// look tells how many calls workers have taken, and whether no call is beyond the queue any more.
func (q *callQueue) look() (taken int, over bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.watched = len(q.waiting) > stdioQueue
	return q.taken, !q.watched
}

// overflow takes the calls beyond the queue out.
func (q *callQueue) overflow() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) <= stdioQueue {
		return nil
	}
	beyond := slices.Clone(q.waiting[stdioQueue:])
	for _, r := range beyond {
		q.bytes -= len(r.raw)
	}
	clear(q.waiting[stdioQueue:])
	q.waiting = q.waiting[:stdioQueue]
	return beyond
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
