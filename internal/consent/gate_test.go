package consent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

func TestMoneyNeedsTwoCallsAndIsMadeOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		asked := ask(t, b.gate, t.Context(), b.call("0.5"))
		wantCommits(t, b, 0)
		if asked.Would == "" || !asked.DuplicateOf.IsZero() || !asked.ExpiresAt.Equal(b.clock.Now().Add(5*time.Minute)) {
			t.Fatalf("%+v", asked)
		}
		if len(asked.Handle) > 100 || strings.ContainsAny(asked.Handle, " .+/=") {
			t.Fatalf("handle %q is not one short word", asked.Handle)
		}
		first, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), asked.Handle))
		if err != nil || string(first.Structured) != `{"paid":"0.5"}` {
			t.Fatalf("%s %v", first.Structured, err)
		}
		b.clock.Advance(time.Hour) // the handle ended, but the client may have lost the answer
		again, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), asked.Handle))
		if err != nil || string(again.Structured) != `{"paid":"0.5","replayed":true}` || again.RequestID != "req-1" {
			t.Fatalf("%s %v", again.Structured, err)
		}
		wantCommits(t, b, 1)
	})
}

func TestModesAndClasses(t *testing.T) {
	asks := map[Mode][]client.Class{
		ModeAuto:   {client.Delete, client.Secret, client.Money},
		ModeAlways: {client.Update, client.Create, client.Delete, client.Secret, client.Money},
		ModeOff:    {},
	}
	for m, classes := range asks {
		for class := client.Read; class <= client.Money; class++ {
			b := newBench(t, MemoryJournal, mode(m))
			result, err := b.gate.Pass(t.Context(), classed(b.call("0.5"), class))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := result.Pending != nil, slices.Contains(classes, class); got != want {
				t.Errorf("mode %s, class %s: asked %v, want %v", m, class, got, want)
			}
			if (b.commits() == 1) == (result.Pending != nil) {
				t.Errorf("mode %s, class %s: %d commits", m, class, b.commits())
			}
		}
	}
}

func TestOffAsksAfterUntrustedText(t *testing.T) {
	for amount, want := range map[string]bool{"0.1": false, "0.100000001": true, "1": true} {
		b := newBench(t, MemoryJournal, mode(ModeOff))
		ctx := tools.WithCaller(t.Context(), tools.Caller{ID: "alice", ReadUntrusted: true})
		result, err := b.gate.Pass(ctx, b.call(amount))
		if err != nil || (result.Pending != nil) != want {
			t.Errorf("amount %s: asked %v, want %v (%v)", amount, result.Pending != nil, want, err)
		}
	}
	b := newBench(t, MemoryJournal, mode(ModeOff))
	call := b.call("0.01")
	call.Preview = func(context.Context) (tools.Preview, error) { return tools.Preview{Would: "pay"}, nil }
	ask(t, b.gate, tools.WithCaller(t.Context(), tools.Caller{ReadUntrusted: true}), call) // nobody knows the amount
	ask(t, b.gate, t.Context(), call)                                                      // nor does a limit
}

// TestOffCountsSmallParts asks before small payments have come to what one would be asked for.
func TestOffCountsSmallParts(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place, mode(ModeOff))
		ctx := tools.WithCaller(t.Context(), tools.Caller{ID: "alice", ReadUntrusted: true})
		for i, want := range []bool{false, false, true, true} {
			call := b.call("0.0" + string(rune('4'+i))) // each another effect
			if i < 2 {
				call = b.call("0.04" + string(rune('0'+i)))
			}
			result, err := b.gate.Pass(ctx, call)
			if err != nil || (result.Pending != nil) != want {
				t.Errorf("payment %d: asked %v, want %v (%v)", i, result.Pending != nil, want, err)
			}
		}
		wantCommits(t, b, 2)
		secret := classed(b.call("0"), client.Secret)
		ask(t, b.gate, ctx, secret)
	})
}

