//go:build unix

package consent

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/internal/postgres"
	"github.com/robutlerai/robutler-mcp/tools"
)

// TestLimitsHoldWhateverIsolationIsTheDefault races for the last credit on servers whose transactions would by default
// not see what others committed while they waited for their turn.
func TestLimitsHoldWhateverIsolationIsTheDefault(t *testing.T) {
	for _, level := range []string{"read committed", "repeatable read", "serializable"} {
		t.Run(level, func(t *testing.T) {
			place := newPostgres(t)
			isolateByDefault(t, place, level)
			b := newBench(t, place, mode(ModeOff))
			gates := []*Gate{b.gate, b.open(t, mode(ModeOff)), b.open(t, mode(ModeOff))}
			fresh, _, codes := spread(60, func(i int) (tools.Result, error) {
				return gates[i%3].Pass(t.Context(), numbered(b.call("0.9"), i))
			})
			wantCommits(t, b, 11) // 9.9 of 10 credits
			if fresh != 11 || codes[tools.CodeLimitExceeded] != 49 {
				t.Fatalf("%d fresh, %v", fresh, codes)
			}
		})
	}
}

// TestUntrustedShareHoldsAcrossServers sends small payments at once, in sessions that have read text of third parties.
// However they race, no more is spent unasked than if they had come one by one.
func TestUntrustedShareHoldsAcrossServers(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		generous := func(o *Options) { o.Mode, o.MaxSpendPerCall = ModeOff, decimal.NewFromInt(5) }
		b := newBench(t, place, generous)
		gates := []*Gate{b.gate, b.open(t, generous), b.open(t, generous)}
		misled := tools.WithCaller(t.Context(), tools.Caller{ReadUntrusted: true})
		fresh, asked := 0, 0
		answers := make(chan tools.Result, 60)
		_, _, codes := spread(60, func(i int) (tools.Result, error) {
			result, err := gates[i%3].Pass(misled, numbered(b.call("0.09"), i))
			if err == nil {
				answers <- result
			}
			return result, err
		})
		close(answers)
		for answer := range answers {
			if answer.Pending == nil {
				fresh++
			} else {
				asked++
			}
		}
		wantCommits(t, b, 5) // 0.45 of 0.5 credits
		if fresh != 5 || asked != 55 || len(codes) > 0 {
			t.Fatalf("%d fresh, %d asked, %v", fresh, asked, codes)
		}
	})
}

// numbered makes a call another one than those of other numbers.
func numbered(call tools.GatedCall, n int) tools.GatedCall {
	call.Arguments = fmt.Appendf(nil, `{"n":%d}`, n)
	return call
}

// isolateByDefault sets what transactions of a database are isolated by when they do not say.
func isolateByDefault(t *testing.T, place, level string) {
	t.Helper()
	address, err := url.Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	database, err := postgres.Open(place)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	statement := fmt.Sprintf(`ALTER DATABASE %s SET default_transaction_isolation = '%s'`, address.Path[1:], level)
	if _, err := database.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatal(err)
	}
}
