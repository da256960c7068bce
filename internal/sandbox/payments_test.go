package sandbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"
)

// mintToken makes a payment token of the demo user.
func mintToken(t testing.TB, p *Platform, amount, more string) (id, token string) {
	t.Helper()
	got := postJSON(t, p, "/api/user/tokens", fmt.Sprintf(`{"amount":%q%s}`, amount, more))
	row, ok := got.body["token"].(map[string]any)
	if got.status != 200 || !ok {
		t.Fatalf("mint: %d %s", got.status, got.raw)
	}
	return fmt.Sprint(row["id"]), fmt.Sprint(row["token"])
}

// payee is the key of another user, who is paid.
func sendAs(t testing.TB, p *Platform, key, method, target, body string, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, "http://sandbox"+target, strings.NewReader(body))
	r.Header.Set("X-API-Key", key)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return decodeAnswer(w)
}

func creditsOfUser(t testing.TB, p *Platform, key string) string {
	t.Helper()
	return fmt.Sprint(sendAs(t, p, key, http.MethodGet, "/api/user/credits", "").body["availableCredits"])
}

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

func TestLockSettleRelease(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	_, token := mintToken(t, p, "5", "")
	if got := creditsOfUser(t, p, p.UserKey()); got != "82.4215" {
		t.Errorf("after minting: %s", got)
	}
	lock := sendAs(t, p, payee, "POST", "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":2}`, token))
	id := fmt.Sprint(lock.body["lockId"])
	if lock.status != 200 || lock.body["lockedAmount"] != 2e9 || lock.body["lockedAmountDollars"] != 2.0 {
		t.Fatalf("lock: %s", lock.raw)
	}
	if more := sendAs(t, p, payee, "PATCH", "/api/payments/lock/"+id, `{"additionalAmount":0.5}`); more.body["newAmountDollars"] != 2.5 {
		t.Errorf("extend: %s", more.raw)
	}
	if ignored := sendAs(t, p, payee, "PATCH", "/api/payments/lock/"+id, `{"amount":0.5}`); ignored.status != 400 {
		t.Errorf("extend by amount: %s", ignored.raw)
	}
	verdict := sendAs(t, p, payee, "POST", "/api/payments/verify", fmt.Sprintf(`{"token":%q}`, token))
	if verdict.body["valid"] != true || verdict.body["balance"] != 2.5 || verdict.body["balanceCredits"] != "2.5" {
		t.Errorf("verify: %s", verdict.raw)
	}
	first := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":1,"chargeType":"agent_fee"}`, id))
	if first.body["charged"] != "1000000000" || first.body["chargedDollars"] != 1.0 || first.body["remainingDollars"] != 1.5 || first.body["partial"] != nil {
		t.Errorf("settle: %s", first.raw)
	}
	over := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":2}`, id))
	if over.body["partial"] != true || over.body["chargedDollars"] != 1.5 || over.body["unbilledDollars"] != 0.5 || over.body["requestedDollars"] != 2.0 {
		t.Errorf("partial: %s", over.raw)
	}
	if again := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":1}`, id)); again.status != 400 {
		t.Errorf("a settled lock: %s", again.raw)
	}
	// 2.5 credits less the platform's five percent.
	if got := creditsOfUser(t, p, payee); got != "2.375" {
		t.Errorf("the payee has %s", got)
	}
	second := fmt.Sprint(sendAs(t, p, payee, "POST", "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":"1"}`, token)).body["lockId"])
	if released := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":0,"release":true}`, second)); released.body["success"] != true || released.body["charged"] != "0" {
		t.Errorf("release: %s", released.raw)
	}
	if verdict := sendAs(t, p, payee, "POST", "/api/payments/verify", fmt.Sprintf(`{"token":%q}`, token)); verdict.body["balance"] != 2.5 {
		t.Errorf("after the release: %s", verdict.raw)
	}
	checkLedger(t, p)
}