// TestWaitingCallsDoNotHideOthers fills the list with calls that nobody agreed to.
func TestWaitingCallsDoNotHideOthers(t *testing.T) {
	b := newBench(t, MemoryJournal)
	broken := b.call("0.5")
	broken.Do = func(context.Context) (tools.Result, error) { return tools.Result{}, client.ErrOutcomeUnknown }
	asked := ask(t, b.gate, t.Context(), broken)
	if _, err := b.gate.Pass(t.Context(), confirmed(broken, asked.Handle)); err == nil {
		t.Fatal("the outcome is known")
	}
	for range maxWaiting + 5 {
		ask(t, b.gate, t.Context(), b.call("0.1"))
	}
	pending, err := b.gate.Pending(t.Context(), "")
	if err != nil || len(pending) != maxWaiting+1 || pending[0].State != Unknown {
		t.Fatalf("%d calls, %v", len(pending), err)
	}
	b.clock.Advance(CallTimeout + leaseMargin) // until then it may be running
	if err := b.gate.Decide(t.Context(), pending[0].ID, Rejected); err != nil {
		t.Error(err)
	}
	if err := b.gate.Decide(t.Context(), pending[0].ID, Succeeded); err == nil {
		t.Error("it was decided twice")
	}
	if err := b.gate.Decide(t.Context(), pending[1].ID, Sent); err == nil {
		t.Error("that is no outcome")
	}
}

func TestDuplicateNeedsAnExplicitYes(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		early := ask(t, b.gate, t.Context(), b.call("0.5"))
		pay(t, b.gate, b.call("0.5"))
		_, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), early.Handle))
		wantCode(t, err, tools.CodePossibleDuplicate)
		b.clock.Advance(time.Minute)
		one, two := ask(t, b.gate, t.Context(), b.call("0.5")), ask(t, b.gate, t.Context(), keyed(b.call("0.5"), "k"))
		if one.DuplicateOf.IsZero() || two.DuplicateOf.IsZero() {
			t.Fatal("the duplicate was not shown")
		}
		if _, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), one.Handle)); err != nil {
			t.Fatal(err)
		}
		_, err = b.gate.Pass(t.Context(), confirmed(keyed(b.call("0.5"), "k"), two.Handle)) // agreed to one duplicate, not to two
		wantCode(t, err, tools.CodePossibleDuplicate)
		wantCommits(t, b, 2)
		b.clock.Advance(10 * time.Minute)
		if again := ask(t, b.gate, t.Context(), b.call("0.5")); !again.DuplicateOf.IsZero() {
			t.Fatal("ten minutes are over")
		}
		pay(t, b.gate, classed(b.call("0.2"), client.Delete))
		if again := ask(t, b.gate, t.Context(), classed(b.call("0.2"), client.Delete)); !again.DuplicateOf.IsZero() {
			t.Fatal("deleting twice costs nothing")
		}
	})
}

func TestOffAsksBeforeADuplicate(t *testing.T) {
	b := newBench(t, MemoryJournal, mode(ModeOff))
	if _, err := b.gate.Pass(t.Context(), b.call("0.5")); err != nil {
		t.Fatal(err)
	}
	asked := ask(t, b.gate, t.Context(), b.call("0.5"))
	if _, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), asked.Handle)); err != nil {
		t.Fatal(err)
	}
	wantCommits(t, b, 2)
}

func TestIdempotencyKey(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		pay(t, b.gate, keyed(b.call("0.5"), "order-1"))
		again, err := b.gate.Pass(t.Context(), keyed(b.call("0.5"), "order-1"))
		if err != nil || !strings.Contains(string(again.Structured), `"replayed":true`) {
			t.Fatalf("%s %v", again.Structured, err)
		}
		_, err = b.gate.Pass(t.Context(), keyed(b.call("0.6"), "order-1"))
		wantCode(t, err, tools.CodeConflict)
		bob := tools.WithCaller(t.Context(), tools.Caller{ID: "bob"})
		ask(t, b.gate, bob, keyed(b.call("0.6"), "order-1")) // another caller's key is another key
		_, err = b.gate.Pass(t.Context(), keyed(b.call("0.5"), "a\x00b"))
		wantCode(t, err, tools.CodeInvalidArgument)
		wantCommits(t, b, 1)
	})
}

