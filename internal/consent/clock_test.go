package consent

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/tools"
)

// lookIn opens the journal and closes it, as a probe or a command does, on a machine whose clock is ahead.
func lookIn(t *testing.T, b *bench, ahead time.Duration) {
	t.Helper()
	options := defaults(b.place, &testClock{now: b.clock.Now().Add(ahead)})
	other, err := Open(t.Context(), options)
	if err == nil {
		err = errors.Join(other.Check(t.Context()), other.Close(t.Context()))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAClockAheadErasesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		call := keyed(b.call("0.5"), "order-1")
		handle := ask(t, b.gate, t.Context(), call).Handle
		for range 2 {
			if _, err := b.gate.Pass(t.Context(), confirmed(call, handle)); err != nil {
				t.Fatal(err)
			}
			if result, err := b.gate.Pass(t.Context(), call); err != nil || !strings.Contains(string(result.Structured), `"replayed":true`) {
				t.Fatalf("%s %v", result.Structured, err)
			}
			lookIn(t, b, 2*retention)
		}
		wantCommits(t, b, 1)
	})
}

// TestALostJournalTakesNoHandle removes the call that a handle was given for, as a copy of the journal from before does, or a
// database that lost its last commits.
func TestALostJournalTakesNoHandle(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		if _, err := b.gate.journal.exec(t.Context(), "DELETE FROM robutler_calls"); err != nil {
			t.Fatal(err)
		}
		_, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle))
		wantCode(t, err, tools.CodeConfirmationInvalid)
		pay(t, b.gate, b.call("0.5"))
		wantCommits(t, b, 1)
	})
}

// TestAClockThatWasAheadBlocksOneDay spends all of a day with a clock that is ahead, which is then corrected.
func TestAClockThatWasAheadBlocksOneDay(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		const ahead = 30
		b := newBench(t, place, mode(ModeOff))
		b.clock.Advance(ahead * 24 * time.Hour)
		for i := range 10 {
			if _, err := b.gate.Pass(t.Context(), numbered(b.call("1"), i)); err != nil {
				t.Fatal(err)
			}
		}
		b.clock.Advance(-ahead * 24 * time.Hour)
		var blocked []int
		for day := range ahead + 2 {
			_, err := b.gate.Pass(t.Context(), numbered(b.call("0.1"), 100+day))
			if codeOf(err) == tools.CodeLimitExceeded {
				blocked = append(blocked, day)
			} else if err != nil {
				t.Fatal(err)
			}
			b.clock.Advance(24 * time.Hour)
		}
		if !slices.Equal(blocked, []int{ahead}) {
			t.Fatalf("blocked on days %v", blocked)
		}
	})
}

// TestACallFromTheFutureCanBeSettled has a call of a machine that is gone, whose clock was a year ahead.
func TestACallFromTheFutureCanBeSettled(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		const ahead = 365 * 24 * time.Hour
		b := newBench(t, place)
		b.clock.Advance(ahead)
		sendAndDie(t, b, keyed(b.call("0.5"), "order-1"), process{instance: "far", host: "elsewhere", pid: 1})
		b.clock.Advance(-ahead)
		_, err := b.gate.Pass(t.Context(), keyed(b.call("0.5"), "order-1"))
		wantCode(t, err, tools.CodeOutcomeUnknown)
		pending, err := b.gate.Pending(t.Context(), "")
		if err != nil || len(pending) != 1 {
			t.Fatalf("%+v %v", pending, err)
		}
		if err := b.gate.Decide(t.Context(), pending[0].ID, Rejected); err == nil || !strings.Contains(err.Error(), "only from "+pending[0].EndsAt.UTC().Format(time.RFC3339)) {
			t.Fatalf("the call may still be running: %v", err)
		}
		b.clock.Advance(CallTimeout + leaseMargin)
		if err := b.gate.Decide(t.Context(), pending[0].ID, Rejected); err != nil {
			t.Fatal(err)
		}
		if again := ask(t, b.gate, t.Context(), b.call("0.5")); !again.DuplicateOf.IsZero() {
			t.Fatal("it was settled as rejected")
		}
	})
}

// TestADuplicateFromTheFutureIsForgotten pays with a clock that is then corrected.
func TestADuplicateFromTheFutureIsForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		for ahead, isDuplicate := range map[time.Duration]bool{time.Hour: true, 48 * time.Hour: false} {
			b := newBench(t, place)
			call := b.call("0.5")
			call.Arguments = fmt.Appendf(nil, `{"ahead":%d}`, ahead)
			b.clock.Advance(ahead)
			pay(t, b.gate, call)
			b.clock.Advance(-ahead)
			if again := ask(t, b.gate, t.Context(), call); again.DuplicateOf.IsZero() == isDuplicate {
				t.Errorf("paid %v ahead: a duplicate of %v", ahead, again.DuplicateOf)
			}
		}
	})
}

// TestClocksThatDifferAcknowledgeOneDuplicateOnce has two handles that were both shown the same earlier call, which was made
// by a server whose clock is ahead.
func TestClocksThatDifferAcknowledgeOneDuplicateOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		ahead := &testClock{now: b.clock.Now().Add(20 * time.Second)}
		pay(t, b.open(t, func(o *Options) { o.Now = ahead.Now }), b.call("0.5"))
		second, third := ask(t, b.gate, t.Context(), b.call("0.5")), ask(t, b.gate, t.Context(), b.call("0.5"))
		if _, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), second.Handle)); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(time.Second)
		_, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), third.Handle))
		wantCode(t, err, tools.CodePossibleDuplicate)
		wantCommits(t, b, 2)
	})
}
