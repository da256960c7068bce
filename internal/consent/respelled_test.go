package consent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/tools"
)

// referring is a payment to whom a name or an id stands for.
func (b *bench) referring(reference, target string) tools.GatedCall {
	call := b.call("0.1")
	call.Arguments = fmt.Appendf(nil, `{"amount":"0.1","to":%q}`, reference)
	call.Reference = "to"
	preview := call.Preview
	call.Preview = func(ctx context.Context) (tools.Preview, error) {
		shown, err := preview(ctx)
		shown.Recipient, shown.Target = target, target
		return shown, err
	}
	return call
}

// TestTheSameUnderAnotherNameIsADuplicate pays one agent, by its name, by its id and by the name in other letters.
func TestTheSameUnderAnotherNameIsADuplicate(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place, mode(ModeOff))
		for i, reference := range []string{"helper", "agt_1", "Helper", "helper"} {
			result, err := b.gate.Pass(t.Context(), b.referring(reference, "agt_1"))
			if err != nil || (result.Pending != nil) != (i > 0) {
				t.Errorf("%s: %+v, %v", reference, result, err)
			}
			if i > 0 && result.Pending.DuplicateOf.IsZero() {
				t.Errorf("%s: the duplicate was not shown", reference)
			}
		}
		wantCommits(t, b, 1)
		for _, other := range []tools.GatedCall{b.referring("other", "agt_2"), b.referring("helper", "agt_3")} { // the name passed on
			if _, err := b.gate.Pass(t.Context(), other); err != nil {
				t.Fatal(err)
			}
		}
		wantCommits(t, b, 3)
	})
}

// TestAKeyGoesWithItsArguments repeats a key whose payment was to whom a name stood for.
func TestAKeyGoesWithItsArguments(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		pay(t, b.gate, keyed(b.referring("helper", "agt_1"), "order-1"))
		for reference, target := range map[string]string{"helper": "agt_2", "other": "agt_2", "Helper": "agt_1"} {
			again, err := b.gate.Pass(t.Context(), keyed(b.referring(reference, target), "order-1"))
			if reference == "helper" { // what was asked for then was done then
				if err != nil || !strings.Contains(string(again.Structured), `"replayed":true`) {
					t.Errorf("%s: %s, %v", reference, again.Structured, err)
				}
				continue
			}
			wantCode(t, err, tools.CodeConflict)
		}
		wantCommits(t, b, 1)
	})
}

// respelled is a payment whose arguments hold a text.
func (b *bench) respelled(text, oneForm string) tools.GatedCall {
	call := b.call("0.1")
	call.Arguments, call.Written = json.RawMessage(`{"text":"`+oneForm+`"}`), json.RawMessage(`{"text":"`+text+`"}`)
	return call
}

// TestAJournalOfEarlierDigestsGoesOn opens a journal whose calls are known by their arguments as they were written.
func TestAJournalOfEarlierDigestsGoesOn(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place, mode(ModeOff))
		earlier := []tools.GatedCall{keyed(b.referring("helper", "agt_1"), "order-1"), keyed(b.respelled("0.10", "0.10"), "order-2")}
		for i := range earlier {
			earlier[i].Reference = ""
			if _, err := b.gate.Pass(t.Context(), earlier[i]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.gate.journal.database.ExecContext(t.Context(), "ALTER TABLE robutler_calls DROP COLUMN given"); err != nil {
			t.Fatal(err)
		}
		gate := b.open(t, mode(ModeOff))
		for _, call := range []tools.GatedCall{b.referring("helper", "agt_1"), b.respelled("0.10", "0.1")} {
			if asked := ask(t, gate, t.Context(), call); asked.DuplicateOf.IsZero() {
				t.Error("the duplicate was not shown")
			}
		}
		for key, call := range map[string]tools.GatedCall{"order-1": b.referring("helper", "agt_1"), "order-2": b.respelled("0.10", "0.1")} {
			again, err := gate.Pass(t.Context(), keyed(call, key))
			if err != nil || !strings.Contains(string(again.Structured), `"replayed":true`) {
				t.Errorf("%s: %s, %v", key, again.Structured, err)
			}
		}
		_, err := gate.Pass(t.Context(), keyed(b.respelled("0.20", "0.2"), "order-2"))
		wantCode(t, err, tools.CodeConflict)
		wantCommits(t, b, 2)
	})
}

// TestServersOfEarlierVersionsGoOnBeside has one that does not know the column write into the journal.
func TestServersOfEarlierVersionsGoOnBeside(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "journal.db"))
	a, err := newAttempt(b.gate.journal, tools.Caller{}, b.referring("helper", "agt_1"))
	if err != nil {
		t.Fatal(err)
	}
	now := b.clock.Now().UnixMicro()
	_, err = b.gate.journal.database.ExecContext(t.Context(), `INSERT INTO robutler_calls
		(id, caller, tool, class, state, effect, amount, preview, created_at, sent_at, updated_at, ends_at)
		VALUES ($1, $2, 'settle_payment', 'money', 'succeeded', $3, 0, '{}', $4, $4, $4, $4)`, newID(), a.name, a.given, now)
	if err := errors.Join(err, a.show(tools.Preview{Target: "agt_1"})); err != nil || a.effect == a.given {
		t.Fatal(a.digests, err)
	}
	b.clock.Advance(time.Minute)
	if asked := ask(t, b.gate, t.Context(), b.referring("helper", "agt_1")); asked.DuplicateOf.IsZero() {
		t.Error("the duplicate was not shown")
	}
}
