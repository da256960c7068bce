package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// consentScreen calls a tool on an embedded platform of its own folder.
func consentScreen(t *testing.T, folder, typed string, terminal bool, arguments ...string) screen {
	t.Helper()
	flags := []string{"--sandbox", "--sandbox-db", filepath.Join(folder, "sandbox.db")}
	return executeWith(t, Streams{In: strings.NewReader(typed), InTerminal: terminal, ErrTerminal: terminal, Environment: lookup(nil)}, append(arguments, flags...)...)
}

// TestCallAsksAtATerminal lets people say yes and no, and scripts say yes beforehand.
func TestCallAsksAtATerminal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		typed    string
		terminal bool
		flags    []string
		status   int
		says     string
	}{
		"yes":              {"y\n", true, nil, 0, `"status": "done"`},
		"yes in words":     {" YES \n", true, nil, 0, `"status": "done"`},
		"no":               {"n\n", true, nil, exitUndecided, `"status": "confirmation_required"`},
		"nothing":          {"", true, nil, exitUndecided, `"status": "confirmation_required"`},
		"no terminal":      {"y\n", false, nil, exitUndecided, `"status": "confirmation_required"`},
		"agreed before":    {"", false, []string{"--yes"}, 0, `"status": "done"`},
		"never asked":      {"", false, []string{"--confirm", "off"}, 0, `"status": "done"`},
		"only tried":       {"", false, []string{"dry_run=true"}, 0, `"status": "dry_run"`},
		"not such a limit": {"", false, []string{"--max-spend-per-day", "much"}, exitUsage, ""},
		"not such a mode":  {"", false, []string{"--confirm", "sometimes"}, exitUsage, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := consentScreen(t, t.TempDir(), test.typed, test.terminal, append([]string{"call", "delete_agent", "agent=dana-assistant"}, test.flags...)...)
			if got.status != test.status || !strings.Contains(got.stdout, test.says) {
				t.Errorf("%+v", got)
			}
			if test.terminal && (!strings.Contains(got.stderr, "Delete the agent dana-assistant") || !strings.Contains(got.stderr, "[y/N]")) {
				t.Errorf("asked %q", got.stderr)
			}
		})
	}
}

// TestHandlesOutliveTheProcess makes a call in two processes, and repeats it in a third.
func TestHandlesOutliveTheProcess(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	const token = "token=e687a3cb-07e6-5515-921a-7a341ea8858e"
	asked := consentScreen(t, folder, "", false, "call", "redeem_payment_token", token, "amount_usd=0.5")
	var pending struct {
		Confirmation string `json:"confirmation"`
		CostCredits  string `json:"cost_credits"`
	}
	if err := json.Unmarshal([]byte(asked.stdout), &pending); err != nil || asked.status != exitUndecided || pending.CostCredits != "0.5" {
		t.Fatalf("%+v, %v", asked, err)
	}
	for i, says := range []string{`"status": "done"`, `"replayed": true`} {
		done := consentScreen(t, folder, "", false, "call", "redeem_payment_token", token, "amount_usd=0.5", "confirmation="+pending.Confirmation)
		if done.status != 0 || !strings.Contains(done.stdout, says) {
			t.Errorf("%d: %+v", i, done)
		}
	}
	left := consentScreen(t, folder, "", false, "call", "verify_payment_token", token)
	if !strings.Contains(left.stdout, `"balance_credits": "4"`) {
		t.Errorf("charged more than once: %s", left.stdout)
	}
	other := consentScreen(t, folder, "", false, "call", "redeem_payment_token", token, "amount_usd=0.6", "confirmation="+pending.Confirmation)
	if other.status == 0 || !strings.Contains(other.stderr, "confirmation") {
		t.Errorf("other arguments: %+v", other)
	}
	for _, how := range []string{"--yes", "dry_run=true"} {
		limited := consentScreen(t, folder, "", false, "call", "redeem_payment_token", token, "amount_usd=1.5", how)
		if limited.status == 0 || !strings.Contains(limited.stderr, "max-spend-per-call") {
			t.Errorf("above the limit with %s: %+v", how, limited)
		}
	}
	checkJournalCommands(t, folder)
}

func checkJournalCommands(t *testing.T, folder string) {
	t.Helper()
	if empty := consentScreen(t, folder, "", false, "journal"); empty.status != 0 || !strings.Contains(empty.stdout, "No call is undecided") {
		t.Errorf("journal: %+v", empty)
	}
	all := consentScreen(t, folder, "", false, "journal", "--all")
	if all.status != 0 || !strings.Contains(all.stdout, "redeem_payment_token") || !strings.Contains(all.stdout, "succeeded") {
		t.Errorf("journal --all: %+v", all)
	}
	if asJSON := consentScreen(t, folder, "", false, "journal", "--all", "--json"); !json.Valid([]byte(asJSON.stdout)) {
		t.Errorf("journal --json: %+v", asJSON)
	}
	if verified := consentScreen(t, folder, "", false, "journal", "verify"); verified.status != 0 || !strings.Contains(verified.stdout, "lines in their place") {
		t.Errorf("journal verify: %+v", verified)
	}
}
