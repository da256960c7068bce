package sandbox

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// TestATokenIsForItsAudience tries to use a token that names somebody, in every way and as everybody.
func TestATokenIsForItsAudience(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	lexa := otherUser(t, p)
	muse := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	for _, test := range []struct {
		audience, as string
		mine         bool
	}{
		{"legal-translator", lexa, true}, {seedID("agent", "legal-translator"), lexa, true}, {seedID("user", "office@lexa.example"), lexa, true},
		{"chart-maker", lexa, false}, {"nobody", lexa, false}, {"someone-else", p.UserKey(), false}, {"recipe-muse", lexa, false},
		{"recipe-muse", muse, true}, {"dana-assistant", muse, false}, {demoUserID, muse, true},
	} {
		_, token := mintToken(t, p, "2", fmt.Sprintf(`,"recipientId":%q`, test.audience))
		header := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"scheme":"token","network":"robutler","payload":{"token":%q}}`, token))
		for target, body := range map[string]string{
			"/api/payments/lock":     `{"token":%q,"amount":0.1}`,
			"/api/payments/settle":   `{"token":%q,"amount":0.1}`,
			"/api/payments/delegate": `{"parentToken":%q,"delegateTo":"chart-maker","amount":0.1}`,
			"/api/token/redeem":      `{"token":%q,"amount":0.1}`,
			"/api/x402/settle":       `{"paymentHeader":%q,"paymentRequirements":{"scheme":"token","network":"robutler","maxAmountRequired":"0.1"}}`,
			"/api/x402/verify":       `{"paymentHeader":%q,"paymentRequirements":{"scheme":"token","network":"robutler","maxAmountRequired":"0.1"}}`,
		} {
			with := token
			if strings.Contains(body, "paymentHeader") {
				with = header
			}
			got := sendAs(t, p, test.as, "POST", target, fmt.Sprintf(body, with))
			allowed := got.status == 200 && got.body["success"] != false && got.body["isValid"] != false
			// The payer may take back what a token holds, as by revoking it.
			takesBack := test.as == p.UserKey() && (target == "/api/token/redeem" || target == "/api/payments/settle")
			if mine := test.mine || takesBack; allowed != mine || (!mine && !strings.Contains(string(got.raw), otherAudience)) {
				t.Errorf("%s for %s: %d %s", target, test.audience, got.status, got.raw)
			}
		}
	}
	checkLedger(t, p)
}

// TestAnOpaqueTokenNeedsItsSecret uses the bare ids of tokens of both forms.
func TestAnOpaqueTokenNeedsItsSecret(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	signed, _ := mintToken(t, p, "2", "")
	opaque, _ := mintToken(t, p, "2", `,"format":"opaque"`)
	for id, want := range map[string]int{signed: 200, opaque: 400, "tok_" + opaque: 400, "tok_" + signed: 400} {
		if got := postJSON(t, p, "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":0.1}`, id)); got.status != want {
			t.Errorf("%s: %d %s", id, got.status, got.raw)
		}
	}
}

// TestAPaymentPaysWhatItAuthorizes asks for more, or for another kind of payment, than the payer agreed to.
func TestAPaymentPaysWhatItAuthorizes(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	_, token := mintToken(t, p, "50", "")
	for _, test := range []struct {
		payment, required string
		pays              bool
	}{
		{`{"scheme":"token","network":"robutler","payload":{"token":%q,"amount":"0.01"}}`, `{"scheme":"token","network":"robutler","maxAmountRequired":"5"}`, false},
		{`{"scheme":"token","network":"robutler","payload":{"token":%q,"amount":"5"}}`, `{"scheme":"token","network":"robutler","maxAmountRequired":"5"}`, true},
		{`{"scheme":"token","network":"robutler","payload":{"token":%q,"amount":5}}`, `{"scheme":"token","network":"robutler","maxAmountRequired":4}`, true},
		{`{"scheme":"token","network":"robutler","payload":{"token":%q,"amount":"much"}}`, `{"scheme":"token","network":"robutler","maxAmountRequired":"1"}`, false},
		{`{"scheme":"token","network":"robutler","payload":{"token":%q}}`, `{"scheme":"exact","network":"base","maxAmountRequired":"1"}`, false},
		{`{"scheme":"token","network":"robutler","payload":{"token":%q}}`, `{"scheme":"robutler-credits","network":"robutler:1","amount":"10"}`, false},
		{`{"scheme":"token","network":"base","payload":{"token":%q}}`, `{"scheme":"token","network":"base","maxAmountRequired":"1"}`, false},
		{`{"scheme":"robutler-credits","network":"robutler:1","payload":{"token":%q,"amount":"9"}}`, `{"scheme":"robutler-credits","network":"robutler:1","amount":"10"}`, false},
		{`{"scheme":"robutler-credits","network":"robutler:1","payload":{"token":%q}}`, `{"scheme":"robutler-credits","network":"robutler:1","amount":"10"}`, true},
		{`{"scheme":"robutler-credits","network":"robutler:1","payload":{"token":%q}}`, `{"scheme":"robutler-credits","network":"robutler:1","amount":"+10"}`, false},
		{"", `{"scheme":"robutler-credits","network":"robutler:1","amount":"11"}`, true},
		{"", `{"scheme":"token","network":"robutler","maxAmountRequired":"0.5"}`, true},
		{"", `{"scheme":"exact","network":"base","maxAmountRequired":"0.5"}`, false},
	} {
		header := token
		if test.payment != "" {
			header = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, test.payment, token))
		}
		body := fmt.Sprintf(`{"paymentHeader":%q,"paymentRequirements":%s}`, header, test.required)
		verified, settled := sendAs(t, p, payee, "POST", "/api/x402/verify", body), sendAs(t, p, payee, "POST", "/api/x402/settle", body)
		if verified.body["isValid"] != test.pays || settled.body["success"] != test.pays {
			t.Errorf("%s for %s: %s %s", test.payment, test.required, verified.raw, settled.raw)
		}
	}
	checkLedger(t, p)
}
