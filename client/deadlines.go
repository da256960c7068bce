package client

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// deadlines end attempts whose time is up, with one timer for all of them. It is mostly set already when an attempt
// begins, and stays so when that ends: setting a timer for each wakes a thread that waits for the network, twice a call.
type deadlines struct {
	mu    sync.Mutex
	due   dueAttempts
	timer *time.Timer
	// fires is when the timer does; zero while it is not set.
	fires time.Time
}

// dueAttempt is an attempt that has to end.
type dueAttempt struct {
	end    time.Time
	cause  error
	cancel context.CancelCauseFunc
	place  int // among those that are due; -1 once it is not
}

// bound gives the context of an attempt that ends at a time for a reason. The caller calls release once the attempt is over.
func (d *deadlines) bound(ctx context.Context, end time.Time, cause error) (_ context.Context, release context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if !end.After(time.Now()) {
		cancel(cause) // before anything is sent
		return ctx, func() {}
	}
	attempt := &dueAttempt{end: end, cause: cause, cancel: cancel}
	d.add(attempt)
	return ctx, func() {
		d.remove(attempt)
		cancel(nil)
	}
}

func (d *deadlines) add(attempt *dueAttempt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	heap.Push(&d.due, attempt)
	if d.fires.IsZero() || attempt.end.Before(d.fires) {
		d.set(attempt.end)
	}
}

func (d *deadlines) remove(attempt *dueAttempt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if attempt.place >= 0 {
		heap.Remove(&d.due, attempt.place)
	}
}

// set lets the timer fire at a time. The caller holds the lock.
func (d *deadlines) set(end time.Time) {
	d.fires = end
	if d.timer == nil {
		d.timer = time.AfterFunc(time.Until(end), d.expire)
		return
	}
	d.timer.Reset(time.Until(end))
}

// expire ends the attempts whose time is up and sets the timer for the next.
func (d *deadlines) expire() {
	for _, attempt := range d.expired(time.Now()) {
		attempt.cancel(attempt.cause)
	}
}

func (d *deadlines) expired(now time.Time) (over []*dueAttempt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.due) > 0 && !d.due[0].end.After(now) {
		attempt, _ := heap.Pop(&d.due).(*dueAttempt)
		over = append(over, attempt)
	}
	d.fires = time.Time{}
	if len(d.due) > 0 {
		d.set(d.due[0].end)
	}
	return over
}

// dueAttempts is a heap with the attempt that ends first in front.
type dueAttempts []*dueAttempt

// Len is of [heap.Interface].
func (d dueAttempts) Len() int { return len(d) }

// Less is of [heap.Interface].
func (d dueAttempts) Less(i, j int) bool { return d[i].end.Before(d[j].end) }

// Swap is of [heap.Interface].
func (d dueAttempts) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place, d[j].place = i, j
}

// Push is of [heap.Interface].
func (d *dueAttempts) Push(value any) {
	attempt, _ := value.(*dueAttempt)
	attempt.place = len(*d)
	*d = append(*d, attempt)
}

// Pop is of [heap.Interface].
func (d *dueAttempts) Pop() any {
	last := len(*d) - 1
	attempt := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	attempt.place = -1
	return attempt
}
