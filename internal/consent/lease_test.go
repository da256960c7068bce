package consent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// frozen makes a gate that stands still as soon as it has claimed a call, while meanwhile happens.
func frozen(t *testing.T, b *bench, meanwhile func()) *Gate {
	t.Helper()
	once := false
	return b.open(t, func(o *Options) {
		o.Now = func() time.Time {
			if claimed, err := b.gate.journal.list(context.Background(), "", []State{Sent}, 1); err == nil && len(claimed) > 0 && !once {
				once = true
				meanwhile()
			}
			return b.clock.Now()
		}
	})
}

// TestAServerThatStoodStillSendsNothing freezes a server, as a laptop that sleeps or a machine that is moved, between its
// claim and its sending: the others give the call up, a person says that the platform knows nothing of it, and it is repeated.
func TestAServerThatStoodStillSendsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		asleep := frozen(t, b, func() {
			b.clock.Advance(10 * time.Minute)
			entries, err := b.gate.Entries(t.Context(), Query{States: []State{Unknown}})
			if err != nil || len(entries) != 1 {
				t.Errorf("%+v %v", entries, err)
				return
			}
			if err := b.gate.Decide(t.Context(), entries[0].ID, Rejected); err != nil {
				t.Error(err)
			}
			pay(t, b.gate, b.call("0.5"))
		})
		_, err := asleep.Pass(t.Context(), confirmed(b.call("0.5"), handle))
		wantCode(t, err, tools.CodeRejected)
		wantCommits(t, b, 1)
		if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Succeeded, Rejected}) {
			t.Fatalf("%v", got)
		}
	})
}

// TestAServerThatStoodStillWithinTheCallSendsNothing freezes it after what the call looks up first.
func TestAServerThatStoodStillWithinTheCallSendsNothing(t *testing.T) {
	var sent []string
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Method)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":"a","name":"a"}`))
	}))
	defer platform.Close()
	c, err := client.New(client.WithAPIKey("rok_x"), client.WithBaseURL(platform.URL))
	if err != nil {
		t.Fatal(err)
	}
	for asleep, want := range map[time.Duration][]string{leaseMargin: {"GET", "DELETE"}, leaseMargin + time.Second: {"GET"}} {
		b := newBench(t, t.TempDir()+"/journal.db")
		call := classed(b.call("0"), client.Delete)
		call.Do = func(ctx context.Context) (tools.Result, error) {
			if _, err := c.Agents.Get(ctx, "a"); err != nil {
				return tools.Result{}, err
			}
			b.clock.Advance(asleep)
			_, err := c.Agents.Delete(ctx, "a")
			return tools.Result{Structured: []byte(`{}`)}, err
		}
		sent = nil
		_, err := b.gate.Pass(t.Context(), confirmed(call, ask(t, b.gate, t.Context(), call).Handle))
		if state := statesOf(t, b.gate, "")[0]; !slices.Equal(sent, want) || (state == Rejected) != (len(want) == 1) || (err == nil) != (len(want) == 2) {
			t.Errorf("asleep for %v: %v, %s, %v", asleep, sent, state, err)
		}
	}
}

func TestAShortPauseChangesNothing(t *testing.T) {
	b := newBench(t, t.TempDir()+"/journal.db")
	pay(t, frozen(t, b, func() { b.clock.Advance(leaseMargin) }), b.call("0.5"))
	wantCommits(t, b, 1)
}

// TestWhoMadeTheCallKnowsBetter settles a call while its server still waits for the answer.
func TestWhoMadeTheCallKnowsBetter(t *testing.T) {
	for decided, c := range map[State]struct {
		failure error
		want    State
	}{
		Rejected:  {nil, Succeeded},
		Succeeded: {client.ErrInsufficientFunds, Rejected},
	} {
		onBoth(t, func(t *testing.T, place string) {
			for failure, want := range map[error]State{c.failure: c.want, client.ErrTimeout: decided} {
				b := newBench(t, place)
				other := b.open(t)
				call := b.call("0.5")
				call.Do = func(context.Context) (tools.Result, error) {
					b.clock.Advance(CallTimeout + leaseMargin)
					entries, err := other.Entries(t.Context(), Query{States: []State{Unknown}})
					if err != nil || len(entries) != 1 {
						return tools.Result{}, fmt.Errorf("%+v: %w", entries, err)
					}
					return tools.Result{Structured: []byte(`{}`)}, errors.Join(failure, other.Decide(t.Context(), entries[0].ID, decided))
				}
				_, _ = b.gate.Pass(t.Context(), confirmed(call, ask(t, b.gate, t.Context(), call).Handle))
				if got := statesOf(t, other, ""); got[0] != want {
					t.Errorf("settled as %s while the answer was %v: %v, want %s", decided, failure, got, want)
				}
			}
		})
	}
}
