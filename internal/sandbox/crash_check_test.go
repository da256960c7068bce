package sandbox

import (
	"context"
	"net/http"
	"testing"
)

// repeatEvery chooses the answered payments that are sent again.
const repeatEvery = 5

// check opens the database of a killed platform, holds it to what was answered, and sends again, twice, what was not
// answered and some of what was.
func (l *crashLoad) check(t *testing.T, round []crashSent) {
	t.Helper()
	p, err := Open(context.Background(), Options{Database: l.path, Now: noon})
	if err != nil {
		t.Fatalf("open after a kill: %v", err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	checkLedger(t, p)
	for i := range round {
		s := &round[i]
		if s.status >= 500 {
			t.Errorf("%s %s: %d %s", s.target, s.body, s.status, s.raw)
		}
		if s.key == "" {
			checkLock(t, p, s)
			continue
		}
		// A refusal is not kept: what was refused may well succeed later.
		if s.status == 0 || s.status == http.StatusOK {
			l.checkKept(t, p, s, s.status == 0 || i%repeatEvery == 0)
		}
	}
	checkLedger(t, p)
	checkKeys(t, p)
}

// checkLock wants an answered lock to hold what was answered. An unanswered one may be there, unknown to anybody, until
// it ends.
func checkLock(t *testing.T, p *Platform, s *crashSent) {
	t.Helper()
	if s.status != http.StatusOK {
		return
	}
	if held := count64(t, p, "SELECT coalesce(sum(nano), 0) FROM postings WHERE account = 'lock:' || ? AND nano > 0", s.answer.body["lockId"]); float64(held) != s.answer.body["lockedAmount"] {
		t.Errorf("the lock of %s holds %d", s.raw, held)
	}
}

// checkKept wants an answered payment to be kept. Sent again, one that took effect, whether that was answered or not,
// gives its first answer.
func (l *crashLoad) checkKept(t *testing.T, p *Platform, s *crashSent, again bool) {
	t.Helper()
	kept := count64(t, p, "SELECT count(*) FROM idempotency WHERE user_id IN (SELECT id FROM users) AND key = ?", s.key)
	switch {
	case s.status == 0:
		l.effects += int(kept)
	case kept != 1:
		t.Errorf("%s was answered %s, and %d answers are kept", s.key, s.raw, kept)
	}
	if !again {
		return
	}
	first := sendAs(t, p, s.as, s.method, s.target, s.body, "Idempotency-Key", s.key)
	if replayed := first.header.Get("Idempotent-Replayed") == "true"; replayed != (kept == 1) {
		t.Errorf("%s: replayed is %t, with %d answers kept", s.key, replayed, kept)
	}
	if s.status == http.StatusOK && !sameAnswer(s.answer, first) {
		t.Errorf("%s was answered %s, and then %s", s.key, s.raw, first.raw)
	}
	if first.status != http.StatusOK {
		return
	}
	if second := sendAs(t, p, s.as, s.method, s.target, s.body, "Idempotency-Key", s.key); !sameAnswer(first, second) || second.body["replayed"] != true {
		t.Errorf("%s was answered %s, and then %s", s.key, first.raw, second.raw)
	}
}

// sameAnswer compares what two answers say of the payment.
func sameAnswer(a, b answer) bool {
	for _, name := range []string{"success", "transaction", "charged", "remaining", "requested", "amount", "toUserId"} {
		if a.body[name] != b.body[name] {
			return false
		}
	}
	return a.status == b.status
}

// checkKeys wants exactly one charge in the ledger for each key that succeeded, and none without a key.
func checkKeys(t *testing.T, p *Platform) {
	t.Helper()
	for what, query := range map[string]string{
		"a key charged twice": `SELECT count(*) FROM (SELECT description FROM entries WHERE description LIKE '%crash-%'
			GROUP BY description HAVING count(*) > 1)`,
		"an entry is under no key": `SELECT count(*) FROM entries WHERE description LIKE '%crash-%'
			AND replace(description, 'transfer: ', '') NOT IN (SELECT key FROM idempotency)`,
		"a key is under no entry": `SELECT (SELECT count(*) FROM idempotency) -
			(SELECT count(*) FROM entries WHERE description LIKE '%crash-%' OR description = 'payment token redeemed')`,
		"redemptions differ from their answers": `SELECT
			(SELECT coalesce(sum(CAST(json_extract(answer, '$.charged') AS INTEGER)), 0) FROM idempotency
				WHERE json_extract(answer, '$.charged') IS NOT NULL AND key NOT IN (SELECT description FROM entries)) +
			(SELECT coalesce(sum(nano), 0) FROM postings JOIN entries ON sequence = entry
				WHERE description = 'payment token redeemed' AND nano < 0)`,
	} {
		if n := count64(t, p, query); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

func count64(t *testing.T, p *Platform, query string, arguments ...any) (n int64) {
	t.Helper()
	if err := p.database.QueryRowContext(context.Background(), query, arguments...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
