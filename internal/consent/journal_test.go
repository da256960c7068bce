package consent

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// spread calls work from many goroutines at once and gives what the calls answered.
func spread(n int, work func(i int) (tools.Result, error)) (fresh, replayed int, codes map[string]int) {
	var (
		all sync.WaitGroup
		mu  sync.Mutex
	)
	codes = map[string]int{}
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			result, err := work(i)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				codes[codeOf(err)]++
			case strings.Contains(string(result.Structured), `"replayed":true`):
				replayed++
			default:
				fresh++
			}
		})
	}
	close(start)
	all.Wait()
	return fresh, replayed, codes
}

func TestOneHandleIsExecutedOnceByTwoGates(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		gates := []*Gate{b.gate, b.open(t)}
		handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		fresh, replayed, codes := spread(50, func(i int) (tools.Result, error) {
			return gates[i%2].Pass(t.Context(), confirmed(b.call("0.5"), handle))
		})
		wantCommits(t, b, 1)
		if fresh != 1 || replayed+codes[tools.CodeInProgress] != 49 {
			t.Fatalf("%d fresh, %d replayed, %v", fresh, replayed, codes)
		}
	})
}

func TestOneIdempotencyKeyIsExecutedOnceByTwoGates(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place, mode(ModeOff))
		gates := []*Gate{b.gate, b.open(t, mode(ModeOff))}
		fresh, replayed, codes := spread(50, func(i int) (tools.Result, error) {
			return gates[i%2].Pass(t.Context(), keyed(b.call("0.5"), "order-1"))
		})
		wantCommits(t, b, 1)
		if fresh != 1 || replayed+codes[tools.CodeInProgress] != 49 {
			t.Fatalf("%d fresh, %d replayed, %v", fresh, replayed, codes)
		}
	})
}

func TestTwoGatesShareTheLimitOfADay(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place, mode(ModeOff))
		gates := []*Gate{b.gate, b.open(t, mode(ModeOff))}
		fresh, _, codes := spread(40, func(i int) (tools.Result, error) {
			call := b.call("0.9")
			call.Arguments = fmt.Appendf(nil, `{"n":%d}`, i)
			return gates[i%2].Pass(t.Context(), call)
		})
		wantCommits(t, b, 11) // 9.9 of 10 credits
		if fresh != 11 || codes[tools.CodeLimitExceeded] != 29 {
			t.Fatalf("%d fresh, %v", fresh, codes)
		}
	})
}

func TestLimits(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place, mode(ModeOff), func(o *Options) { o.MaxSpendPerDay = decimal.RequireFromString("1.5") })
		_, err := b.gate.Pass(t.Context(), b.call("1.000000001"))
		wantCode(t, err, tools.CodeLimitExceeded)
		if !strings.Contains(err.Error(), "--max-spend-per-call") || !strings.Contains(err.Error(), "limit of 1 credits") {
			t.Fatal(err)
		}
		if _, err := b.gate.Pass(t.Context(), b.call("1")); err != nil {
			t.Fatal(err)
		}
		again := b.open(t, func(o *Options) { o.MaxSpendPerDay = decimal.RequireFromString("1.5") }) // another server, which asks
		_, err = again.Pass(t.Context(), b.call("0.500000001"))
		wantCode(t, err, tools.CodeLimitExceeded)
		if !strings.Contains(err.Error(), "--max-spend-per-day") || !strings.Contains(err.Error(), "on top of the 1 spent") {
			t.Fatal(err)
		}
		bob := tools.WithCaller(t.Context(), tools.Caller{ID: "bob"})
		if _, err := b.gate.Pass(bob, b.call("0.9")); err != nil {
			t.Fatal(err) // each caller has limits of their own
		}
		if _, err := b.gate.Pass(t.Context(), b.call("0.5")); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(12 * time.Hour) // midnight UTC
		if _, err := b.gate.Pass(t.Context(), b.call("1")); err != nil {
			t.Fatal(err)
		}
		_, err = b.gate.Pass(t.Context(), b.call("99999999999999999999999"))
		wantCode(t, err, tools.CodeLimitExceeded)
		_, asking := again.Pass(t.Context(), b.call("999999999.999999999"))
		if !strings.Contains(err.Error(), ": 99999999999999999999999 credits") || !strings.Contains(asking.Error(), ": 999999999.999999999 credits") {
			t.Errorf("%v, %v", err, asking) // what is counted has an end, what is told has none
		}
		_, err = b.gate.Pass(t.Context(), b.call("-1"))
		wantCode(t, err, tools.CodeInvalidArgument)
	})
}

