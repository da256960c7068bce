package sandbox

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// checkLedger holds the whole ledger to its rules: entries add up to zero, balances are the sums of their postings, and
// nothing but the outside is below zero.
func checkLedger(t rapid.TB, p *Platform) {
	t.Helper()
	for what, query := range map[string]string{
		"an entry does not come to zero": "SELECT count(*) FROM (SELECT entry FROM postings GROUP BY entry HAVING sum(nano) <> 0)",
		"a balance is not the sum":       "SELECT count(*) FROM accounts a WHERE nano <> (SELECT coalesce(sum(nano), 0) FROM postings WHERE account = a.name)",
		"a balance is below zero":        "SELECT count(*) FROM accounts WHERE nano < 0 AND name <> 'external'",
		"value was made or lost":         "SELECT sum(nano) FROM accounts",
		"an ended lock holds value":      "SELECT count(*) FROM locks l JOIN accounts a ON a.name = 'lock:' || l.id WHERE l.status <> 'active' AND a.nano <> 0",
		"an ended token holds value":     "SELECT count(*) FROM payment_tokens t JOIN accounts a ON a.name = 'token:' || t.id WHERE t.status <> 'active' AND a.nano <> 0",
	} {
		var n int64
		if err := p.database.QueryRowContext(context.Background(), query).Scan(&n); err != nil || n != 0 {
			t.Fatalf("%s: %d, %v", what, n, err)
		}
	}
}

// drawUsage makes usage up, of prices that a lock covers and of prices that no ledger could hold.
func drawUsage(rt *rapid.T) string {
	price := rapid.OneOf(rapid.Int64Range(1, 2_000_000_000), rapid.Int64Range(math.MaxInt64/4, math.MaxInt64-2*nanoPerCredit))
	records := make([]string, rapid.IntRange(1, 4).Draw(rt, "records"))
	for i := range records {
		records[i] = fmt.Sprintf(`{"type":"tool","pricing":{"credits":%q}}`, formatCredits(price.Draw(rt, "price")))
	}
	return "[" + strings.Join(records, ",") + "]"
}

// TestMoneyIsNeverMadeOrLost is a state machine: random payments, restarts and the passing of time, with the ledger
// held to its rules after each step.
func TestMoneyIsNeverMadeOrLost(t *testing.T) {
	t.Parallel()
	path := database(t)
	now := noon()
	options := Options{Database: path, Now: func() time.Time { return now }}
	current := open(t, options)
	payee := otherUser(t, current)
	var tokens, locks []string
	charged := map[string]time.Time{}
	pick := func(rt *rapid.T, from []string) string {
		if len(from) == 0 {
			return "none"
		}
		return rapid.SampledFrom(from).Draw(rt, "which")
	}
	rapid.Check(t, func(rt *rapid.T) {
		small := formatCredits(rapid.Int64Range(1, 2_000_000_000).Draw(rt, "nano"))
		var got answer
		switch step := rapid.SampledFrom([]string{"mint", "lock", "extend", "settle", "usage", "release", "redeem", "delegate", "revoke", "topup", "wait", "restart"}).Draw(rt, "step"); step {
		case "mint":
			got = sendAs(t, current, current.UserKey(), "POST", "/api/user/tokens", fmt.Sprintf(`{"amount":%q,"ttlHours":3}`, small))
			if row, ok := got.body["token"].(map[string]any); ok {
				tokens = append(tokens, fmt.Sprint(row["id"]))
			}
		case "lock":
			got = sendAs(t, current, payee, "POST", "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":%s}`, pick(rt, tokens), small))
			if got.status == 200 {
				locks = append(locks, fmt.Sprint(got.body["lockId"]))
			}
		case "extend":
			got = sendAs(t, current, payee, "PATCH", "/api/payments/lock/"+pick(rt, locks), fmt.Sprintf(`{"additionalAmount":%s}`, small))
		case "settle":
			key := fmt.Sprintf("k%d", rapid.IntRange(0, 5).Draw(rt, "key"))
			lock := pick(rt, locks)
			got = sendAs(t, current, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":%s}`, lock, small), "Idempotency-Key", key)
			if got.status == 200 && got.body["replayed"] == nil {
				if now.Before(charged[key].Add(answerLife)) {
					rt.Fatalf("key %s charged twice", key)
				}
				charged[key] = now
			}
		case "usage":
			lock := pick(rt, locks)
			held := count64(t, current, "SELECT coalesce(sum(nano), 0) FROM postings WHERE account = 'lock:' || ?", lock)
			got = sendAs(t, current, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"usage":%s}`, lock, drawUsage(rt)))
			if nano, _ := strconv.ParseInt(fmt.Sprint(got.body["charged"]), 10, 64); got.status == 200 && (nano <= 0 || nano > held) {
				rt.Fatalf("charged %d of %d: %s", nano, held, got.raw)
			}
		case "release":
			got = sendAs(t, current, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":0,"release":true}`, pick(rt, locks)))
		case "redeem":
			got = sendAs(t, current, payee, "PUT", "/api/tokens/redeem", fmt.Sprintf(`{"token":%q,"amount":%q}`, pick(rt, tokens), small))
		case "delegate":
			got = sendAs(t, current, payee, "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"legal-translator","amount":%s}`, pick(rt, tokens), small))
			if got.status == 200 {
				tokens = append(tokens, fmt.Sprint(got.body["tokenId"]))
			}
		case "revoke":
			got = sendAs(t, current, current.UserKey(), "DELETE", "/api/payments/tokens/"+pick(rt, tokens), "")
		case "topup":
			got = sendAs(t, current, current.UserKey(), "POST", "/api/payments/tokens/"+pick(rt, tokens)+"/topup", fmt.Sprintf(`{"amount":%s}`, small))
		case "wait":
			now = now.Add(time.Duration(rapid.IntRange(1, 100).Draw(rt, "minutes")) * time.Minute)
		case "restart":
			next, err := Open(context.Background(), options)
			if err != nil {
				rt.Fatal(err)
			}
			if err := current.Close(); err != nil {
				rt.Fatal(err)
			}
			current = next
		}
		if got.status >= 500 {
			rt.Fatalf("%d %s", got.status, got.raw)
		}
		checkLedger(rt, current)
	})
	if err := current.Close(); err != nil {
		t.Error(err)
	}
}
