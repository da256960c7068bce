package cluster

import "testing"

// books are the journal and the ledger as they were when everything had ended.
type books struct {
	rows []row
	done ledger
}

// compare holds what the clients know, what the journal says and what the platform's ledger says against each other. Every
// payment is in the ledger once, or not at all where that is what its client was told.
func (c *cluster) compare(t *testing.T, w *work) *books {
	t.Helper()
	undecided := c.undecided(t)
	rows, done := c.readJournal(t), c.readLedger(t)
	var sum int64
	for e, n := range done.effects {
		if n != 1 {
			t.Errorf("%v was made %d times", e, n)
		}
		if e.tool != settleTool { // which takes what a lock took from the token
			sum += e.nano * int64(n)
		}
	}
	if want := int64(tokens)*tokenCredits*1_000_000_000 - sum; done.taken != sum || done.left != want {
		t.Errorf("the tokens gave %d and hold %d; the payments are %d, which leaves %d", done.taken, done.left, sum, want)
	}
	states := map[effect]string{}
	counts := map[string]int{}
	for _, r := range rows {
		if earlier, twice := states[r.effect]; twice {
			t.Errorf("%v is in the journal as %s and as %s", r.effect, earlier, r.state)
		}
		states[r.effect] = r.state
		counts[r.state]++
		if made := done.effects[r.effect]; (r.state == "succeeded" && made != 1) || (r.state == "rejected" && made != 0) {
			t.Errorf("%v is %s and was made %d times", r.effect, r.state, made)
		}
		if open := r.state == "unknown"; open != (undecided[r.id] == r.state) {
			t.Errorf("%v is %s and listed as %q", r.effect, r.state, undecided[r.id])
		}
	}
	for e := range done.effects {
		if states[e] == "" {
			t.Errorf("%v was made and is not in the journal", e)
		}
	}
	c.checkClients(t, w, states, done)
	t.Logf("ledger: %d payments, each once; the tokens gave %d.%09d credits, as their sum says; journal: %v",
		len(done.effects), sum/1_000_000_000, sum%1_000_000_000, counts)
	return &books{rows: rows, done: done}
}

// checkClients compares what the clients were told with what was done.
func (c *cluster) checkClients(t *testing.T, w *work, states map[effect]string, done ledger) {
	t.Helper()
	replays, lost := 0, 0
	known := map[effect]bool{}
	for _, p := range w.payments {
		e := effect{p.tool, nanoOf(t, p.amount)}
		known[e] = true
		if p.replayed {
			replays++
		}
		switch p.outcome {
		case paid:
			if done.effects[e] != 1 || (states[e] != "succeeded" && states[e] != unknown) {
				t.Errorf("%v: its client was told that it is paid; it was made %d times and is %s", e, done.effects[e], states[e])
			}
		default:
			lost++
			if states[e] != unknown && states[e] != "succeeded" {
				t.Errorf("%v: its client was told that nobody knows; the journal says %q", e, states[e])
			}
		}
	}
	for e := range done.effects {
		if !known[e] {
			t.Errorf("%v was made for nobody", e)
		}
	}
	t.Logf("%d payments were tried: %d paid (%d of them learned of by a replay), %d of an outcome that nobody knew",
		len(w.payments), len(w.payments)-lost, replays, lost)
}
