package consent

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// movedInstead is the failure of a call that moved another amount than was asked for; empty where nobody knows which.
func movedInstead(moved string) error {
	told := *tools.Explain(client.ErrAmountMismatch)
	if moved != "" {
		credits := decimal.RequireFromString(moved)
		told.MovedCredits = &credits
	}
	return &told
}

// TestOtherAmountsAreToldAndCounted makes calls for 0.5 credits that move another amount, with what came of them or
// without.
func TestOtherAmountsAreToldAndCounted(t *testing.T) {
	for _, test := range []struct {
		moved   string
		made    bool
		state   State
		counted string
	}{
		{"9.8", false, Succeeded, "9.8"},
		{"0.2", false, Succeeded, "0.5"},
		{"1e30", false, Succeeded, "100000001"},
		{"0", false, Unknown, "0.5"},
		{"-3", false, Unknown, "0.5"},
		{"", false, Unknown, "0.5"},
		{"9.8", true, Succeeded, "9.8"},
		{"0.2", true, Succeeded, "0.5"},
		{"-3", true, Succeeded, "0.5"},
	} {
		onBoth(t, func(t *testing.T, place string) {
			b := newBench(t, place)
			call, want := b.call("0.5"), tools.CodeAmountMismatch
			call.Do = func(context.Context) (tools.Result, error) { return tools.Result{}, movedInstead(test.moved) }
			if test.made {
				credits := decimal.RequireFromString(test.moved)
				want = ""
				call.Do = func(context.Context) (tools.Result, error) {
					return tools.Result{Structured: json.RawMessage(`{"lock_id":"l9"}`), MovedCredits: &credits}, nil
				}
			}
			handle := ask(t, b.gate, t.Context(), call).Handle
			_, err := b.gate.Pass(t.Context(), confirmed(call, handle))
			wantCode(t, err, want)
			entries, listing := b.gate.Entries(t.Context(), Query{})
			if listing != nil || len(entries) != 1 || entries[0].State != test.state || entries[0].Amount.String() != test.counted {
				t.Fatalf("%+v: %+v, %v", test, entries, listing)
			}
			again, err := b.gate.Pass(t.Context(), confirmed(call, handle))
			switch {
			case test.state == Unknown:
				wantCode(t, err, tools.CodeOutcomeUnknown)
			case test.made:
				if err != nil || string(again.Structured) != `{"lock_id":"l9","replayed":true}` {
					t.Errorf("%+v: %s, %v", test, again.Structured, err)
				}
			default:
				wantCode(t, err, tools.CodeAmountMismatch)
				if told := tools.Explain(err); !strings.Contains(told.Message, "nothing was sent now") || strings.Contains(told.NextStep, "absent") {
					t.Errorf("%+v: %+v", test, told)
				}
			}
			_, err = b.gate.Pass(t.Context(), b.call("0.9"))
			if spent := decimal.RequireFromString(test.counted); spent.GreaterThan(decimal.NewFromInt(9)) {
				wantCode(t, err, tools.CodeLimitExceeded)
			} else if err != nil {
				t.Errorf("%+v: %v", test, err)
			}
		})
	}
}