func TestOutcomes(t *testing.T) {
	cases := []struct {
		name  string
		err   error
		code  string
		state State
	}{
		{"funds", client.ErrInsufficientFunds, tools.CodeInsufficientFunds, Rejected},
		{"limited", client.ErrRateLimited, tools.CodeRateLimited, Rejected},
		{"told", &tools.Error{Code: tools.CodeNotFound}, tools.CodeNotFound, Rejected},
		{"looked up in vain", fmt.Errorf("%w: %w", tools.ErrNotSent, client.ErrUpstream), tools.CodeUpstreamError, Rejected},
		{"upstream", client.ErrUpstream, tools.CodeOutcomeUnknown, Unknown},
		{"bad answer", client.ErrBadResponse, tools.CodeOutcomeUnknown, Unknown},
		{"timeout", client.ErrTimeout, tools.CodeOutcomeUnknown, Unknown},
		{"unavailable", client.ErrUnavailable, tools.CodeOutcomeUnknown, Unknown},
		{"unknown with a cause", errors.Join(client.ErrConflict, client.ErrOutcomeUnknown), tools.CodeOutcomeUnknown, Unknown},
		{"anything", errors.New("secret-value"), tools.CodeOutcomeUnknown, Unknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, MemoryJournal)
			call := b.call("0.5")
			call.Do = func(context.Context) (tools.Result, error) { return tools.Result{}, c.err }
			handle := ask(t, b.gate, t.Context(), call).Handle
			_, err := b.gate.Pass(t.Context(), confirmed(call, handle))
			wantCode(t, err, c.code)
			if strings.Contains(err.Error(), "secret-value") {
				t.Error("a value came out")
			}
			if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{c.state}) {
				t.Fatalf("%v", got)
			}
			_, again := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle))
			wantCode(t, again, c.code)
			wantCommits(t, b, 0)
		})
	}
}

func TestNotSentIsNoEffect(t *testing.T) {
	for _, sent := range []bool{true, false} {
		out, _ := conclude(client.Money, tools.Result{}, &client.APIError{NotSent: !sent, RequestID: "req-2"})
		if (out.State == Rejected) == sent || out.RequestID != "req-2" {
			t.Errorf("sent %v: %+v", sent, out)
		}
	}
}

func TestSecretsAreNotKept(t *testing.T) {
	for name, result := range map[string]tools.Result{
		"kept":     {Structured: json.RawMessage(`{"key":"rok_1"}`), Kept: json.RawMessage(`{"id":"k1"}`)},
		"not said": {Structured: json.RawMessage(`{"key":"rok_1"}`)},
	} {
		b := newBench(t, MemoryJournal)
		call := classed(b.call("0"), client.Secret)
		call.Do = func(context.Context) (tools.Result, error) { return result, nil }
		handle := ask(t, b.gate, t.Context(), call).Handle
		if first, err := b.gate.Pass(t.Context(), confirmed(call, handle)); err != nil || !strings.Contains(string(first.Structured), "rok_1") {
			t.Fatalf("%s: %s %v", name, first.Structured, err)
		}
		again, err := b.gate.Pass(t.Context(), confirmed(call, handle))
		if err != nil || strings.Contains(string(again.Structured), "rok_1") || !strings.Contains(string(again.Structured), `"replayed":true`) {
			t.Fatalf("%s: %s %v", name, again.Structured, err)
		}
		if strings.Contains(string(again.Structured), `"id":"k1"`) != (result.Kept != nil) {
			t.Errorf("%s: %s", name, again.Structured)
		}
	}
}
