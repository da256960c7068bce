package hostile

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// payRoute is where redeem_payment_token goes, and creditsToken a token of the sandbox that it takes from.
const (
	payRoute     = "/api/payments/settle"
	creditsToken = "e687a3cb-07e6-5515-921a-7a341ea8858e"
)

// payments counts the payments of the tests, each of which has a key of its own.
var payments atomic.Int64

// payment gives the arguments of a payment that was not made before.
func payment() string {
	return fmt.Sprintf(`{"token":%q,"amount_usd":"0.001","idempotency_key":"hostile-%d"`, creditsToken, payments.Add(1))
}

// agreed gives the arguments of a payment that somebody has agreed to.
func agreed(t *testing.T, w wire) string {
	arguments := payment()
	asked := do(t, w, "redeem_payment_token", arguments+"}").good(t)
	handle, _ := asked["confirmation"].(string)
	if asked["status"] != "confirmation_required" || handle == "" {
		t.Fatalf("the payment is not asked about: %v", asked)
	}
	return arguments + fmt.Sprintf(`,"confirmation":%q}`, handle)
}

// moneyRows are about payments that clients lose sight of.
func moneyRows(platform *gateway) []row {
	with := func(probe func(*testing.T, *gateway, string) string) func(*testing.T, string) string {
		return func(t *testing.T, over string) string {
			return probe(t, platform, over)
		}
	}
	return []row{
		{fault: "the same payment under a new id", limit: "1 payment, then replayed", over: everywhere(), probe: with(paidAgain)},
		{fault: "the same payment 50 times at once", limit: "1 payment, 50 answers", over: everywhere(), probe: with(paidAtOnce)},
		{fault: "SIGTERM while a payment is under way", limit: "answered or kept, 1 payment", over: everywhere(), probe: with(paidAtTheEnd)},
		{fault: "SIGKILL once a payment is sent", limit: "unknown after, 1 payment", over: []string{overStdio}, probe: with(paidBeforeTheKill)},
		{fault: "stdout is closed while a payment is under way", limit: "succeeded, no signal, 1 payment", over: []string{overStdio}, probe: with(paidUnheard)},
		{fault: "a payment is cancelled under way", limit: "finished and replayed, 1 payment", over: []string{overStdio, overLegacy, overSSE}, probe: with(paidThoughCancelled)},
		{fault: "the client is gone while it pays", limit: "finished and replayed, 1 payment", over: web(), probe: with(paidThoughGone)},
		{fault: "a payment before initialize", limit: "0 payments", over: []string{overStdio, overLegacy, overSSE}, probe: with(paidUnintroduced)},
	}
}

// paidOnce fails unless the platform has been asked for one payment more than before.
func paidOnce(t *testing.T, platform *gateway, before int) {
	t.Helper()
	if paid := platform.count("POST "+payRoute) - before; paid != 1 {
		t.Errorf("the platform is asked for %d payments", paid)
	}
}

// replayed makes the payment again and fails unless the answer is what was done before.
func replayed(t *testing.T, w wire, arguments string) {
	t.Helper()
	answer := do(t, w, "redeem_payment_token", arguments)
	for began := time.Now(); answer.outcome(t).Meta.Failure.Code == "in_progress" && time.Since(began) < patience; {
		time.Sleep(20 * time.Millisecond)
		answer = do(t, w, "redeem_payment_token", arguments)
	}
	if again := answer.good(t); again["status"] != "done" || again["replayed"] != true {
		t.Errorf("again: %v", again)
	}
}

func paidAgain(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	arguments, before := agreed(t, w), platform.count("POST "+payRoute)
	if done := do(t, w, "redeem_payment_token", arguments).good(t); done["status"] != "done" || done["replayed"] != false {
		t.Errorf("first: %v", done)
	}
	replayed(t, w, arguments)
	paidOnce(t, platform, before)
	return "1 payment, replayed"
}

func paidAtOnce(t *testing.T, platform *gateway, over string) string {
	const times = 50
	w := dial(t, over, offering(platform))
	arguments, before := agreed(t, w), platform.count("POST "+payRoute)
	answers := make([]<-chan reply, times)
	for i := range answers {
		id := fmt.Sprint(i + 1)
		answers[i] = w.send(call(w, id, "redeem_payment_token", arguments), id)
	}
	first, others := 0, 0
	for _, answer := range answers {
		switch out := receive(t, answer, "the answer").outcome(t); {
		case out.StructuredContent["status"] == "done" && out.StructuredContent["replayed"] == false:
			first++
		default:
			others++
		}
	}
	if first != 1 {
		t.Errorf("%d of them say that they paid", first)
	}
	paidOnce(t, platform, before)
	return fmt.Sprintf("1 payment, %d answers", first+others)
}

// journal asks the program itself about the calls that are in a server's journal.
func journal(t *testing.T, home string, flags ...string) []map[string]any {
	t.Helper()
	given := settings{home: home}
	c := given.prepare(t, "journal", append([]string{"--json", "--all"}, flags...)...)
	printed, err := c.Output()
	if err != nil {
		t.Fatalf("journal: %v", err)
	}
	var kept struct {
		Entries []map[string]any `json:"entries"`
	}
	if err := json.Unmarshal(printed, &kept); err != nil {
		t.Fatal(err)
	}
	return kept.Entries
}

