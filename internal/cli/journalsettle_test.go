package cli

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSettlingSaysWhatFollows, and when a call may be settled that could still be running.
func TestSettlingSaysWhatFollows(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	second := filepath.Join(folder, "b.db")
	for _, charge := range [][]string{
		{"amount_usd=0.2", "--journal", filepath.Join(folder, "a.db")}, {"amount_usd=0.4", "--journal", second},
	} { // the second is refused for the key of the first, which may be the one that is wanted
		consentScreen(t, folder, "", false, append([]string{"call", "redeem_payment_token", seededToken, "idempotency_key=order-3", "--yes"}, charge...)...)
	}
	listed := consentScreen(t, folder, "", false, "journal", "--journal", second)
	id := regexp.MustCompile(`[0-9a-f]{32}`).FindString(listed.stdout)
	if id == "" {
		t.Fatalf("%+v", listed)
	}
	for _, test := range []struct {
		id, outcome string
		status      int
		says        string
	}{
		{id, "rejected", exitFailed, `can be noted only from \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ on; look at the platform again then`},
		{id, "succeeded", exitOK, "^" + id + " is noted as succeeded, and stays counted towards the limits\n$"},
		{id, "rejected", exitFailed, "no call of that id has an unknown outcome"},
	} {
		got := consentScreen(t, folder, "", false, "journal", "settle", test.id, test.outcome, "--journal", second)
		said := strings.ReplaceAll(got.stdout+got.stderr, "\n  ", " ")
		if got.status != test.status || !regexp.MustCompile(test.says).MatchString(said) || (got.stdout == "") != (test.status != exitOK) {
			t.Errorf("%s: %+v", test.outcome, got)
		}
	}
}