func TestPaymentsAreRefused(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	id, token := mintToken(t, p, "5", `,"recipientId":"agent-7"`)
	lock := fmt.Sprint(sendAs(t, p, payee, "POST", "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":1}`, token)).body["lockId"])
	forged, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"jti": id}).SignedString([]byte("guess"))
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"jti": id}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, key, method, target, body string
		status                          int
		says                            string
	}{
		{"zero lock", payee, "POST", "/api/payments/lock", `{"token":"` + token + `","amount":0}`, 400, "more than 0"},
		{"over-lock", payee, "POST", "/api/payments/lock", `{"token":"` + token + `","amount":5}`, 400, "available: 4"},
		{"forged", payee, "POST", "/api/payments/lock", `{"token":"` + forged + `","amount":1}`, 400, "malformed"},
		{"unsigned", payee, "POST", "/api/payments/lock", `{"token":"` + unsigned + `","amount":1}`, 400, "malformed"},
		{"another's lock", p.UserKey(), "POST", "/api/payments/settle", `{"lockId":"` + lock + `","amount":1}`, 404, "lock not found"},
		{"extend another's", p.UserKey(), "PATCH", "/api/payments/lock/" + lock, `{"additionalAmount":1}`, 404, "lock not found"},
		{"no lock", payee, "POST", "/api/payments/settle", `{"lockId":"nothing","amount":1}`, 404, "lock not found"},
		{"two targets", payee, "POST", "/api/payments/settle", `{"lockId":"` + lock + `","token":"x","amount":1}`, 400, "either"},
		{"nothing", payee, "POST", "/api/payments/settle", `{"lockId":"` + lock + `","amount":0}`, 400, "more than 0"},
		{"a tool fee", payee, "POST", "/api/payments/settle", `{"lockId":"` + lock + `","amount":1,"chargeType":"tool_fee"}`, 400, "chargeType"},
		{"exponent", payee, "POST", "/api/payments/settle", `{"lockId":"` + lock + `","amount":1e2}`, 400, "amount"},
		{"no key", "", "POST", "/api/payments/settle", `{"lockId":"` + lock + `","amount":1}`, 401, ""},
		{"mint too much", p.UserKey(), "POST", "/api/user/tokens", `{"amount":"1000"}`, 402, "insufficient credits"},
		{"redeem too much", payee, "PUT", "/api/tokens/redeem", `{"token":"` + token + `","amount":"100"}`, 402, "insufficient"},
		{"redeem nonsense", payee, "PUT", "/api/tokens/redeem", `{"token":"pt_x","amount":"1"}`, 402, "malformed"},
		{"delegate too much", payee, "POST", "/api/payments/delegate", `{"parentToken":"` + token + `","delegateTo":"chart-maker","amount":9}`, 400, "available: 4"},
		{"delegate to nobody", payee, "POST", "/api/payments/delegate", `{"parentToken":"` + token + `","delegateTo":"nobody","amount":1}`, 404, "agent not found"},
		{"another's token", payee, "DELETE", "/api/payments/tokens/" + id, "", 404, "not found"},
	}
	for _, test := range tests {
		got := sendAs(t, p, test.key, test.method, test.target, test.body)
		if got.status != test.status || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s: %d %s", test.name, got.status, got.raw)
		}
	}
	if verdict := sendAs(t, p, payee, "POST", "/api/payments/verify", `{"token":"`+token+`","expectedAudience":"agent-8"}`); verdict.status != 200 || verdict.body["valid"] != false {
		t.Errorf("another audience: %s", verdict.raw)
	}
	if verdict := sendAs(t, p, payee, "POST", "/api/payments/verify", `{"token":"`+token+`","expectedAudience":["agent-7"]}`); verdict.body["valid"] != true {
		t.Errorf("its audience: %s", verdict.raw)
	}
	checkLedger(t, p)
}

func TestSettleIsIdempotent(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	_, token := mintToken(t, p, "5", "")
	lockOf := func() string {
		return fmt.Sprint(sendAs(t, p, payee, "POST", "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":1}`, token)).body["lockId"])
	}
	one, two := lockOf(), lockOf()
	settle := func(lock, amount, key string) answer {
		return sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":%s}`, lock, amount), "Idempotency-Key", key)
	}
	first := settle(one, "0.25", "settle:1")
	again := settle(one, "0.25", "settle:1")
	if first.status != 200 || first.body["replayed"] != nil || first.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("first: %s", first.raw)
	}
	if again.body["replayed"] != true || again.header.Get("Idempotent-Replayed") != "true" || again.body["transaction"] != first.body["transaction"] {
		t.Errorf("again: %s", again.raw)
	}
	inBody := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"amount":0.25,"idempotencyKey":"settle:1","lockId":%q}`, one))
	if inBody.body["replayed"] != true {
		t.Errorf("the key in the body: %s", inBody.raw)
	}
	if other := settle(one, "0.5", "settle:1"); other.status != http.StatusUnprocessableEntity {
		t.Errorf("another amount: %d %s", other.status, other.raw)
	}
	if other := settle(two, "0.25", "settle:1"); other.status != http.StatusConflict {
		t.Errorf("another lock: %d %s", other.status, other.raw)
	}
	if bad := settle(one, "0.25", "with space"); bad.status != 400 {
		t.Errorf("bad key: %d", bad.status)
	}
	if got := creditsOfUser(t, p, payee); got != "0.2375" {
		t.Errorf("the payee has %s", got)
	}
	checkLedger(t, p)
}

func TestTokensInEveryForm(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	id, token := mintToken(t, p, "3", "")
	opaqueID, opaque := mintToken(t, p, "2", `,"format":"opaque"`)
	if !strings.HasPrefix(opaque, "tok_"+opaqueID+":") || strings.Count(token, ".") != 2 {
		t.Fatalf("%s %s", token, opaque)
	}
	for _, form := range []string{token, id, opaque} {
		for _, check := range []answer{
			sendAs(t, p, payee, "GET", "/api/tokens/validate?token="+form, ""),
			sendAs(t, p, payee, "POST", "/api/token/validate", fmt.Sprintf(`{"token":%q}`, form)),
			sendAs(t, p, payee, "POST", "/api/payments/verify", `{}`, "X-PAYMENT", form),
		} {
			if check.body["valid"] != true || check.body["availableAmount"] == "0" {
				t.Errorf("%.20s: %s", form, check.raw)
			}
		}
	}
	if wrong := sendAs(t, p, payee, "GET", "/api/tokens/validate?token=tok_"+opaqueID+":00", ""); wrong.body["valid"] != false || wrong.status != 200 {
		t.Errorf("wrong secret: %s", wrong.raw)
	}
	redeemed := sendAs(t, p, payee, "PUT", "/api/tokens/redeem", fmt.Sprintf(`{"token":%q,"amount":"0.5"}`, opaque))
	if redeemed.body["chargedDollars"] != 0.5 {
		t.Errorf("redeem: %s", redeemed.raw)
	}
	all := sendAs(t, p, payee, "POST", "/api/token/redeem", fmt.Sprintf(`{"token":%q}`, opaque))
	if all.body["chargedDollars"] != 1.5 {
		t.Errorf("redeem all: %s", all.raw)
	}
	grown := sendAs(t, p, p.UserKey(), "PATCH", "/api/payments/tokens/"+id+"/topup", `{"amount":"1.5"}`)
	if row, ok := grown.body["token"].(map[string]any); !ok || row["availableAmount"] != "4.5" || strings.Count(fmt.Sprint(row["token"]), ".") != 2 {
		t.Errorf("top up: %s", grown.raw)
	}
	listed := rows(t, sendAs(t, p, p.UserKey(), "GET", "/api/payments/tokens", ""), "tokens")
	if len(listed) != 2 || strings.Contains(fmt.Sprint(listed), opaque) {
		t.Errorf("list: %v", listed)
	}
	if gone := sendAs(t, p, p.UserKey(), "DELETE", "/api/payments/tokens/"+id, ""); gone.status != 200 {
		t.Errorf("revoke: %s", gone.raw)
	}
	if got := creditsOfUser(t, p, p.UserKey()); got != "85.4215" {
		t.Errorf("after revoking: %s", got)
	}
	checkJWKS(t, p, token)
	checkLedger(t, p)
}

// checkJWKS checks a token as others would: with the published key alone.
func checkJWKS(t *testing.T, p *Platform, token string) {
	t.Helper()
	published := send(t, p, "", http.MethodGet, "/.well-known/jwks.json", "", "")
	if other := send(t, p, "", http.MethodGet, "/api/auth/jwks", "", ""); !bytes.Equal(other.raw, published.raw) {
		t.Error("the two key sets differ")
	}
	keys := rows(t, published, "keys")
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil || parsed.Header["kid"] != keys[0]["kid"] || parsed.Header["alg"] != "RS256" {
		t.Errorf("header %v, keys %v, %v", parsed.Header, keys, err)
	}
	claims, ok := parsed.Claims.(jwt.MapClaims)
	if !ok || claims["iss"] != "http://sandbox" || claims["sub"] != demoUserID {
		t.Errorf("claims %v", claims)
	}
}

func TestDelegationPaysEverybodyOnTheWay(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	id, token := mintToken(t, p, "10", "")
	child := sendAs(t, p, p.UserKey(), "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"legal-translator","amount":4}`, token))
	grandchild := sendAs(t, p, p.UserKey(), "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"contract-reviewer","amount":2}`, child.body["token"]))
	if child.status != 200 || grandchild.status != 200 || grandchild.body["amountCredits"] != 2.0 {
		t.Fatalf("%s %s", child.raw, grandchild.raw)
	}
	settled := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"token":%q,"amount":1}`, grandchild.body["token"]))
	if settled.body["chargedDollars"] != 1.0 {
		t.Fatalf("settle: %s", settled.raw)
	}
	// Five percent for the platform, one for each of the two delegations, both of the demo user.
	if got := creditsOfUser(t, p, payee); got != "0.93" {
		t.Errorf("the payee has %s", got)
	}
	if got := creditsOfUser(t, p, p.UserKey()); got != "77.4415" {
		t.Errorf("the payer has %s", got)
	}
	tree := sendAs(t, p, p.UserKey(), "GET", "/api/payments/tokens/"+id+"/tree", "")
	for _, part := range []string{`"remainingCredits":"6"`, `"budgetCredits":"4"`, `"remainingCredits":"1"`} {
		if !strings.Contains(string(tree.raw), part) {
			t.Errorf("tree lacks %s: %s", part, tree.raw)
		}
	}
	deep := fmt.Sprint(grandchild.body["token"])
	for range 3 {
		deep = fmt.Sprint(sendAs(t, p, p.UserKey(), "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"chart-maker","amount":0.1}`, deep)).body["token"])
	}
	if over := sendAs(t, p, p.UserKey(), "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"chart-maker","amount":0.01}`, deep)); !strings.Contains(string(over.raw), "max_depth") {
		t.Errorf("too deep: %s", over.raw)
	}
	if gone := sendAs(t, p, p.UserKey(), "POST", "/api/user/tokens/cancel", fmt.Sprintf(`{"tokenId":%q}`, id)); gone.status != 200 {
		t.Errorf("cancel: %s", gone.raw)
	}
	if got := creditsOfUser(t, p, p.UserKey()); got != "86.4415" {
		t.Errorf("after canceling the payer has %s", got)
	}
	checkLedger(t, p)
}

