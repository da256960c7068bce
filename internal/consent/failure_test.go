package consent

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// refusesAll asserts that nothing is sent and that the refusal says so, and that reads and harmless writes go on.
func refusesAll(t *testing.T, b *bench, handle string) {
	t.Helper()
	before := b.commits()
	for _, class := range []client.Class{client.Delete, client.Secret, client.Money} {
		call := classed(b.call("0.5"), class)
		large := call.Preview
		call.Preview = func(ctx context.Context) (tools.Preview, error) {
			shown, err := large(ctx)
			shown.After = map[string]any{"text": strings.Repeat("x", 1<<17)}
			return shown, err
		}
		_, err := b.gate.Pass(t.Context(), call)
		wantCode(t, err, tools.CodeJournalUnavailable)
		if class == client.Money {
			_, err = b.gate.Pass(t.Context(), confirmed(call, handle))
			wantCode(t, err, tools.CodeJournalUnavailable)
		}
	}
	wantCommits(t, b, before)
	for _, class := range []client.Class{client.Read, client.Update, client.Create} {
		if _, err := b.gate.Pass(t.Context(), classed(b.call("0.5"), class)); err != nil {
			t.Errorf("%s: %v", class, err)
		}
	}
}

// onEveryConnection sets the journal's connections, of which there is one of each kind from then on.
func onEveryConnection(t *testing.T, gate *Gate, pragma string) {
	t.Helper()
	for _, database := range []*sql.DB{gate.journal.database, gate.journal.writer} {
		database.SetMaxOpenConns(1)
		if _, err := database.ExecContext(t.Context(), pragma); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNoJournalNoCall(t *testing.T) {
	breakage := map[string]string{
		"full disk": "PRAGMA max_page_count = 1", // clamped to the pages that there are
		"read-only": "PRAGMA query_only = 1",
	}
	for name, statement := range breakage {
		t.Run(name, func(t *testing.T) {
			// A claim adds little to what was written when it was asked for: its server's name must not fit in the pages.
			b := newBench(t, filepath.Join(t.TempDir(), "journal.db"), func(o *Options) { o.Instance = strings.Repeat("i", 1<<17) })
			handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
			onEveryConnection(t, b.gate, statement)
			refusesAll(t, b, handle)
		})
	}
	t.Run("locked", func(t *testing.T) {
		b := newBench(t, filepath.Join(t.TempDir(), "journal.db"))
		handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		other := b.open(t)
		tx, err := other.journal.database.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		onEveryConnection(t, b.gate, "PRAGMA busy_timeout = 0")
		refusesAll(t, b, handle)
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if _, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle)); err != nil {
			t.Fatal(err) // the handle is still good: nothing was claimed
		}
	})
	t.Run("closed", func(t *testing.T) {
		b := newBench(t, filepath.Join(t.TempDir(), "journal.db"))
		handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		if err := b.gate.journal.database.Close(); err != nil {
			t.Fatal(err)
		}
		refusesAll(t, b, handle)
	})
	t.Run("postgres that refuses writes", func(t *testing.T) {
		b := newBench(t, newPostgres(t))
		handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		setDefault := func(value string) {
			t.Helper()
			admin := b.open(t).journal.database
			statement := "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = " + value + "', current_database()); END $$"
			if value == "off" {
				statement = "SET default_transaction_read_only = off; " + statement
			}
			if _, err := admin.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
			b.gate.journal.database.SetMaxIdleConns(0) // new connections take the new default
		}
		setDefault("on")
		refusesAll(t, b, handle)
	})
}

func TestJournalThatCannotBeOpenedIsTriedAgain(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, filepath.Join(folder, "journal.db"))
	if b.gate.Check(t.Context()) == nil {
		t.Fatal("no journal, no complaint")
	}
	refusesAll(t, b, "c1")
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	pay(t, b.gate, b.call("0.5"))
}

