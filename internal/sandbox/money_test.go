package sandbox

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"testing"

	"pgregory.net/rapid"
)

func TestBothBalancesAgree(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	credits, balance := get(t, p, "/api/user/credits"), get(t, p, "/api/balance")
	if credits.body["availableCredits"] != "87.4215" || credits.body["totalCredits"] != "125" || credits.body["usedCredits"] != "37.5785" {
		t.Errorf("credits = %s", credits.raw)
	}
	if string(balance.raw) != `{"availableBalance":87421500000,"availableDollars":87.4215}` {
		t.Errorf("balance = %s", balance.raw)
	}
	user, ok := get(t, p, "/api/users/me").body["user"].(map[string]any)
	if !ok || user["totalCredits"] != "125" || user["planName"] != "Pro" {
		t.Errorf("user = %v", user)
	}
	if usage := rows(t, get(t, p, "/api/balance/transactions?type=usage&limit=1"), "transactions"); len(usage) != 1 || usage[0]["amount"] != "-3.96" {
		t.Errorf("usage = %v", usage)
	}
}

// TestTheLedgerBalances draws charges and compares the balance with arithmetic and with the sum of the rows.
func TestTheLedgerBalances(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	available := int64(87_421_500_000)
	rapid.Check(t, func(rt *rapid.T) {
		nano := rapid.Int64Range(1, 3_000_000_000).Draw(rt, "nano")
		got := postJSON(t, p, "/api/user/transactions", fmt.Sprintf(`{"amount":%q}`, formatCredits(nano)))
		switch {
		case nano <= available && got.status == 200:
			available -= nano
		case nano > available && got.status == http.StatusPaymentRequired:
		default:
			rt.Fatalf("charge %d of %d: %d %s", nano, available, got.status, got.raw)
		}
		var sum int64
		if err := p.database.QueryRowContext(context.Background(),
			"SELECT sum(nano) FROM postings WHERE account = ?", userAccount(demoUserID)).Scan(&sum); err != nil {
			rt.Fatal(err)
		}
		if credits := get(t, p, "/api/user/credits"); sum != available || credits.body["availableCredits"] != formatCredits(available) {
			rt.Fatalf("balance %s, sum %d, want %d", credits.raw, sum, available)
		}
	})
}

func TestCredits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		nano := rapid.Int64Range(0, 1e18).Draw(t, "nano")
		if back, err := parseCredits(formatCredits(nano)); err != nil || back != nano {
			t.Fatalf("%d became %s became %d, %v", nano, formatCredits(nano), back, err)
		}
	})
	for nano, want := range map[int64]string{-1: "-0.000000001", math.MinInt64: "-9223372036.854775808", 0: "0"} {
		if got := formatCredits(nano); got != want {
			t.Errorf("%d = %s", nano, got)
		}
	}
	for _, text := range []string{"", "-1", "+1", "1e3", "1.", ".5", " 1", "1 ", "1,5", "NaN", "1.0000000001", "99999999999", "\u0661"} {
		if got, err := parseCredits(text); err == nil {
			t.Errorf("%q = %d", text, got)
		}
	}
}
