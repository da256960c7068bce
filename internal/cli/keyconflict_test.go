package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestATakenKeyIsNoRefusal charges under a key that another server charged under, with a journal of its own: that charge
// may be the one that is wanted.
func TestATakenKeyIsNoRefusal(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	redeem := func(journal, amount string) screen {
		return consentScreen(t, folder, "", false, "call", "redeem_payment_token", seededToken, "amount_usd="+amount, "idempotency_key=order-3",
			"--yes", "--journal", filepath.Join(folder, journal))
	}
	if first := redeem("a.db", "0.2"); first.status != 0 {
		t.Fatalf("%+v", first)
	}
	for _, name := range []string{"told", "replayed"} {
		got := redeem("b.db", "0.4")
		if got.status == 0 || !strings.Contains(got.stderr, "outcome_unknown") || !strings.Contains(got.stderr, "Do not repeat it before you have looked") ||
			strings.Contains(got.stderr, "try another") || strings.Contains(got.stderr, "no effect") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	listed := consentScreen(t, folder, "", false, "journal", "--json", "--journal", filepath.Join(folder, "b.db"))
	if !strings.Contains(listed.stdout, `"unknown"`) {
		t.Errorf("the journal: %+v", listed)
	}
}

// TestATakenNameIsARefusal: the platform made nothing, and that is certain.
func TestATakenNameIsARefusal(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	got := consentScreen(t, folder, "", false, "call", "create_agent", "name=dana-assistant", "instructions=x", "--confirm", "always", "--yes")
	if got.status == 0 || !strings.Contains(got.stderr, "conflict") || !strings.Contains(got.stderr, "try another name or value") {
		t.Fatalf("%+v", got)
	}
	if listed := consentScreen(t, folder, "", false, "journal", "--all", "--json"); !strings.Contains(listed.stdout, `"rejected"`) {
		t.Errorf("the journal: %+v", listed)
	}
}
