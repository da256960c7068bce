package sandbox

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

func TestFacilitator(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	_, token := mintToken(t, p, "5", `,"format":"opaque"`)
	header := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"scheme":"token","network":"robutler","payload":{"token":%q,"amount":"1.5"}}`, token))
	body := fmt.Sprintf(`{"paymentHeader":%q,"paymentRequirements":{"scheme":"token","network":"robutler","maxAmountRequired":"1.5","payTo":"x","resource":"/r"}}`, header)
	for route, balance := range map[string]any{"/api/x402/verify": "5", "/api/payments/verify": 5.0} {
		for _, key := range []string{payee, ""} {
			verdict := send(t, p, key, "POST", route, "application/json", body)
			if verdict.body["isValid"] != true || verdict.body["balance"] != balance {
				t.Errorf("%s: %s", route, verdict.raw)
			}
			for name, want := range map[string]any{"valid": true, "balanceDollars": 5.0, "balanceCredits": "5", "availableAmount": "5", "issuer": "http://sandbox", "expiresAt": "2026-11-25T12:00:00Z"} {
				if verdict.body[name] != want {
					t.Errorf("%s: %s is %v", route, name, verdict.body[name])
				}
			}
		}
	}
	first, again := sendAs(t, p, payee, "POST", "/api/x402/settle", body), sendAs(t, p, payee, "POST", "/api/x402/settle", body)
	if first.body["success"] != true || first.body["transactionHash"] != again.body["transactionHash"] || again.body["replayed"] != true {
		t.Errorf("settle: %s, again: %s", first.raw, again.raw)
	}
	if got := creditsOfUser(t, p, payee); got != "1.425" {
		t.Errorf("the payee has %s", got)
	}
	for name, bad := range map[string]string{
		"not base64":  `{"paymentHeader":"%%%","paymentRequirements":{"scheme":"token","maxAmountRequired":"1"}}`,
		"no amount":   fmt.Sprintf(`{"paymentHeader":%q,"paymentRequirements":{"scheme":"token"}}`, header),
		"too much":    fmt.Sprintf(`{"paymentHeader":%q,"paymentRequirements":{"scheme":"token","maxAmountRequired":"100"}}`, header),
		"other chain": fmt.Sprintf(`{"paymentHeader":%q,"paymentRequirements":{"scheme":"exact","maxAmountRequired":"1"}}`, base64.StdEncoding.EncodeToString([]byte(`{"scheme":"exact"}`))),
	} {
		verdict, settled := sendAs(t, p, payee, "POST", "/api/x402/verify", bad), sendAs(t, p, payee, "POST", "/api/x402/settle", bad)
		if verdict.status != 200 || verdict.body["isValid"] != false || settled.status != 200 || settled.body["success"] != false {
			t.Errorf("%s: %s %s", name, verdict.raw, settled.raw)
		}
	}
	standard := sendAs(t, p, payee, "POST", "/api/x402/verify", fmt.Sprintf(`{"x402Version":2,"paymentPayload":{"accepted":{"scheme":"robutler-credits"},"payload":{"token":%q}},
		"paymentRequirements":{"scheme":"robutler-credits","network":"robutler:1","amount":"10000000"}}`, token))
	if standard.body["isValid"] != true {
		t.Errorf("standard: %s", standard.raw)
	}
	if supported := send(t, p, "", "GET", "/api/x402/supported", "", ""); len(rows(t, supported, "schemes")) != 2 || len(rows(t, supported, "kinds")) != 2 {
		t.Errorf("supported: %s", supported.raw)
	}
	if rates := send(t, p, "", "GET", "/api/x402/exchange", "", ""); !strings.Contains(string(rates.raw), `"exact:base-mainnet:USDC":{"fee":"0.02"`) {
		t.Errorf("rates: %s", rates.raw)
	}
	paid := base64.StdEncoding.EncodeToString([]byte(`{"scheme":"exact","network":"base-mainnet","payload":{"signature":"0x1"}}`))
	bought := sendAs(t, p, payee, "POST", "/api/x402/exchange", fmt.Sprintf(`{"paymentHeader":%q,"paymentRequirements":{"scheme":"exact","network":"base-mainnet","maxAmountRequired":"10","payTo":"exchange"},
		"requestedOutput":{"scheme":"token","network":"robutler","amount":"9.80"}}`, paid))
	if bought.body["success"] != true || bought.body["amount"] != "9.8" || !strings.HasPrefix(fmt.Sprint(bought.body["token"]), "tok_") {
		t.Errorf("exchange: %s", bought.raw)
	}
	checkLedger(t, p)
}
