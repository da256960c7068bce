package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/consent"
	"github.com/robutlerai/robutler-mcp/internal/telemetry"
	"github.com/robutlerai/robutler-mcp/tools"
)

const seededToken = "token=e687a3cb-07e6-5515-921a-7a341ea8858e"

func handleOf(t *testing.T, asked screen) string {
	t.Helper()
	var pending struct {
		Confirmation string `json:"confirmation"`
	}
	if err := json.Unmarshal([]byte(asked.stdout), &pending); err != nil || pending.Confirmation == "" {
		t.Fatalf("%+v, %v", asked, err)
	}
	return pending.Confirmation
}

// TestAlwaysAsksAndThenDoes calls tools that nobody is asked about otherwise.
func TestAlwaysAsksAndThenDoes(t *testing.T) {
	t.Parallel()
	for _, call := range [][]string{
		{"call", "update_agent", "agent=recipe-muse", "model=gpt-4o"}, {"call", "create_agent", "name=made", "instructions=x"},
		{"call", "upload_content", "filename=a.txt", "text=x"}, {"call", "publish_intents", "agent=recipe-muse", "intents=cook"},
		{"call", "chat_with_agent", "agent=recipe-muse", "message=Hello"}, {"call", "delete_agent", "agent=dana-assistant"},
	} {
		folder := t.TempDir()
		call = append(call, "--confirm", "always")
		handle := handleOf(t, consentScreen(t, folder, "", false, call...))
		if done := consentScreen(t, folder, "", false, append(call, "confirmation="+handle)...); done.status != 0 || !strings.Contains(done.stdout, `"status": "done"`) {
			t.Errorf("%v: %+v", call, done)
		}
	}
}

// TestNamesThatPassOn agrees to deleting one agent, whose name another bears by the time that it happens.
func TestNamesThatPassOn(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	handle := handleOf(t, consentScreen(t, folder, "", false, "call", "delete_agent", "agent=dana-assistant"))
	for _, rename := range [][2]string{{"dana-assistant", "parked"}, {"recipe-muse", "dana-assistant"}} {
		if got := consentScreen(t, folder, "", false, "call", "update_agent", "agent="+rename[0], "name="+rename[1]); got.status != 0 {
			t.Fatalf("%+v", got)
		}
	}
	if got := consentScreen(t, folder, "", false, "call", "delete_agent", "agent=dana-assistant", "confirmation="+handle); got.status == 0 {
		t.Errorf("another agent was deleted: %+v", got)
	}
	for _, name := range []string{"parked", "dana-assistant"} {
		if got := consentScreen(t, folder, "", false, "call", "get_agent", "agent="+name); got.status != 0 {
			t.Errorf("%s is gone: %+v", name, got)
		}
	}
}

// TestAccountsAreApart lets two platforms share a journal.
func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), t.TempDir()
	shared := []string{"--journal", filepath.Join(first, "shared.db")}
	call := append([]string{"call", "redeem_payment_token", seededToken, "amount_usd=0.2", "idempotency_key=k1"}, shared...)
	handle := handleOf(t, consentScreen(t, first, "", false, call...))
	if got := consentScreen(t, second, "", false, append(call, "confirmation="+handle)...); got.status == 0 || !strings.Contains(got.stderr, "confirmation") {
		t.Errorf("a handle of one account went through at another: %+v", got)
	}
	for _, folder := range []string{second, first} {
		if got := consentScreen(t, folder, "", false, append(call, "--yes")...); got.status != 0 || strings.Contains(got.stdout, `"replayed": true`) {
			t.Errorf("%+v", got)
		}
		if left := consentScreen(t, folder, "", false, "call", "verify_payment_token", seededToken); !strings.Contains(left.stdout, `"balance_credits": "4.3"`) {
			t.Errorf("%s", left.stdout)
		}
	}
}

// TestYesIsNotYesAgain repeats a payment as scripts do.
func TestYesIsNotYesAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	call := []string{"call", "redeem_payment_token", seededToken, "amount_usd=0.3"}
	for i, test := range []struct {
		flag   string
		status int
	}{{"--yes", 0}, {"--yes", exitUndecided}, {"--yes-again", 0}} {
		if got := consentScreen(t, folder, "", false, append(call, test.flag)...); got.status != test.status {
			t.Errorf("%d: %+v", i, got)
		}
	}
}

