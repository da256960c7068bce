package consent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// testClock is a clock that stands still until it is moved.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock { return &testClock{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, place string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "data", "journal.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, newPostgres(t)) })
}

// bench is a gate before a platform of one ledger.
type bench struct {
	gate  *Gate
	clock *testClock
	place string

	mu     sync.Mutex
	ledger []string
}

func defaults(place string, clock *testClock) Options {
	return Options{
		Journal: place, Mode: ModeAuto, Now: clock.Now,
		MaxSpendPerCall: decimal.NewFromInt(1), MaxSpendPerDay: decimal.NewFromInt(10),
	}
}

func newBench(t testing.TB, place string, change ...func(*Options)) *bench {
	t.Helper()
	b := &bench{clock: newClock(), place: place}
	b.gate = b.open(t, change...)
	return b
}

// open makes another gate on the same journal.
func (b *bench) open(t testing.TB, change ...func(*Options)) *Gate {
	t.Helper()
	options := defaults(b.place, b.clock)
	for _, set := range change {
		set(&options)
	}
	gate, err := Open(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := gate.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return gate
}

func mode(m Mode) func(*Options) { return func(o *Options) { o.Mode = m } }

// call is a Money call of an amount that the ledger takes down.
func (b *bench) call(amount string) tools.GatedCall {
	cost := decimal.RequireFromString(amount)
	return tools.GatedCall{
		Spec:      tools.Spec{Name: "settle_payment", Class: client.Money},
		Arguments: json.RawMessage(fmt.Sprintf(`{"amount":%q,"to":"bob"}`, amount)),
		Preview: func(context.Context) (tools.Preview, error) {
			return tools.Preview{Would: "pay " + amount + " credits to bob", CostCredits: &cost, Recipient: "bob"}, nil
		},
		Do: func(context.Context) (tools.Result, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.ledger = append(b.ledger, amount)
			return tools.Result{Structured: json.RawMessage(`{"paid":"` + amount + `"}`), RequestID: "req-1"}, nil
		},
	}
}

func (b *bench) commits() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.ledger)
}

func classed(call tools.GatedCall, class client.Class) tools.GatedCall {
	call.Spec.Class = class
	return call
}

func confirmed(call tools.GatedCall, handle string) tools.GatedCall {
	call.Confirmation = handle
	return call
}

func keyed(call tools.GatedCall, key string) tools.GatedCall {
	call.IdempotencyKey = key
	return call
}

// ask makes the first of the two calls.
func ask(t testing.TB, gate *Gate, ctx context.Context, call tools.GatedCall) *tools.Confirmation { //nolint:revive // the gate is the subject
	t.Helper()
	result, err := gate.Pass(ctx, call)
	if err != nil {
		t.Fatalf("ask: %v", err)
	}
	if result.Pending == nil {
		t.Fatalf("nobody was asked: %s", result.Structured)
	}
	return result.Pending
}

// pay makes both calls.
func pay(t testing.TB, gate *Gate, call tools.GatedCall) tools.Result {
	t.Helper()
	result, err := gate.Pass(t.Context(), confirmed(call, ask(t, gate, t.Context(), call).Handle))
	if err != nil {
		t.Fatalf("pay: %v", err)
	}
	return result
}

func codeOf(err error) string {
	if told, ok := errors.AsType[*tools.Error](err); ok {
		return told.Code
	}
	if err != nil {
		return "not a tools.Error: " + err.Error()
	}
	return ""
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if got := codeOf(err); got != code {
		t.Fatalf("code %q, want %q (%v)", got, code, err)
	}
}

func wantCommits(t testing.TB, b *bench, want int) {
	t.Helper()
	if got := b.commits(); got != want {
		t.Fatalf("%d commits, want %d", got, want)
	}
}

// stateOf gives the states of all calls of a caller, the latest first.
func statesOf(t testing.TB, gate *Gate, caller string) []State {
	t.Helper()
	entries, err := gate.Entries(t.Context(), Query{Caller: caller})
	if err != nil {
		t.Fatal(err)
	}
	states := make([]State, len(entries))
	for i := range entries {
		states[i] = entries[i].State
	}
	return states
}
