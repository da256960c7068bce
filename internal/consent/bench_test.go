package consent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// BenchmarkMoney is what journal, consent and audit trail add to a Money call: "off" where nobody is asked, "asked" where
// the call is first asked for and then confirmed. With each call one page is written and synced on the same disk, and the
// call is made without the gate: fsyncs is the difference, of the medians, as so many of these. A day has a hundred calls.
func BenchmarkMoney(b *testing.B) {
	places := map[string]func(*testing.B) string{
		"memory":   func(*testing.B) string { return MemoryJournal },
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
	sync := newPageSync(b)
	var direct, gated, synced []time.Duration
	i := 0
	call := func() tools.GatedCall {
		i++
		if i%100 == 0 {
			bench.clock.Advance(24 * time.Hour)
		}
		call := bench.call("0.001")
		call.Arguments = fmt.Appendf(nil, `{"n":%d}`, i)
		return call
	}
	b.ReportAllocs()
	for b.Loop() {
		direct = append(direct, timed(func() error {
			_, err := call().Do(b.Context())
			return err
		}, b))
		gated = append(gated, timed(func() error {
			call := call()
			if m == ModeAuto {
				call.Confirmation = ask(b, bench.gate, b.Context(), call).Handle
			}
			_, err := bench.gate.Pass(b.Context(), call)
			return err
		}, b))
		b.StopTimer()
		synced = append(synced, timed(sync, b))
		b.StartTimer()
	}
	added, one := median(gated)-median(direct), median(synced)
	b.ReportMetric(float64(added.Nanoseconds()), "added-ns")
	b.ReportMetric(float64(one.Nanoseconds()), "fsync-ns")
	b.ReportMetric(float64(added)/float64(one), "fsyncs")
}

// newPageSync gives a function that appends one page to a file and syncs it.
func newPageSync(b *testing.B) func() error {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "pages"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = file.Close() })
	page := make([]byte, 4096)
	return func() error {
		if _, err := file.Write(page); err != nil {
			return err
		}
		return file.Sync()
	}
}

func timed(work func() error, b *testing.B) time.Duration {
	b.Helper()
	began := time.Now()
	if err := work(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

func median(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
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
