package consent

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// modelHandle is what the model knows of a handle.
type modelHandle struct {
	call    int
	text    string
	expires time.Time
	state   State
}

// model is the gate without a journal: a list of handles, and what they paid.
type model struct {
	bench   *bench
	gates   []*Gate
	handles []*modelHandle
	paid    int
}

func (m *model) open(t *rapid.T) {
	gate, err := Open(context.Background(), defaults(m.bench.place, m.bench.clock))
	if err != nil {
		t.Fatal(err)
	}
	m.gates = append(m.gates, gate)
}

func (m *model) close() {
	for _, gate := range m.gates {
		_ = gate.Close(context.Background())
	}
}

// call is one of few, so that duplicates come about.
func (m *model) call(i int) tools.GatedCall {
	call := m.bench.call("0.01")
	call.Arguments = fmt.Appendf(nil, `{"n":%d}`, i)
	return call
}

func (m *model) prepare(t *rapid.T) {
	call := rapid.IntRange(0, 3).Draw(t, "call")
	gate := rapid.SampledFrom(m.gates).Draw(t, "gate")
	result, err := gate.Pass(context.Background(), m.call(call))
	if err != nil || result.Pending == nil {
		t.Fatalf("%v", err)
	}
	m.handles = append(m.handles, &modelHandle{call: call, text: result.Pending.Handle, expires: result.Pending.ExpiresAt, state: Prepared})
}

// execute uses a handle, with the call failing as drawn, and compares the answer with what the model expects.
func (m *model) execute(t *rapid.T) {
	if len(m.handles) == 0 {
		t.Skip("no handle")
	}
	h := rapid.SampledFrom(m.handles).Draw(t, "handle")
	gate := rapid.SampledFrom(m.gates).Draw(t, "gate")
	failure := rapid.SampledFrom([]error{nil, nil, client.ErrInsufficientFunds, client.ErrTimeout}).Draw(t, "failure")
	call, called := m.call(h.call), false
	inner := call.Do
	call.Do = func(ctx context.Context) (tools.Result, error) {
		called = true
		if failure != nil {
			return tools.Result{}, failure
		}
		return inner(ctx)
	}
	before := h.state
	result, err := gate.Pass(context.Background(), confirmed(call, h.text))
	if called && (before != Prepared || !m.bench.clock.Now().Before(h.expires)) {
		t.Fatalf("a handle in state %s was executed", before)
	}
	if called {
		h.state = map[error]State{nil: Succeeded, client.ErrInsufficientFunds: Rejected, client.ErrTimeout: Unknown}[failure]
	}
	if called && failure == nil {
		m.paid++
	}
	replayed := strings.Contains(string(result.Structured), `"replayed":true`)
	switch {
	case h.state == Succeeded && (err != nil || replayed == called):
		t.Fatalf("succeeded: %s %v", result.Structured, err)
	case h.state == Rejected && codeOf(err) != tools.CodeInsufficientFunds && !called:
		t.Fatalf("rejected: %v", err)
	case h.state == Unknown && codeOf(err) != tools.CodeOutcomeUnknown && !called:
		t.Fatalf("unknown: %v", err)
	case h.state == Sent && codeOf(err) != tools.CodeInProgress && codeOf(err) != tools.CodeOutcomeUnknown:
		t.Fatalf("sent: %v", err)
	case h.state == Prepared && codeOf(err) != tools.CodePossibleDuplicate && codeOf(err) != tools.CodeConfirmationInvalid &&
		codeOf(err) != tools.CodeLimitExceeded:
		t.Fatalf("prepared: %v", err)
	}
}

// crash claims with a handle as a server that is gone before it can say how the call ended.
func (m *model) crash(t *rapid.T) {
	if len(m.handles) == 0 {
		t.Skip("no handle")
	}
	h := rapid.SampledFrom(m.handles).Draw(t, "handle")
	if h.state != Prepared || !m.bench.clock.Now().Before(h.expires) {
		t.Skip("nothing to claim")
	}
	gate := m.gates[0]
	call := confirmed(m.call(h.call), h.text)
	a, err := newAttempt(gate.journal, tools.Caller{}, call)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := call.Preview(context.Background())
	if err != nil || a.show(shown) != nil {
		t.Fatal(err)
	}
	opened, err := gate.journal.seal.open(h.text)
	if err != nil {
		t.Fatal(err)
	}
	a.opened, a.id = &opened, opened.ID
	found, err := gate.journal.claim(context.Background(), a.claim(gate.options))
	if err != nil {
		t.Fatal(err)
	}
	if found.granted() {
		h.state = Sent
	}
}

func TestGateAgainstAModel(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		runs := 0
		rapid.Check(t, func(t *rapid.T) {
			runs++
			b := &bench{clock: newClock(), place: place}
			if !isPostgres(place) {
				b.place = filepath.Join(filepath.Dir(place), fmt.Sprint(runs, ".db"))
			}
			b.clock.Advance(time.Duration(runs) * 24 * time.Hour) // the PostgreSQL database is shared by all runs
			m := &model{bench: b}
			m.open(t)
			m.open(t)
			defer m.close()
			t.Repeat(map[string]func(*rapid.T){
				"prepare": m.prepare,
				"execute": m.execute,
				"replay":  m.execute,
				"crash":   m.crash,
				"wait": func(t *rapid.T) {
					b.clock.Advance(time.Duration(rapid.IntRange(1, 400).Draw(t, "seconds")) * time.Second)
				},
				"": func(t *rapid.T) {
					if got := b.commits(); got != m.paid {
						t.Fatalf("%d commits, %d were paid", got, m.paid)
					}
				},
			})
		})
	})
}