func TestWhatEndsIsGivenBack(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{Now: func() time.Time { return now }})
	payee := otherUser(t, p)
	_, token := mintToken(t, p, "5", `,"ttlHours":2`)
	lock := fmt.Sprint(sendAs(t, p, payee, "POST", "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":2}`, token)).body["lockId"])
	now = now.Add(lockLife)
	if late := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":1}`, lock)); late.status != 400 || !strings.Contains(string(late.raw), "released") {
		t.Errorf("a lock that has ended: %s", late.raw)
	}
	now = now.Add(2 * time.Hour)
	if verdict := sendAs(t, p, payee, "POST", "/api/payments/verify", fmt.Sprintf(`{"token":%q}`, token)); verdict.body["valid"] != false || !strings.Contains(string(verdict.raw), "expired") {
		t.Errorf("verify: %s", verdict.raw)
	}
	mintToken(t, p, "1", "") // whatever moves value settles what has ended
	if got := creditsOfUser(t, p, p.UserKey()); got != "86.4215" {
		t.Errorf("the payer has %s", got)
	}
	checkLedger(t, p)
}

func TestUsageIsPriced(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	_, token := mintToken(t, p, "5", "")
	got := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"token":%q,"usage":[
		{"type":"llm","model":"gpt-4o-mini","prompt_tokens":1000,"completion_tokens":500,"cached_read_tokens":100},
		{"type":"llm","promptTokens":99999},
		{"type":"tool","tool_name":"x","pricing":{"credits":0.01}}]}`, token))
	if got.body["chargedDollars"] != 0.0104575 || got.body["computedFromUsage"] != true {
		t.Errorf("settle: %s", got.raw)
	}
	for _, usage := range []string{`[{"type":"gift"}]`, `[{"type":"llm","prompt_tokens":-1}]`, `[{"type":"llm"}]`} {
		if bad := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"token":%q,"usage":%s}`, token, usage)); bad.status != 400 {
			t.Errorf("%s: %s", usage, bad.raw)
		}
	}
	checkLedger(t, p)
}

