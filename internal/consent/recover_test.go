package consent

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// deadPID is the id of a process that has ended.
func deadPID(t *testing.T) int {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	return command.Process.Pid
}

// sendAndDie claims a call as a server that ends before the answer.
func sendAndDie(t *testing.T, b *bench, call tools.GatedCall, as process) {
	t.Helper()
	j, err := openJournal(t.Context(), b.place, b.clock.Now, as)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	a, err := newAttempt(j, tools.Caller{}, call)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := call.Preview(t.Context())
	if err == nil {
		err = a.show(shown)
	}
	if err != nil {
		t.Fatal(err)
	}
	a.id = newID()
	if call.Confirmation != "" {
		opened, err := j.seal.open(call.Confirmation)
		if err != nil {
			t.Fatal(err)
		}
		a.opened, a.id = &opened, opened.ID
	}
	if found, err := j.claim(t.Context(), a.claim(b.gate.options)); err != nil || !found.granted() {
		t.Fatalf("%+v %v", found, err)
	}
}

func TestCrashLeavesAnUnknownOutcome(t *testing.T) {
	here := thisProcess("")
	lost := map[string]struct {
		as   process
		wait time.Duration
	}{
		"process of this host that ended": {process{instance: "dead", host: here.host, pid: deadPID(t)}, 0},
		"process of another host":         {process{instance: "far", host: "elsewhere", pid: here.pid}, CallTimeout + leaseMargin},
		"this process, opened before":     {process{instance: "before", host: here.host, pid: here.pid}, CallTimeout + leaseMargin},
	}
	for name, c := range lost {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, place string) {
				b := newBench(t, place)
				handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
				sendAndDie(t, b, confirmed(b.call("0.5"), handle), c.as)
				if c.wait > 0 {
					_, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle))
					wantCode(t, err, tools.CodeInProgress)
					b.clock.Advance(c.wait)
				}
				_, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle)) // lazily
				wantCode(t, err, tools.CodeOutcomeUnknown)
				b.clock.Advance(time.Minute)
				pending, err := b.open(t).Pending(t.Context(), "")
				if err != nil || len(pending) != 1 || pending[0].State != Unknown || pending[0].Preview.Recipient != "bob" ||
					pending[0].Amount.String() != "0.5" || pending[0].Detail == "" {
					t.Fatalf("%+v %v", pending, err)
				}
				if again := ask(t, b.gate, t.Context(), b.call("0.5")); again.DuplicateOf.IsZero() {
					t.Fatal("it may have happened: it is a duplicate")
				}
				wantCommits(t, b, 0)
			})
		})
	}
}

func TestOpenGivesUpWhatTheDeadLeft(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		sendAndDie(t, b, b.call("0.5"), process{instance: "dead", host: thisProcess("").host, pid: deadPID(t)})
		opened := b.open(t)
		entries, err := opened.journal.list(t.Context(), "", nil, 10)
		if err != nil || len(entries) != 1 || entries[0].State != Unknown {
			t.Fatalf("%+v %v", entries, err)
		}
	})
}

func TestLateAnswerIsWorthMoreThanGivingUp(t *testing.T) {
	b := newBench(t, t.TempDir()+"/journal.db")
	other := b.open(t)
	call := b.call("0.5")
	inner := call.Do
	call.Do = func(ctx context.Context) (tools.Result, error) {
		b.clock.Advance(CallTimeout + leaseMargin)
		if got := statesOf(t, other, ""); !slices.Equal(got, []State{Unknown}) {
			t.Errorf("%v", got)
		}
		return inner(ctx)
	}
	pay(t, b.gate, call)
	if got := statesOf(t, other, ""); !slices.Equal(got, []State{Succeeded}) {
		t.Fatalf("%v", got)
	}
}

func TestReconcile(t *testing.T) {
	for found, want := range map[State]string{Succeeded: tools.CodeConflict, Rejected: tools.CodeRejected, Unknown: tools.CodeOutcomeUnknown} {
		onBoth(t, func(t *testing.T, place string) {
			b := newBench(t, place, func(o *Options) {
				o.Reconcile = map[string]Reconciler{"settle_payment": func(_ context.Context, entry Entry) (State, string) {
					if entry.Preview.Recipient != "bob" {
						t.Errorf("%+v", entry)
					}
					return found, "read back"
				}}
			})
			call := b.call("0.5")
			call.Do = func(context.Context) (tools.Result, error) { return tools.Result{}, client.ErrTimeout }
			handle := ask(t, b.gate, t.Context(), call).Handle
			_, _ = b.gate.Pass(t.Context(), confirmed(call, handle))
			early, err := b.gate.Reconcile(t.Context(), "")
			if err != nil || (early == 1) != (found == Succeeded) {
				t.Fatalf("found %d out too early (%v)", early, err) // the platform may still be at it
			}
			b.clock.Advance(CallTimeout + leaseMargin)
			late, err := b.gate.Reconcile(t.Context(), "")
			if err != nil || (late == 1) != (found == Rejected) {
				t.Fatalf("found %d out (%v)", late, err)
			}
			_, err = b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle))
			wantCode(t, err, want)
			wantCommits(t, b, 0)
		})
	}
}