// states gives the states of the calls in a journal.
func states(entries []map[string]any) string {
	var all []string
	for _, entry := range entries {
		for name, value := range entry {
			if strings.EqualFold(name, "state") {
				all = append(all, fmt.Sprint(value))
			}
		}
	}
	return strings.Join(all, " ")
}

// startPayment sends a payment and waits until the platform has it.
func startPayment(t *testing.T, platform *gateway, w wire) (arguments string, held *barrier, before int, answer <-chan reply) {
	t.Helper()
	arguments, before = agreed(t, w), platform.count("POST "+payRoute)
	held = platform.hold("POST", payRoute, true)
	answer = w.send(call(w, "1", "redeem_payment_token", arguments), "1")
	receive(t, held.arrived, "the payment at the platform")
	return arguments, held, before, answer
}

func paidAtTheEnd(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	_, held, before, answer := startPayment(t, platform, w)
	defer held.lift()
	w.host().signal(syscall.SIGTERM)
	time.AfterFunc(time.Second, held.lift)
	if got := receive(t, answer, "the answer"); got.Result == nil || got.good(t)["status"] != "done" {
		t.Errorf("the payment is answered with %s", got.raw)
	}
	w.host().awaitEnd(drainTime)
	kept := states(journal(t, w.host().home))
	if kept != "succeeded" || w.host().status() != 0 {
		t.Errorf("the journal says %q, status %d", kept, w.host().status())
	}
	paidOnce(t, platform, before)
	return "answered, journal: " + kept
}

// paidUnheard closes the server's stdout, lets it find that out by an answer that it cannot write, and then lets the
// payment end.
func paidUnheard(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	_, held, before, _ := startPayment(t, platform, w)
	defer held.lift()
	_ = w.host().stdout.Close()
	w.send(call(w, "2", "get_credits", `{}`), "2")
	time.AfterFunc(500*time.Millisecond, held.lift)
	took := w.host().awaitEnd(drainTime + time.Second)
	kept := states(journal(t, w.host().home))
	if kept != "succeeded" || w.host().status() < 0 {
		t.Errorf("the journal says %q, status %d (-1: ended by a signal)", kept, w.host().status())
	}
	within(t, "the end", took, drainTime)
	paidOnce(t, platform, before)
	return fmt.Sprintf("journal: %s, status %d", kept, w.host().status())
}

func paidBeforeTheKill(t *testing.T, platform *gateway, over string) string {
	given := offering(platform)
	given.home = t.TempDir()
	w := dial(t, over, given)
	arguments, held, before, _ := startPayment(t, platform, w)
	if err := w.host().command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-w.host().ended
	held.lift()
	again := dial(t, over, given)
	answer := do(t, again, "redeem_payment_token", arguments).outcome(t)
	pending := do(t, again, "list_pending_payments", `{}`)
	kept := states(journal(t, given.home))
	if kept != "unknown" && kept != "succeeded" { // what it reads back at the platform settles it
		t.Errorf("the journal says %q", kept)
	}
	if kept == "unknown" && (!answer.IsError || !strings.Contains(pending.raw, "unknown")) {
		t.Errorf("what nobody knows is not told: %v, pending %s", answer, pending.raw)
	}
	paidOnce(t, platform, before)
	return "journal: " + kept + ", 1 payment"
}

// cancelled builds the message that gives up a request.
func cancelled(id string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%s,"reason":"changed my mind"}}`, id)
}

func paidThoughCancelled(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	arguments, held, before, _ := startPayment(t, platform, w)
	defer held.lift()
	w.send(cancelled("1"))
	ping(t, w) // what came before it has been read
	time.Sleep(100 * time.Millisecond)
	stillHeld(t, held)
	held.lift()
	replayed(t, w, arguments)
	paidOnce(t, platform, before)
	return "finished, replayed"
}

// stillHeld fails when the server has given a request up.
func stillHeld(t *testing.T, held *barrier) {
	t.Helper()
	select {
	case <-held.aborted:
		t.Error("the request to the platform was given up")
	default:
	}
}

func paidThoughGone(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	arguments, held, before, _ := startPayment(t, platform, w)
	defer held.lift()
	w.leave()
	time.Sleep(200 * time.Millisecond)
	stillHeld(t, held)
	held.lift()
	replayed(t, dialHTTP(w.host(), over), arguments)
	paidOnce(t, platform, before)
	return "finished, replayed"
}

// paidUnintroduced pays on a connection that nobody has introduced himself on. Another client has agreed for it: even
// then no money may move.
func paidUnintroduced(t *testing.T, platform *gateway, over string) string {
	given := offering(platform)
	given.home = t.TempDir()
	introduced := dial(t, over, given)
	arguments, before := agreed(t, introduced), platform.count("POST "+payRoute)
	var w wire
	switch over {
	case overStdio:
		introduced.leave()
		<-introduced.host().ended
		w = dialStdio(startStdio(t, given), false)
	case overLegacy:
		w = newPoster(introduced.host(), false)
	default:
		w = openSSE(introduced.host())
	}
	answer := do(t, w, "redeem_payment_token", arguments)
	if paid := platform.count("POST "+payRoute) - before; paid != 0 {
		t.Errorf("%d payments are made: %s", paid, answer.raw)
	}
	return "refused, 0 payments"
}
