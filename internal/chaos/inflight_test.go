package chaos

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/consent"
)

// flight is a payment that the platform has received and not done yet.
type flight struct {
	platform *platform
	server   *server
	journal  string
	paying   call
	sent     *pending
	release  func()
}

// takeOff brings a payment to the platform, which holds it until it is released.
func takeOff(t *testing.T) *flight {
	t.Helper()
	f := &flight{platform: startPlatform(t, 0)}
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	f.release = sync.OnceFunc(func() { close(release) })
	t.Cleanup(f.release)
	f.platform.ask = func(order) {
		arrived <- struct{}{}
		<-release
	}
	folder := t.TempDir()
	f.journal = filepath.Join(folder, "journal.db")
	var err error
	f.server, err = startServer(f.platform.url(0), settings{
		journal: f.journal, home: folder, mode: "auto", perCall: "1", perDay: "10", timeout: "30s",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.server.kill)
	wanted := &effect{number: 1, tool: toolRedeem, marker: "m-000001", units: 5_000_000}
	f.paying = call{effect: wanted}
	asked := f.answer(t, <-f.server.call(toolRedeem, wanted.arguments()).reply)
	f.paying.handle = asked.Confirmation
	f.sent = f.pay()
	<-arrived
	return f
}

func (f *flight) pay() *pending {
	arguments := f.paying.effect.arguments()
	arguments["confirmation"] = f.paying.handle
	return f.server.call(f.paying.effect.tool, arguments)
}

func (f *flight) answer(t *testing.T, got reply) answer {
	t.Helper()
	said, err := readAnswer(got)
	if err != nil || said.Lost {
		t.Fatalf("no answer: %v %s", err, f.server.stderr.String())
	}
	return said
}

// land waits for the server's end, and for journal, ledger and audit trail to say that the payment was made, once.
func (f *flight) land(t *testing.T) {
	t.Helper()
	<-f.server.ended
	if f.server.exit != nil {
		t.Errorf("the server ended with %v: %s", f.server.exit, f.server.stderr.String())
	}
	f.platform.close()
	rows, err := readJournal(t.Context(), f.journal)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].State != consent.Succeeded || rows[0].Amount.String() != f.paying.effect.amount() {
		t.Errorf("the journal has %+v", rows)
	}
	if commits := f.platform.ledger.commits; len(commits) != 1 || f.platform.ledger.sends[f.paying.effect.id()] != 1 {
		t.Errorf("the ledger has %+v", commits)
	}
	if report, err := consent.VerifyAudit(f.journal + ".audit"); err != nil || len(report.Faults)+len(report.Torn) > 0 {
		t.Errorf("%+v %v", report, err)
	}
}

// TestACanceledPaymentIsFinished gives a payment up, and asks for its result with the same handle.
func TestACanceledPaymentIsFinished(t *testing.T) {
	t.Parallel()
	f := takeOff(t)
	f.server.cancel(f.sent)
	<-f.server.request("ping", map[string]any{}).reply // by now the cancellation was read
	if said := f.answer(t, <-f.pay().reply); said.Refused != "in_progress" {
		t.Errorf("while it runs: %+v", said)
	}
	f.release()
	said := f.answer(t, <-f.pay().reply)
	for said.Refused == "in_progress" {
		said = f.answer(t, <-f.pay().reply)
	}
	if !said.done() || !said.Replayed {
		t.Errorf("afterwards: %+v", said)
	}
	f.server.hangUp()
	f.land(t)
}

// endings are the ways in which a client lets a server end by itself.
func endings() map[string]func(*server) {
	return map[string]func(*server){"end of input": (*server).hangUp, "SIGTERM": (*server).terminate}
}

// TestAPaymentIsAnsweredAtTheEnd has the platform answer while the server is ending.
func TestAPaymentIsAnsweredAtTheEnd(t *testing.T) {
	t.Parallel()
	for name, end := range endings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := takeOff(t)
			end(f.server)
			f.release()
			if said := f.answer(t, <-f.sent.reply); !said.done() || said.Replayed {
				t.Errorf("%+v", said)
			}
			f.land(t)
		})
	}
}

// TestAPaymentOutlivesItsConnection has the platform answer only when the server has given up its client, which it does
// after ten seconds.
func TestAPaymentOutlivesItsConnection(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	t.Parallel()
	for name, end := range endings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := takeOff(t)
			end(f.server)
			if got := <-f.sent.reply; got.fault == nil {
				said, err := readAnswer(got)
				if err != nil || said.Refused != "in_progress" {
					t.Errorf("given up with %+v %v", said, err)
				}
			}
			f.release()
			f.land(t)
		})
	}
}