// TestReconcileTakesNoOthersEffect repeats a call whose outcome is unknown: what is read back then may be the effect of
// either, and must not be counted for both.
func TestReconcileTakesNoOthersEffect(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place, func(o *Options) {
			o.Reconcile = map[string]Reconciler{"settle_payment": func(context.Context, Entry) (State, string) { return Succeeded, "it is there" }}
		})
		lost := b.call("0.5")
		lost.Do = func(context.Context) (tools.Result, error) { return tools.Result{}, client.ErrTimeout }
		_, err := b.gate.Pass(t.Context(), confirmed(lost, ask(t, b.gate, t.Context(), lost).Handle))
		wantCode(t, err, tools.CodeOutcomeUnknown)
		b.clock.Advance(time.Second)
		pay(t, b.gate, b.call("0.5"))
		if found, err := b.gate.Reconcile(t.Context(), ""); err != nil || found != 0 {
			t.Fatalf("found %d out (%v)", found, err)
		}
		if states := statesOf(t, b.gate, ""); !slices.Equal(states, []State{Succeeded, Unknown}) {
			t.Fatalf("%v", states)
		}
		pending, err := b.gate.Pending(t.Context(), "")
		if err != nil || len(pending) != 1 {
			t.Fatalf("%+v %v", pending, err)
		}
		if err := b.gate.Decide(t.Context(), pending[0].ID, Succeeded); err != nil {
			t.Fatalf("a person who sees both cannot say so: %v", err)
		}
	})
}

func TestCallersAreApart(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		alice := tools.WithCaller(t.Context(), tools.Caller{ID: "alice"})
		ask(t, b.gate, alice, b.call("0.5"))
		for caller, want := range map[string]int{"alice": 1, "bob": 0, "": 0} {
			pending, err := b.gate.Pending(t.Context(), caller)
			if err != nil || len(pending) != want {
				t.Errorf("%q has %d calls (%v)", caller, len(pending), err)
			}
		}
		all, err := b.gate.Entries(t.Context(), Query{AllCallers: true, Limit: 5})
		if err != nil || len(all) != 1 || all[0].Caller == "alice" {
			t.Fatalf("%+v %v", all, err)
		}
		b.clock.Advance(HandleLifetime)
		if pending, err := b.gate.Pending(t.Context(), "alice"); err != nil || len(pending) != 0 {
			t.Fatalf("%+v %v", pending, err)
		}
	})
}

// TestReplayRepeatsWhatToDo: that advice was given for this failure, and another may be dangerous.
func TestReplayRepeatsWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		told      tools.Error
		say, hush string
	}{
		"unknown":  {tools.Error{Code: tools.CodeOutcomeUnknown, NextStep: "Look there."}, "Look there.", "another idempotency_key"},
		"conflict": {tools.Error{Code: tools.CodeConflict, NextStep: "Look there."}, "Look there.", "another idempotency_key"},
		"rejected": {tools.Error{Code: tools.CodeInsufficientFunds, NextStep: "Add funds."}, "Add funds. The earlier call changed nothing.", ""},
		"silent":   {tools.Error{Code: tools.CodeConflict}, "The earlier call changed nothing.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, MemoryJournal)
			call := b.call("0.5")
			call.Do = func(context.Context) (tools.Result, error) { return tools.Result{}, &c.told }
			handle := ask(t, b.gate, t.Context(), call).Handle
			_, err := b.gate.Pass(t.Context(), confirmed(call, handle))
			wantCode(t, err, c.told.Code)
			_, err = b.gate.Pass(t.Context(), confirmed(call, handle))
			wantCode(t, err, c.told.Code)
			if next := tools.Explain(err).NextStep; !strings.Contains(next, c.say) || (c.hush != "" && strings.Contains(next, c.hush)) {
				t.Errorf("next: %s", next)
			}
		})
	}
}