func TestRejectedCallsDoNotCountAndUnknownOnesDo(t *testing.T) {
	for failure, commits := range map[error]int{client.ErrInsufficientFunds: 1, client.ErrTimeout: 0} {
		b := newBench(t, MemoryJournal, mode(ModeOff), func(o *Options) { o.MaxSpendPerDay = decimal.NewFromInt(1) })
		failing := b.call("0.6")
		failing.Do = func(context.Context) (tools.Result, error) { return tools.Result{}, failure }
		if _, err := b.gate.Pass(t.Context(), failing); err == nil {
			t.Fatal("no failure")
		}
		_, _ = b.gate.Pass(t.Context(), b.call("0.7"))
		wantCommits(t, b, commits)
	}
}

func TestJournalIsPrivateDurableAndShared(t *testing.T) {
	place := filepath.Join(t.TempDir(), "new", "journal.db")
	b := newBench(t, place)
	handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
	if _, err := b.open(t).Pass(t.Context(), confirmed(b.call("0.5"), handle)); err != nil {
		t.Fatal(err) // the key is in the journal
	}
	for path, want := range map[string]os.FileMode{place: 0o600, place + "-wal": 0o600, filepath.Dir(place): 0o700} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", filepath.Base(path), info.Mode(), err)
		}
	}
	check := func(on interface {
		QueryRowContext(context.Context, string, ...any) *sql.Row
	}, synchronous string,
	) {
		t.Helper()
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": synchronous, "busy_timeout": "5000"} {
			var got string
			if err := on.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %s, want %s (%v)", pragma, got, want, err)
			}
		}
	}
	j := b.gate.journal
	check(j.database, "2")
	for range 2 { // a claim after an outcome is as durable as the first
		if _, err := j.execAs(t.Context(), lasting, "UPDATE robutler_calls SET detail = '' WHERE id = ''"); err != nil {
			t.Fatal(err)
		}
		check(j.writer, "1")
		if err := j.inTransaction(t.Context(), 1, func(tx *sql.Tx) error {
			check(tx, "2")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := j.exec(t.Context(), "UPDATE robutler_calls SET detail = '' WHERE id = ''"); err != nil {
			t.Fatal(err)
		}
		check(j.writer, "2")
	}
}

func TestPostgresCommitsDurably(t *testing.T) {
	place := newPostgres(t)
	b := newBench(t, place)
	if _, err := b.gate.journal.exec(t.Context(), "SET synchronous_commit = off"); err != nil {
		t.Fatal(err)
	}
	err := b.gate.journal.inTransaction(t.Context(), 1, func(tx *sql.Tx) error {
		for name, want := range map[string]string{"synchronous_commit": "on", "idle_in_transaction_session_timeout": "12s"} {
			var got string
			if err := tx.QueryRowContext(t.Context(), "SHOW "+name).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %s (%v)", name, got, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNewerJournalIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		if _, err := b.gate.journal.exec(t.Context(), "UPDATE robutler_settings SET value = '2' WHERE name = 'schema'"); err != nil {
			t.Fatal(err)
		}
		if err := b.open(t).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "newer robutler-mcp") {
			t.Fatal(err)
		}
	})
}

func TestPrune(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		pay(t, b.gate, b.call("0.1"))
		lost := b.call("0.2")
		lost.Do = func(context.Context) (tools.Result, error) { return tools.Result{}, client.ErrTimeout }
		_, _ = b.gate.Pass(t.Context(), confirmed(lost, ask(t, b.gate, t.Context(), lost).Handle))
		ask(t, b.gate, t.Context(), b.call("0.3"))
		b.clock.Advance(25 * time.Hour)
		if err := b.gate.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Unknown, Succeeded}) {
			t.Fatalf("after a day: %v", got)
		}
		b.clock.Advance(7 * 24 * time.Hour)
		ask(t, b.gate, t.Context(), b.call("0.3"))
		if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Prepared, Unknown, Succeeded}) {
			t.Fatalf("the latest call was of a week before: %v", got)
		}
		b.clock.Advance(pruneInterval)
		ask(t, b.gate, t.Context(), b.call("0.3")) // calls prune too
		if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Prepared, Unknown}) {
			t.Fatalf("after eight days: %v", got)
		}
	})
}

// TestTheJournalKeepsWhatWasShown makes a call whose preview reads otherwise by then, without its terms being others.
func TestTheJournalKeepsWhatWasShown(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		call := b.call("0.5")
		preview, holds := call.Preview, "The token then holds 4."
		call.Preview = func(ctx context.Context) (tools.Preview, error) {
			shown, err := preview(ctx)
			shown.Would, shown.Terms = holds, "5 credits a token"
			return shown, err
		}
		asked := ask(t, b.gate, t.Context(), call)
		holds = "The token then holds 3."
		if _, err := b.gate.Pass(t.Context(), confirmed(call, asked.Handle)); err != nil {
			t.Fatal(err)
		}
		entries, err := b.gate.Entries(t.Context(), Query{})
		if err != nil || len(entries) != 1 || entries[0].State != Succeeded || entries[0].Preview.Would != asked.Would {
			t.Fatalf("%+v, %v", entries, err)
		}
	})
}