// TestRespelledPaymentsAreDuplicates repeats payments in other spellings, as models do that write JSON anew.
func TestRespelledPaymentsAreDuplicates(t *testing.T) {
	t.Parallel()
	const header = "payment_header=eyJzY2hlbWUiOiJ0b2tlbiIsIm5ldHdvcmsiOiJyb2J1dGxlciIsInBheWxvYWQiOnsidG9rZW4iOiJlNjg3YTNjYi0wN2U2LTU1MTUtOTIxYS03YTM0MWVhODg1OGUiLCJhbW91bnQiOiIwLjIifX0="
	settle, delegate := []string{"call", "settle_x402_payment", header}, []string{"call", "delegate_payment_token", seededToken, "amount_usd=0.1"}
	for _, spellings := range [][][]string{
		{
			append(settle, `payment_requirements={"scheme":"token","network":"robutler","maxAmountRequired":"0.2","payTo":"recipe-muse"}`),
			append(settle, `payment_requirements={"network":"robutler","scheme":"token","payTo":"recipe-muse","maxAmountRequired":0.20}`),
		},
		{append(delegate, "recipient=legal-translator"), append(delegate, "recipient=b519472a-0122-515f-9469-b51f1a7aee75"), append(delegate, "recipient=Legal-Translator")},
	} {
		folder := t.TempDir()
		for i, spelling := range spellings {
			want := exitUndecided
			if i == 0 {
				want = 0
			}
			got := consentScreen(t, folder, "", false, append(spelling, "--confirm", "off")...)
			if got.status != want || strings.Contains(got.stdout, "possible_duplicate_of") != (i > 0) {
				t.Errorf("%v: %+v", spelling, got)
			}
		}
	}
}

// TestExchangesCountWhatIsGivenUp asks for little against much.
func TestExchangesCountWhatIsGivenUp(t *testing.T) {
	t.Parallel()
	header := "payment_header=eyJzY2hlbWUiOiJleGFjdCIsIm5ldHdvcmsiOiJiYXNlLW1haW5uZXQiLCJwYXlsb2FkIjp7fX0="
	require := func(asset, amount string) string {
		return `payment_requirements={"scheme":"exact","network":"base-mainnet","asset":"` + asset + `","maxAmountRequired":"` + amount + `","payTo":"x"}`
	}
	for _, test := range []struct{ asset, amount, asked, says string }{
		{"USDC", "1.01", "0.9898", "1.01 credits is above"}, {"ETH", "0.9", "0.01", "no rate"},
		{"USDC", "1e-1", "0.01", "positive decimal"}, {"USDC", "-1", "0.01", "positive decimal"},
		{"USDC", "1000", "0.01", "gives 980 credits"}, {"USDC", "1", "0.5", "gives 0.98 credits"},
		{"USDC", "1", "0.979999999", "gives 0.98 credits"}, {"USDC", "0.5", "0.6", "gives 0.49 credits"},
	} {
		got := consentScreen(t, t.TempDir(), "", false, "call", "exchange_x402_payment", header, require(test.asset, test.amount), "amount_usd="+test.asked, "--yes")
		if got.status == 0 || !strings.Contains(got.stderr, test.says) {
			t.Errorf("%+v: %+v", test, got)
		}
	}
	for _, asked := range []string{"0.98", "1"} { // exactly what it gives, and with the fee left out
		got := consentScreen(t, t.TempDir(), "", false, "call", "exchange_x402_payment", header, require("USDC", "1"), "amount_usd="+asked, "--yes")
		if got.status != 0 || !strings.Contains(got.stdout, `"amount_credits": "0.98"`) || strings.Contains(got.stdout, "warning") {
			t.Errorf("%s: %+v", asked, got)
		}
	}
}

