package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// acceptedFor is how long a caller counts as known to the platform, which judges each of their calls all the same.
	acceptedFor = 10 * time.Minute
	// refusedFor is how long the platform is not asked again about a caller that it does not know.
	refusedFor = 30 * time.Second
	// asksPerSecond and askBurst bound how often the platform is asked about callers, for all of them together: bearers can
	// be made up without end.
	asksPerSecond = 10
	askBurst      = 50
	// strangerMessages and strangerBurst bound, for all together as well, the messages a second of callers that the
	// platform was not asked about yet.
	strangerMessages = 50
	strangerBurst    = 200
)

// newcomers tell callers that the platform knows from those who say so. They keep names alone, no credential, and are safe
// for concurrent use.
type newcomers struct {
	clock clock

	mu       sync.Mutex
	asks     *rate.Limiter
	messages *rate.Limiter
	accepted *recall[struct{}]
	refused  *recall[*Refusal]
	asking   map[string]*inquiry
}

// inquiry is a question about a caller, whose answer all of their requests wait for.
type inquiry struct {
	answered chan struct{}
	err      error
}

func newNewcomers(c clock) *newcomers {
	return &newcomers{
		clock: c, asking: map[string]*inquiry{},
		asks: rate.NewLimiter(asksPerSecond, askBurst), messages: rate.NewLimiter(strangerMessages, strangerBurst),
		accepted: newRecall[struct{}](acceptedFor), refused: newRecall[*Refusal](refusedFor),
	}
}

// meet finds out whether the platform knows a caller, unless that is proven or known. The error is a *[Refusal], or says
// that it cannot be found out; a wait says that it was asked too often about too many.
func (n *newcomers) meet(ctx context.Context, who *Principal) (wait time.Duration, err error) {
	if who == nil || who.Verify == nil {
		return 0, nil
	}
	n.mu.Lock()
	now := n.clock.now()
	if _, ok := n.accepted.get(who.ID, now); ok {
		n.mu.Unlock()
		return 0, nil
	}
	if refusal, ok := n.refused.get(who.ID, now); ok {
		n.mu.Unlock()
		return 0, refusal
	}
	asked, ok := n.asking[who.ID]
	if ok {
		n.mu.Unlock()
		select {
		case <-asked.answered:
			return 0, asked.err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	if wait := reserve(n.asks, now); wait > 0 {
		n.mu.Unlock()
		return wait, nil
	}
	asked = &inquiry{answered: make(chan struct{}), err: errors.New("the question about the caller has not ended")}
	n.asking[who.ID] = asked
	n.mu.Unlock()
	n.ask(ctx, who, asked)
	return 0, asked.err
}

// ask asks about a caller. Nobody's leaving ends it: others wait for the answer, too.
func (n *newcomers) ask(ctx context.Context, who *Principal, asked *inquiry) {
	defer func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if asked.err == nil {
			n.accepted.put(who.ID, struct{}{}, n.clock.now())
		}
		if refusal, ok := errors.AsType[*Refusal](asked.err); ok {
			n.refused.put(who.ID, refusal, n.clock.now())
		}
		delete(n.asking, who.ID)
		close(asked.answered)
	}()
	asked.err = who.Verify(context.WithoutCancel(ctx))
}

// forget has the platform asked again about a caller whose key it refused in a call.
func (n *newcomers) forget(caller string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.accepted.drop(caller)
}

// take counts a message of a caller that is not known to the platform, and gives how long to wait where there are too
// many, or the refusal of one that it does not know. Known says that the caller's own limits count.
func (n *newcomers) take(who *Principal) (known bool, wait time.Duration, refusal *Refusal) {
	if who == nil || who.Verify == nil {
		return true, 0, nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock.now()
	if _, ok := n.accepted.get(who.ID, now); ok {
		return true, 0, nil
	}
	if refusal, ok := n.refused.get(who.ID, now); ok {
		return false, 0, refusal
	}
	return false, reserve(n.messages, now), nil
}

// reserve takes one from a limiter, or gives how long to wait for it. What is refused is not counted.
func reserve(from *rate.Limiter, now time.Time) (wait time.Duration) {
	reserved := from.ReserveN(now, 1)
	if wait = reserved.DelayFrom(now); wait > 0 {
		reserved.CancelAt(now)
	}
	return wait
}
