package server

import (
	"container/list"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxLimited bounds the callers that limits are kept for. Beyond it the one that was heard of longest ago is
	// forgotten, which gives that one a full allowance and nobody another's.
	maxLimited = 8192
	// limitedFor is how long a caller that says nothing is remembered: long after every allowance is full again.
	limitedFor = 10 * time.Minute
	// leastBurst is how many calls may come at once however low the rate is.
	leastBurst = 5
	// burstSeconds is how many seconds' worth of calls may come at once.
	burstSeconds = 2
)

// RateLimits are how many calls a second one caller may make, by kind. Zero is no limit.
type RateLimits struct {
	// Read is for calls that change nothing, and for all messages that are no calls, such as lists.
	Read float64
	// Write is for calls that create, change or delete, or show a key.
	Write float64
	// Money is for calls that move or spend credits.
	Money float64
}

func (l RateLimits) none() bool { return l == RateLimits{} }

// rateKind is what is counted apart.
type rateKind int

const (
	rateReads rateKind = iota
	rateWrites
	rateMoney
	rateMessages
	rateKinds
)

func rateOf(needed Permission) rateKind {
	switch needed {
	case PermissionMoney:
		return rateMoney
	case PermissionRead:
		return rateReads
	default:
		return rateWrites
	}
}

// limits keep each caller to the rates. They are safe for concurrent use.
type limits struct {
	rates [rateKinds]float64
	clock clock

	mu      sync.Mutex
	callers map[string]*list.Element
	recent  *list.List // of *allowance, those heard of last in front
}

// allowance is what one caller may still do.
type allowance struct {
	caller string
	kinds  [rateKinds]*rate.Limiter
	heard  time.Time
}

// newLimits gives nil when there are none.
func newLimits(l RateLimits, c clock) *limits {
	if l.none() {
		return nil
	}
	return &limits{
		rates: [rateKinds]float64{rateReads: l.Read, rateWrites: l.Write, rateMoney: l.Money, rateMessages: l.Read},
		clock: c, callers: map[string]*list.Element{}, recent: list.New(),
	}
}

// take counts a call, or gives how long its caller has to wait for the next one. What is refused is not counted.
func (l *limits) take(caller string, kind rateKind) (wait time.Duration) {
	if l == nil || l.rates[kind] <= 0 {
		return 0
	}
	now := l.clock.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(now)
	limiter := l.of(caller, now).kinds[kind]
	reserved := limiter.ReserveN(now, 1)
	if wait = reserved.DelayFrom(now); wait > 0 {
		reserved.CancelAt(now)
	}
	return wait
}

// of gives a caller's allowance. The caller holds the lock.
func (l *limits) of(caller string, now time.Time) *allowance {
	if known, ok := l.callers[caller]; ok {
		l.recent.MoveToFront(known)
		own, _ := known.Value.(*allowance)
		own.heard = now
		return own
	}
	own := &allowance{caller: caller, heard: now}
	for kind, perSecond := range l.rates {
		burst := max(leastBurst, int(math.Ceil(burstSeconds*perSecond)))
		own.kinds[kind] = rate.NewLimiter(rate.Limit(perSecond), burst)
	}
	l.callers[caller] = l.recent.PushFront(own)
	return own
}

// forget drops callers that nobody heard of for long, and one when there are too many. The caller holds the lock.
func (l *limits) forget(now time.Time) {
	for last := l.recent.Back(); last != nil; last = l.recent.Back() {
		own, _ := last.Value.(*allowance)
		if now.Sub(own.heard) < limitedFor && l.recent.Len() < maxLimited {
			return
		}
		l.recent.Remove(last)
		delete(l.callers, own.caller)
	}
}