func TestFacilitator(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	_, token := mintToken(t, p, "5", `,"format":"opaque"`)
	header := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"scheme":"token","network":"robutler","payload":{"token":%q,"amount":"1"}}`, token))
	body := fmt.Sprintf(`{"paymentHeader":%q,"paymentRequirements":{"scheme":"token","network":"robutler","maxAmountRequired":"1.5","payTo":"x","resource":"/r"}}`, header)
	for _, route := range []string{"/api/x402/verify", "/api/payments/verify"} {
		if verdict := sendAs(t, p, payee, "POST", route, body); verdict.body["isValid"] != true || verdict.body["balance"] != "5" {
			t.Errorf("%s: %s", route, verdict.raw)
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
	if supported := sendAs(t, p, payee, "GET", "/api/x402/supported", ""); len(rows(t, supported, "schemes")) != 2 || len(rows(t, supported, "kinds")) != 2 {
		t.Errorf("supported: %s", supported.raw)
	}
	if rates := sendAs(t, p, payee, "GET", "/api/x402/exchange", ""); !strings.Contains(string(rates.raw), `"exact:base-mainnet:USDC":{"fee":"0.02"`) {
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
	charged := map[string]string{}
	pick := func(rt *rapid.T, from []string) string {
		if len(from) == 0 {
			return "none"
		}
		return rapid.SampledFrom(from).Draw(rt, "which")
	}
	rapid.Check(t, func(rt *rapid.T) {
		small := formatCredits(rapid.Int64Range(1, 2_000_000_000).Draw(rt, "nano"))
		var got answer
		switch step := rapid.SampledFrom([]string{"mint", "lock", "extend", "settle", "release", "redeem", "delegate", "revoke", "topup", "wait", "restart"}).Draw(rt, "step"); step {
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
				if charged[key] != "" {
					rt.Fatalf("key %s charged twice", key)
				}
				charged[key] = lock
			}
		case "release":
			got = sendAs(t, current, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":0,"release":true}`, pick(rt, locks)))
		case "redeem":
			got = sendAs(t, current, payee, "PUT", "/api/tokens/redeem", fmt.Sprintf(`{"token":%q,"amount":%q}`, pick(rt, tokens), small))
		case "delegate":
			got = sendAs(t, current, payee, "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"chart-maker","amount":%s}`, pick(rt, tokens), small))
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
