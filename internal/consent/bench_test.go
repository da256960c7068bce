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
// the call is first asked for and then confirmed. A day has a hundred calls. In turn with that the call is made without the
// gate, and as many bytes as a claim writes are synced twice in the journal's folder: at the end of a file, which then grows,
// and over bytes that were there, which is less work and what SQLite's journal comes to once it is long enough. fsyncs and
// rewrites are what is added, of the medians, in such syncs. The timer is not stopped for them: that stops the world, and
// what comes next would be charged for waking it.
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
	growing, full := newSyncedFile(b, place), newSyncedFile(b, place)
	full.fill(b)
	var direct, gated, appended, rewritten []time.Duration
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
		appended = append(appended, timed(growing.write, b))
		rewritten = append(rewritten, timed(full.rewrite, b))
	}
	added := median(gated) - median(direct)
	b.ReportMetric(float64(added), "added-ns")
	b.ReportMetric(float64(median(appended)), "fsync-ns")
	b.ReportMetric(float64(median(rewritten)), "rewrite-ns")
	b.ReportMetric(float64(added)/float64(median(appended)), "fsyncs")
	b.ReportMetric(float64(added)/float64(median(rewritten)), "rewrites")
}

// What a claim writes into SQLite's journal, and how many of those are in it before it is written from its start again.
const (
	claimBytes = 5 * (4096 + 24)
	fullClaims = 1000 / 5
)

// syncedFile is a file in the journal's folder.
type syncedFile struct {
	file  *os.File
	bytes []byte
	end   int64
}

func newSyncedFile(b *testing.B, place string) *syncedFile {
	b.Helper()
	folder := b.TempDir()
	if filepath.IsAbs(place) {
		folder = filepath.Dir(place)
	}
	file, err := os.CreateTemp(folder, "synced")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = file.Close() })
	return &syncedFile{file: file, bytes: make([]byte, claimBytes)}
}

func (f *syncedFile) fill(b *testing.B) {
	b.Helper()
	for range fullClaims {
		if err := f.write(); err != nil {
			b.Fatal(err)
		}
	}
}

// write writes what is as long as a claim, and syncs it.
func (f *syncedFile) write() error {
	if _, err := f.file.WriteAt(f.bytes, f.end); err != nil {
		return err
	}
	f.end += claimBytes
	return f.file.Sync()
}

func (f *syncedFile) rewrite() error {
	f.end %= fullClaims * claimBytes
	return f.write()
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
