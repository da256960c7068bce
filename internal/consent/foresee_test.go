package consent

import (
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// TestLimitsAreForeseen says of calls that are only tried what the limits say of those that are made.
func TestLimitsAreForeseen(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		check := func(call tools.GatedCall, want string) {
			t.Helper()
			shown, err := call.Preview(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			wantCode(t, b.gate.CheckLimits(t.Context(), call, shown), want)
		}
		check(b.call("1"), "")
		check(b.call("1.000000001"), tools.CodeLimitExceeded)
		check(classed(b.call("2"), client.Read), "")
		for i := range 10 {
			pay(t, b.gate, keyed(numbered(b.call("0.95"), i), string(rune('a'+i))))
		}
		check(b.call("0.5"), "")
		check(b.call("0.6"), tools.CodeLimitExceeded)
		check(keyed(b.call("0.6"), "a"), "") // it is answered from the journal
		if states := statesOf(t, b.gate, ""); len(states) != 10 {
			t.Errorf("looking left traces: %v", states)
		}
	})
}