func TestPostgresAddressIsNotTold(t *testing.T) {
	for _, place := range []string{"postgres://user:hunter2@127.0.0.1:1/x?connect_timeout=1", "postgres://user:hunter2@%zz/"} {
		gate, err := Open(t.Context(), defaults(place, newClock()))
		if err != nil {
			t.Fatal(err)
		}
		err = gate.Check(t.Context())
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
		if err := gate.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, spoil := range map[string]func(*Options){
		"mode":           func(o *Options) { o.Mode = "maybe" },
		"journal":        func(o *Options) { o.Journal = "" },
		"negative limit": func(o *Options) { o.MaxSpendPerDay = o.MaxSpendPerDay.Neg() },
		"endless limit":  func(o *Options) { o.MaxSpendPerCall = o.MaxSpendPerCall.Shift(12) },
	} {
		options := defaults(MemoryJournal, newClock())
		spoil(&options)
		if _, err := Open(t.Context(), options); err == nil {
			t.Errorf("%s: no complaint", name)
		}
	}
}

func TestCallerThatLeavesDoesNotCancel(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		call := b.call("0.5")
		handle := ask(t, b.gate, t.Context(), call).Handle
		sent, proceed := make(chan struct{}), make(chan struct{})
		inner := call.Do
		call.Do = func(ctx context.Context) (tools.Result, error) {
			close(sent)
			<-proceed
			if ctx.Err() != nil {
				return tools.Result{}, ctx.Err()
			}
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("the call has no deadline of its own")
			}
			return inner(ctx)
		}
		ctx, leave := context.WithCancel(t.Context())
		answered := make(chan error, 1)
		go func() {
			_, err := b.gate.Pass(ctx, confirmed(call, handle))
			answered <- err
		}()
		<-sent
		leave()
		wantCode(t, <-answered, tools.CodeInProgress)
		_, err := b.gate.Pass(t.Context(), confirmed(call, handle)) // re-issued while it runs
		wantCode(t, err, tools.CodeInProgress)
		if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Sent}) {
			t.Fatalf("%v", got)
		}
		close(proceed)
		if err := b.gate.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		again, err := b.open(t).Pass(t.Context(), confirmed(b.call("0.5"), handle))
		if err != nil || !strings.Contains(string(again.Structured), `"replayed":true`) {
			t.Fatalf("%s %v", again.Structured, err)
		}
		_, err = b.gate.Pass(t.Context(), b.call("0.5"))
		wantCode(t, err, tools.CodeJournalUnavailable) // closed
		wantCommits(t, b, 1)
	})
}

func TestCanceledBeforeSending(t *testing.T) {
	b := newBench(t, MemoryJournal)
	handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := b.gate.Pass(ctx, confirmed(b.call("0.5"), handle)); tools.Explain(err).Code != tools.CodeCanceled {
		t.Fatal(err)
	}
	wantCommits(t, b, 0)
	if _, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle)); err != nil {
		t.Fatal(err)
	}
}

func TestOutcomeThatCannotBeWritten(t *testing.T) {
	b := newBench(t, filepath.Join(t.TempDir(), "journal.db"))
	call := b.call("0.5")
	inner := call.Do
	call.Do = func(ctx context.Context) (tools.Result, error) {
		_ = b.gate.journal.close()
		return inner(ctx)
	}
	handle := ask(t, b.gate, t.Context(), call).Handle
	if result, err := b.gate.Pass(t.Context(), confirmed(call, handle)); err != nil || string(result.Structured) != `{"paid":"0.5"}` {
		t.Fatalf("%s %v", result.Structured, err) // it is true, so it is told
	}
	b.clock.Advance(CallTimeout + leaseMargin)
	_, err := b.open(t).Pass(t.Context(), confirmed(b.call("0.5"), handle))
	wantCode(t, err, tools.CodeOutcomeUnknown)
	wantCommits(t, b, 1)
}

func TestToolThatBreaksLeavesAnUnknownOutcome(t *testing.T) {
	b := newBench(t, MemoryJournal)
	call := b.call("0.5")
	call.Do = func(context.Context) (tools.Result, error) { panic("secret-value") }
	_, err := b.gate.Pass(t.Context(), confirmed(call, ask(t, b.gate, t.Context(), call).Handle))
	if tools.Explain(err).Code != tools.CodeOutcomeUnknown || strings.Contains(err.Error(), "secret-value") {
		t.Fatal(err)
	}
	if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Unknown}) {
		t.Fatalf("%v", got)
	}
	b.clock.Advance(time.Hour)
}
