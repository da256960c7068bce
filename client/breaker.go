package client

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// A host that failed this often in a row within the window is asked how it is, and left alone for the pause if it fails
// there, too. One call with the default retries stays below it, so that a script that makes one call never meets the
// breaker.
const (
	breakerFailures = 5
	breakerWindow   = 30 * time.Second
	breakerBucket   = 6 * time.Second
	breakerPause    = 10 * time.Second
	// probeWait is told to a call that comes while another one tries whether the host is back.
	probeWait = time.Second
)

// What an attempt means to the breaker where it is no success.
var (
	errAttemptFailed     = errors.New("the attempt failed")
	errAttemptNotCounted = errors.New("the attempt tells nothing of the platform")
)

// breakerOpenError is why an attempt was not made.
type breakerOpenError struct{ wait time.Duration }

func (e *breakerOpenError) Error() string {
	return fmt.Sprintf("it failed %d times in a row, so that nothing is sent to it for another %.0f s",
		breakerFailures, math.Ceil(e.wait.Seconds()))
}

// breaker keeps calls from a host that fails. Calls that fail in a row make the host suspect, no more: they may all be
// for one broken thing. Its health route decides. After the pause a single read finds out whether the host is back; a
// write never does.
type breaker struct {
	circuit *gobreaker.TwoStepCircuitBreaker[struct{}]
	until   atomic.Pointer[time.Time]
	// unhealthy is when the health route failed last, unless something was answered since.
	unhealthy atomic.Pointer[time.Time]

	mu       sync.Mutex
	lastLoss time.Time
	asking   chan struct{} // closed once the health route was asked; nil while nobody asks
}

func newBreaker() *breaker {
	b := new(breaker)
	b.circuit = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests:  1,
		Interval:     breakerWindow,
		BucketPeriod: breakerBucket,
		// gobreaker waits until its timeout has passed; a caller who waits as told must not come a moment too early.
		Timeout: breakerPause - time.Nanosecond,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return counts.ConsecutiveFailures >= breakerFailures && b.isUnhealthy()
		},
		IsExcluded: func(err error) bool { return errors.Is(err, errAttemptNotCounted) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				until := time.Now().Add(breakerPause)
				b.until.Store(&until)
			}
		},
	})
	return b
}

// allow admits an attempt, and gives the function that [breaker.settle] hands its outcome to, or says why it must not be
// made. The health route is always asked: supervisors want to know how the host is, not what was thought of it a moment
// ago.
func (b *breaker) allow(o *operation) (func(error), error) {
	if o.Class != Read && b.circuit.State() != gobreaker.StateClosed {
		return nil, b.refusal()
	}
	done, err := b.circuit.Allow()
	switch {
	case err != nil && o.id == healthGet:
		return nil, nil
	case err != nil:
		return nil, b.refusal()
	}
	return done, nil
}

// settle takes the outcome of an attempt that was admitted.
func (b *breaker) settle(o *operation, done func(error), outcome error) {
	switch {
	case done == nil: // it was asked in spite of the breaker
		return
	case outcome == nil:
		b.unhealthy.Store(nil)
	case o.id == healthGet && errors.Is(outcome, errAttemptFailed):
		now := time.Now()
		b.unhealthy.Store(&now)
	}
	done(outcome)
}

func (b *breaker) isUnhealthy() bool {
	at := b.unhealthy.Load()
	return at != nil && time.Since(*at) < breakerWindow
}

// suspect reports whether calls failed so often in a row that the host may be down.
func (b *breaker) suspect() bool {
	return b.circuit.State() == gobreaker.StateClosed && b.circuit.Counts().ConsecutiveFailures >= breakerFailures
}

// clear lets one of those that come to a suspect host ask how it is, and the others wait for that.
func (b *breaker) clear(ctx context.Context, ask func(context.Context) error) {
	b.mu.Lock()
	asked := b.asking
	if asked == nil {
		b.asking = make(chan struct{})
	}
	b.mu.Unlock()
	if asked != nil {
		select {
		case <-asked:
		case <-ctx.Done():
		}
		return
	}
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		close(b.asking)
		b.asking = nil
	}()
	_ = ask(ctx) // the breaker has seen what came of it
}

func (b *breaker) refusal() error { return &breakerOpenError{wait: max(b.pause(), probeWait)} }

// pause is how long the host is still left alone, or 0.
func (b *breaker) pause() time.Duration {
	if until := b.until.Load(); until != nil && b.circuit.State() == gobreaker.StateOpen {
		return time.Until(*until)
	}
	return 0
}

// outcome says what an attempt tells of the host: any answer below 500 shows that it works; a caller that leaves, a
// file that cannot be read and a server that asks for another connection show nothing.
func (b *breaker) outcome(e *exchange, started time.Time, err error) error {
	switch {
	case err == nil && e.status < http.StatusInternalServerError, errors.Is(err, errResponseTooLarge):
		return nil
	case err == nil, errors.Is(err, errAttemptTimeout):
		return errAttemptFailed
	case e.over(), e.upload != nil && e.upload.failure() != "", e.status == 0 && unprocessed(err), b.sameLoss(started):
		return errAttemptNotCounted
	default:
		return errAttemptFailed
	}
}

// sameLoss reports whether an attempt whose connection was lost was under way at the last such loss already. One
// HTTP/2 connection carries many requests: when it breaks they all fail, and that is one failure.
func (b *breaker) sameLoss(started time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if started.Before(b.lastLoss) {
		return true
	}
	b.lastLoss = time.Now()
	return false
}

// probe asks how the host is ahead of a call: where it is suspect, and ahead of a write when the pause is over, since a
// write must not be what finds out whether the platform is back, and a caller that only writes would otherwise be refused
// for ever.
func (c *Client) probe(ctx context.Context, o *operation) {
	switch b := c.upstream.breaker; {
	case o.id == healthGet:
	case b.suspect():
		b.clear(ctx, c.Health)
	case o.Class != Read && b.circuit.State() == gobreaker.StateHalfOpen && b.circuit.Counts().Requests == 0:
		_ = c.Health(ctx) // the breaker has seen what came of it
	}
}