// TestSettlementsCountWhatTheyAreWorth collects much by way of each scheme, and what nobody knows the worth of.
func TestSettlementsCountWhatTheyAreWorth(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ scheme, network, asset, amount, says string }{
		{"token", "robutler", "", "3", "3 credits is above"},
		{"robutler-credits", "robutler:1", "credits", "3000000000", "3 credits is above"},
		{"exact", "base-mainnet", "USDC", "3", "3 credits is above"},
		{"token", "base-mainnet", "WBTC", "0.5", "no rate"},
		{"robutler-credits", "robutler", "credits", "3000000000", "no rate"},
		{"robutler-credits", "robutler:1", "credits", "0.5", "no rate"},
		{"exact", "base-mainnet", "ETH", "0.5", "no rate"},
	} {
		got := consentScreen(t, t.TempDir(), "", false, "call", "settle_x402_payment", "payment_header=e30=", "--yes",
			`payment_requirements={"scheme":"`+test.scheme+`","network":"`+test.network+`","asset":"`+test.asset+`","maxAmountRequired":"`+test.amount+`","payTo":"x"}`)
		if got.status == 0 || !strings.Contains(got.stderr, test.says) {
			t.Errorf("%+v: %+v", test, got)
		}
	}
}

// TestReadsNeedNoHome starts where no file can be made.
func TestReadsNeedNoHome(t *testing.T) {
	t.Parallel()
	nowhere := []string{"--journal", "/dev/null/journal.db"}
	folder := t.TempDir()
	if got := consentScreen(t, folder, "", false, append([]string{"call", "list_agents"}, nowhere...)...); got.status != 0 {
		t.Errorf("a read: %+v", got)
	}
	if got := consentScreen(t, folder, "", false, append([]string{"call", "delete_agent", "agent=dana-assistant", "--yes"}, nowhere...)...); got.status == 0 ||
		!strings.Contains(got.stderr, "journal_unavailable") {
		t.Errorf("a deletion: %+v", got)
	}
}

// TestOnlyWhatIsJournalledNeedsAJournal makes changes that nobody is asked about, where there is no place for one.
func TestOnlyWhatIsJournalledNeedsAJournal(t *testing.T) {
	t.Parallel()
	homeless := &gate{problem: errors.New("no folder"), options: consent.Options{Mode: consent.ModeAuto}}
	for class, works := range map[client.Class]bool{
		client.Create: true, client.Update: true, client.Delete: false, client.Secret: false, client.Money: false,
	} {
		made := false
		_, err := homeless.Pass(t.Context(), tools.GatedCall{Spec: tools.Spec{Class: class}, Do: func(context.Context) (tools.Result, error) {
			made = true
			return tools.Result{}, nil
		}})
		if made != works || (err == nil) != works {
			t.Errorf("%s: made %v, %v", class, made, err)
		}
	}
	folder := t.TempDir()
	if got := consentScreen(t, folder, "", false, "call", "create_agent", "name=made", "instructions=x"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	if _, err := os.Stat(filepath.Join(folder, "sandbox.db.journal")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a journal was made for a call that needs none: %v", err)
	}
	if got := consentScreen(t, folder, "", false, "journal", "settle"); got.status != exitUsage || !strings.Contains(got.stderr, "needs the id") {
		t.Errorf("%+v", got)
	}
}

// TestFilesThatChange agrees to publishing one file, which is another of the same length by the time that it happens.
func TestFilesThatChange(t *testing.T) {
	t.Parallel()
	folder, root := t.TempDir(), t.TempDir()
	notes := filepath.Join(root, "notes.txt")
	writeFile(t, notes, "public")
	call := []string{"call", "upload_content", "path=notes.txt", "visibility=public", "--upload-root", root, "--confirm", "always"}
	handle := handleOf(t, consentScreen(t, folder, "", false, call...))
	for _, test := range []struct {
		text   string
		passes bool
	}{{"secret", false}, {"public", true}} {
		writeFile(t, notes, test.text)
		got := consentScreen(t, folder, "", false, append(call, "confirmation="+handle)...)
		if passed := got.status == 0; passed != test.passes || (!passed && !strings.Contains(got.stderr, "confirmation_invalid")) {
			t.Errorf("%s: %+v", test.text, got)
		}
	}
}

// TestCleanPreviewsKeepTheirTerms takes a secret out of a preview, and nothing that agreement is bound to.
func TestCleanPreviewsKeepTheirTerms(t *testing.T) {
	t.Parallel()
	cleaning := &gate{redactor: telemetry.NewRedactor()}
	cleaning.redactor.Keep("planted-secret")
	shown, err := cleaning.cleanPreview(t.Context(), tools.Preview{Would: "Tell planted-secret.", Terms: "5 credits"})
	if err != nil || strings.Contains(shown.Would, "planted") || shown.Terms != "5 credits" {
		t.Errorf("%+v, %v", shown, err)
	}
}
