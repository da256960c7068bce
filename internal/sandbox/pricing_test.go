package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestUsageNeverWrapsAround settles usage whose prices are each within bounds and together are beyond what the ledger
// counts to.
func TestUsageNeverWrapsAround(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := p.UserKey()
	_, token := mintToken(t, p, "3", "")
	lock := fmt.Sprint(sendAs(t, p, payee, "POST", "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":1}`, token)).body["lockId"])
	const usage = `[{"type":"tool","pricing":{"credits":2300000000}},{"type":"tool","pricing":{"credits":9223372034}},
		{"type":"tool","pricing":{"credits":"6923372038.709551616"}}]`
	for _, from := range []string{fmt.Sprintf(`"lockId":%q`, lock), fmt.Sprintf(`"token":%q`, token)} {
		if got := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{%s,"usage":%s}`, from, usage)); got.status != 400 {
			t.Errorf("%s: %d %s", from, got.status, got.raw)
		}
	}
	if left := creditsOfUser(t, p, payee); left != "84.4215" {
		t.Errorf("the payee has %s", left)
	}
	checkLedger(t, p)
}

// TestUsageWithAnAmount settles both together, and usage that costs nothing.
func TestUsageWithAnAmount(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	_, token := mintToken(t, p, "5", "")
	lock := fmt.Sprint(sendAs(t, p, payee, "POST", "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":2}`, token)).body["lockId"])
	const paid, free = `"usage":[{"type":"tool","pricing":{"credits":0.5}}]`, `"usage":[{"type":"llm","promptTokens":1000}]`
	for _, from := range []string{fmt.Sprintf(`"lockId":%q`, lock), fmt.Sprintf(`"token":%q`, token)} {
		for _, test := range []struct {
			body    string
			status  int
			charged any
		}{
			{`"amount":0.25,` + paid, 400, nil}, {`"amount":0,` + paid, 200, "500000000"}, {`"amount":null,` + paid, 200, "500000000"}, {free, 200, "0"},
			{`"amount":0,` + free, 200, "0"}, {`"amount":0.25,` + free, 200, "250000000"}, {`"amount":0`, 400, nil}, {`"usage":[]`, 400, nil},
		} {
			got := sendAs(t, p, payee, "POST", "/api/payments/settle", "{"+from+","+test.body+"}")
			if got.status != test.status || got.body["charged"] != test.charged {
				t.Errorf("%s: %d %s", test.body, got.status, got.raw)
			}
		}
	}
	if released := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"release":true,%s}`, lock, free)); released.body["charged"] != "0" {
		t.Errorf("release: %s", released.raw)
	}
	for _, from := range []string{fmt.Sprintf(`"lockId":%q`, lock), `"token":"none"`} {
		if got := sendAs(t, p, payee, "POST", "/api/payments/settle", "{"+from+","+free+"}"); got.status != 400 {
			t.Errorf("%s: %d %s", from, got.status, got.raw)
		}
	}
	if left := creditsOfUser(t, p, payee); left != "2.375" {
		t.Errorf("the payee has %s", left)
	}
	checkLedger(t, p)
}

// TestAModelCannotSetThePrice lets the server behind the agents report more tokens than there can be.
func TestAModelCannotSetThePrice(t *testing.T) {
	t.Parallel()
	for _, tokens := range []string{"9223372036854775807", "3074457345618258603", "9007199254740993"} {
		model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"choices":[{"message":{"role":"assistant","content":"x"}}],"usage":{"prompt_tokens":%s,"completion_tokens":%s}}`, tokens, tokens)
		}))
		p := open(t, Options{ModelURL: model.URL})
		got := postJSON(t, p, "/api/agents/legal-translator/chat/completions", `{"messages":[{"role":"user","content":"x"}]}`)
		model.Close()
		if left := creditsOfUser(t, p, p.UserKey()); got.status != 200 || left != "0" {
			t.Errorf("%s tokens: %d %s, and the caller has %s", tokens, got.status, got.raw, left)
		}
		checkLedger(t, p)
	}
}

// TestValueGoesToAndFro moves so much so often that what an account ever gained is more than can be counted.
func TestValueGoesToAndFro(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Seed: []byte(`{"users":[{"name":"Me","email":"me@example.com","plan":"Free"}],
		"transactions":[{"type":"addition","amount":"2000000000","description":"gift"}]}`)})
	for range 6 {
		id, _ := mintToken(t, p, "2000000000", "")
		if got := sendAs(t, p, p.UserKey(), "DELETE", "/api/payments/tokens/"+id, ""); got.status != 200 {
			t.Fatal(string(got.raw))
		}
	}
	for _, target := range []string{"/api/user", "/api/user/credits", "/api/balance"} {
		if got := get(t, p, target); got.status != 200 {
			t.Errorf("%s: %d %s", target, got.status, got.raw)
		}
	}
	if left := creditsOfUser(t, p, p.UserKey()); left != "2000000000" {
		t.Errorf("the user has %s", left)
	}
}

// TestALimitHoldsForAnyAmount spends an amount that added to what was spent before is beyond what can be counted.
func TestALimitHoldsForAnyAmount(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	token := fmt.Sprint(postJSON(t, p, "/api/access-tokens", `{"name":"x","limitTotal":500000000}`).body["token"])
	for _, test := range []struct{ amount, code string }{{"1", ""}, {"9223372035.9", "spending_limit_exceeded"}} {
		got := sendAs(t, p, token, "POST", "/api/user/transactions", fmt.Sprintf(`{"amount":%q}`, test.amount))
		if code, _ := got.body["code"].(string); code != test.code {
			t.Errorf("%s: %d %s", test.amount, got.status, got.raw)
		}
	}
}
