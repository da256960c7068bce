package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tools that move money here.
const (
	lockTool   = "lock_payment"
	settleTool = "settle_payment"
	redeemTool = "redeem_payment_token"
)

// How a payment ended as its client knows it.
const (
	paid    = "paid"
	unknown = "unknown"
)

// payment is a call that moves money, known everywhere by its tool and its amount: no two have the same.
type payment struct {
	tool, amount string
	outcome      string
	replayed     bool
}

// amountOf gives billionths of a credit as tools take them.
func amountOf(nano int) string { return fmt.Sprintf("0.%09d", nano) }

// The first amounts, in billionths, of the locks and their settlements, and of what is redeemed at once.
const (
	firstLock       = 1_000
	firstRedemption = 1_000_000
)

// work is what the clients do.
type work struct {
	tally *tally
	// tokens are the payment tokens to spend.
	tokens []string
	// reads are calls whose answers never change, with the answers.
	reads []read
	// keyOnly is for servers that do not ask: the idempotency key alone tells a call that is tried again.
	keyOnly bool

	mu       sync.Mutex
	payments []payment
}

// read is a call and its answer.
type read struct {
	tool      string
	arguments map[string]any
	answer    map[string]any
}

// learnReads makes each read once, before anything is killed.
func (w *work) learnReads(t *testing.T, c *caller, untouched string) {
	t.Helper()
	for _, r := range []read{
		{tool: "list_agents"},
		{tool: "search_agents", arguments: map[string]any{"query": "translate a contract"}},
		{tool: "get_agent", arguments: map[string]any{"agent": "legal-translator"}},
		{tool: "search_intents", arguments: map[string]any{"query": "translate a contract"}},
		{tool: "list_content"},
		{tool: "verify_payment_token", arguments: map[string]any{"token": untouched}},
		{tool: "list_payment_schemes"},
		{tool: "get_exchange_rates"},
	} {
		answered, err := c.call(t.Context(), r.tool, r.arguments)
		if err != nil || answered.failure != nil {
			t.Fatalf("%s: %v %v", r.tool, err, answered.failure)
		}
		r.answer = answered.result
		w.reads = append(w.reads, r)
	}
}

// read makes the nth read and compares the answer. What a client reads of its credits changes all the time; it only has
// to be answered.
func (w *work) read(ctx context.Context, c *caller, n int) {
	if n%(len(w.reads)+1) == len(w.reads) {
		w.must(ctx, c, "get_credits", nil)
		return
	}
	r := w.reads[n%(len(w.reads)+1)]
	if got := w.must(ctx, c, r.tool, r.arguments); got != nil && !reflect.DeepEqual(got, r.answer) {
		w.tally.fault("%s answers %s", r.tool, encode(got))
	}
}

// must calls a tool that has to succeed; it gives nil and notes the fault otherwise.
func (w *work) must(ctx context.Context, c *caller, tool string, arguments map[string]any) map[string]any {
	started := time.Now()
	answered, err := c.call(ctx, tool, arguments)
	switch {
	case err != nil:
		w.tally.fault("%s: %v", tool, err)
	case answered.failure != nil:
		w.tally.answered(time.Since(started))
		w.tally.fault("%s: %v", tool, answered.failure)
	default:
		w.tally.answered(time.Since(started))
		return answered.result
	}
	return nil
}

// pay makes a payment, in two calls where the server asks, and notes how it ended. It gives the result of one that
// succeeded. A payment that failed on the way is tried again with the same handle and the same key.
func (w *work) pay(ctx context.Context, c *caller, tool, amount, key string, arguments map[string]any) map[string]any {
	arguments["amount_usd"] = amount
	if key != "" {
		arguments["idempotency_key"] = key
	}
	if !w.keyOnly {
		asked := w.must(ctx, c, tool, arguments)
		handle, ok := asked["confirmation"].(string)
		if !ok {
			w.tally.fault("%s of %s: nobody was asked: %s", tool, amount, encode(asked))
			return nil
		}
		arguments["confirmation"] = handle
	}
	started := time.Now()
	answered, err := c.call(ctx, tool, arguments)
	if err != nil {
		w.tally.fault("%s of %s: %v", tool, amount, err)
		return nil
	}
	w.tally.answered(time.Since(started))
	made := payment{tool: tool, amount: amount, outcome: paid}
	if answered.failure != nil {
		if answered.failure.Code != "outcome_unknown" {
			w.tally.fault("%s of %s: %v", tool, amount, answered.failure)
		}
		made.outcome = unknown
	} else if answered.result["status"] == "confirmation_required" {
		w.tally.fault("%s of %s: asked again", tool, amount)
	}
	made.replayed, _ = answered.result["replayed"].(bool)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.payments = append(w.payments, made)
	return answered.result
}

// lockAndSettle holds an amount and charges it. A hold that nobody knows of is left alone, and read calls are made instead.
func (w *work) lockAndSettle(ctx context.Context, c *caller, n int) {
	amount := amountOf(firstLock + n)
	held := w.pay(ctx, c, lockTool, amount, w.key("lock", n), map[string]any{"token": w.tokens[n%len(w.tokens)]})
	id, ok := held["lock_id"].(string)
	if !ok {
		for i := range w.callsOfPayment() {
			w.read(ctx, c, n+i)
		}
		return
	}
	if held["held_credits"] != trimmed(amount) {
		w.tally.fault("%s of %s holds %v", lockTool, amount, held["held_credits"])
	}
	charged := w.pay(ctx, c, settleTool, amount, w.key("settle", n), map[string]any{"lock_id": id})
	if charged != nil && charged["charged_credits"] != trimmed(amount) {
		w.tally.fault("%s of %s charges %v", settleTool, amount, charged["charged_credits"])
	}
}

// redeem charges a token at once.
func (w *work) redeem(ctx context.Context, c *caller, n int) {
	amount := amountOf(firstRedemption + n)
	got := w.pay(ctx, c, redeemTool, amount, w.key("redeem", n), map[string]any{"token": w.tokens[n%len(w.tokens)]})
	if got != nil && got["redeemed_credits"] != trimmed(amount) {
		w.tally.fault("%s of %s redeems %v", redeemTool, amount, got["redeemed_credits"])
	}
}

// key names a payment. Where the server asks, every other one has none, so that its handle alone has to do: the platform,
// which knows the keys of some tools, then does not help.
func (w *work) key(kind string, n int) string {
	if !w.keyOnly && n%2 == 0 {
		return ""
	}
	return fmt.Sprintf("%s-%d", kind, n)
}

// callsOfPayment is how many calls a payment takes.
func (w *work) callsOfPayment() int {
	if w.keyOnly {
		return 1
	}
	return 2
}

// readsOfRound is how many calls of a round only read.
const readsOfRound = 9

// round makes one call that redeems, one that locks and one that settles, with what goes before, among calls that read.
func (w *work) round(ctx context.Context, c *caller, n int) {
	for i := range readsOfRound {
		w.read(ctx, c, n+i)
	}
	w.redeem(ctx, c, n)
	w.lockAndSettle(ctx, c, n)
}

// callsOfRound is how many calls a round takes.
func (w *work) callsOfRound() int { return readsOfRound + 3*w.callsOfPayment() }

// trimmed is an amount as results spell it.
func trimmed(amount string) string { return strings.TrimRight(amount, "0") }

func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// nanoOf is an amount in billionths of a credit.
func nanoOf(t *testing.T, amount string) int64 {
	t.Helper()
	nano, err := strconv.ParseInt(strings.TrimPrefix(amount, "0."), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return nano
}
