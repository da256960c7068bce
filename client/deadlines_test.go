package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// TestDeadlinesEndEachAttemptInTime begins attempts in any order, of which some are over before their time.
func TestDeadlinesEndEachAttemptInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all deadlines
		random := rand.New(rand.NewPCG(1, 2))
		begin := time.Now()
		type attempt struct {
			context.Context
			release context.CancelFunc
			end     time.Time
			over    bool
		}
		var attempts []*attempt
		for range 500 {
			cause := errAttemptTimeout
			if random.IntN(2) == 0 {
				cause = context.DeadlineExceeded
			}
			a := &attempt{end: begin.Add(time.Duration(random.IntN(60_000)) * time.Millisecond)}
			a.Context, a.release = all.bound(t.Context(), a.end, cause)
			t.Cleanup(a.release)
			attempts = append(attempts, a)
			if random.IntN(10) == 0 {
				time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
			}
			if other := attempts[random.IntN(len(attempts))]; random.IntN(2) == 0 && other.Err() == nil {
				other.over = true
				other.release()
			}
		}
		for range 6100 {
			synctest.Wait()
			for _, a := range attempts {
				cause := context.Cause(a)
				timedOut := errors.Is(cause, errAttemptTimeout) || errors.Is(cause, context.DeadlineExceeded)
				if due := !time.Now().Before(a.end); !a.over && timedOut != due {
					t.Fatalf("%s after the beginning, an attempt until %s is over: %t (%v)", time.Since(begin), a.end.Sub(begin), timedOut, cause)
				}
				if a.over && timedOut {
					t.Fatal("an attempt that was over has timed out")
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		if len(all.due) != 0 || !all.fires.IsZero() {
			t.Errorf("%d attempts are still due, and the timer is set for %v", len(all.due), all.fires)
		}
	})
}

// TestDeadlinesLeaveTheTimerAlone makes attempts one after another: the timer of the first serves them all.
func TestDeadlinesLeaveTheTimerAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all deadlines
		first := time.Now().Add(30 * time.Second)
		for range 100 {
			_, release := all.bound(t.Context(), time.Now().Add(30*time.Second), errAttemptTimeout)
			time.Sleep(100 * time.Millisecond)
			if !all.fires.Equal(first) {
				t.Fatalf("the timer was set anew, for %s", all.fires)
			}
			release()
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if !all.fires.IsZero() {
			t.Errorf("the timer is set for %s", all.fires)
		}
	})
}

// TestDeadlinesOfThePastSendNothing begins an attempt a moment too late: whoever asks at once is told.
func TestDeadlinesOfThePastSendNothing(t *testing.T) {
	t.Parallel()
	var all deadlines
	for _, ago := range []time.Duration{0, time.Millisecond} {
		ctx, release := all.bound(t.Context(), time.Now().Add(-ago), context.DeadlineExceeded)
		if ctx.Err() == nil || !errors.Is(attemptError(ctx, ctx.Err()), context.DeadlineExceeded) {
			t.Errorf("%s after its end: %v", ago, ctx.Err())
		}
		release()
	}
}
