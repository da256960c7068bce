package consent

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// BenchmarkMoney is what the gate adds to a Money call: asking, agreeing, and both.
func BenchmarkMoney(b *testing.B) {
	places := map[string]func(*testing.B) string{
		"sqlite":   func(b *testing.B) string { b.Helper(); return filepath.Join(b.TempDir(), "journal.db") },
		"postgres": func(b *testing.B) string { b.Helper(); return newPostgres(b) },
	}
	for name, place := range places {
		b.Run(name+"/asked", func(b *testing.B) { benchmarkMoney(b, place(b), ModeAuto) })
		b.Run(name+"/off", func(b *testing.B) { benchmarkMoney(b, place(b), ModeOff) })
	}
}

func benchmarkMoney(b *testing.B, place string, m Mode) {
	b.Helper()
	bench := newBench(b, place, mode(m), func(o *Options) {
		o.AuditFolder, o.MaxSpendPerDay = b.TempDir(), decimal.NewFromInt(maxCredits)
	})
	took := []time.Duration{}
	for i := 0; b.Loop(); i++ {
		started := time.Now()
		call := bench.call("0.001")
		call.Arguments = fmt.Appendf(nil, `{"n":%d}`, i)
		if m == ModeAuto {
			call.Confirmation = ask(b, bench.gate, b.Context(), call).Handle
		}
		if _, err := bench.gate.Pass(b.Context(), call); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(started))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "median-ns")
}

// BenchmarkPassedBy is what the gate adds to a call that is not journalled.
func BenchmarkPassedBy(b *testing.B) {
	bench := newBench(b, MemoryJournal)
	call := classed(bench.call("0"), client.Read)
	call.Do = func(context.Context) (tools.Result, error) { return tools.Result{}, nil }
	for b.Loop() {
		if _, err := bench.gate.Pass(b.Context(), call); err != nil {
			b.Fatal(err)
		}
	}
}
