package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

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

// TestASettlementNamesItsAgent charges with an agent's own key. The row keeps the agent's name when the agent is gone.
func TestASettlementNamesItsAgent(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	key := mintKey()
	if _, err := p.storeKey(t.Context(), p.database, key, demoUserID, seedID("agent", "recipe-muse"), "recipe-muse"); err != nil {
		t.Fatal(err)
	}
	_, token := mintToken(t, p, "2", "")
	if got := sendAs(t, p, key, "POST", "/api/payments/settle", fmt.Sprintf(`{"token":%q,"amount":1}`, token)); got.body["success"] != true {
		t.Fatalf("settle: %s", got.raw)
	}
	if got := sendAs(t, p, p.UserKey(), "DELETE", "/api/agents/recipe-muse", ""); got.status != 200 {
		t.Fatalf("delete: %s", got.raw)
	}
	row := rows(t, get(t, p, "/api/balance/transactions?type=usage&limit=1"), "transactions")[0]
	if row["agentId"] != seedID("agent", "recipe-muse") || row["agentName"] != "recipe-muse" || row["amount"] != "0.95" {
		t.Errorf("settled: %v", row)
	}
}

func TestPaymentsAreRefused(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	id, token := mintToken(t, p, "5", `,"recipientId":"legal-translator"`)
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
	if verdict := sendAs(t, p, payee, "POST", "/api/payments/verify", `{"token":"`+token+`","expectedAudience":["legal-translator"]}`); verdict.body["valid"] != true {
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

// TestReadsSeeWhatHasEnded asks for what is there after a lock and a token ended, without anything that moves value.
func TestReadsSeeWhatHasEnded(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{Now: func() time.Time { return now }})
	_, token := mintToken(t, p, "7", `,"ttlHours":3`)
	lock := fmt.Sprint(postJSON(t, p, "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":6}`, token)).body["lockId"])
	now = now.Add(lockLife)
	if verdict := postJSON(t, p, "/api/payments/verify", fmt.Sprintf(`{"token":%q}`, token)); verdict.body["balance"] != 7.0 {
		t.Errorf("after the lock's end: %s", verdict.raw)
	}
	now = now.Add(2 * time.Hour)
	if left := creditsOfUser(t, p, p.UserKey()); left != "87.4215" {
		t.Errorf("after the token's end the payer has %s", left)
	}
	if late := postJSON(t, p, "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":1}`, lock)); late.status != 400 {
		t.Errorf("a lock that has ended: %s", late.raw)
	}
	if paid := postJSON(t, p, "/api/user/transactions", `{"amount":"87.4215"}`); paid.status != 200 {
		t.Errorf("what came back is not spent: %s", paid.raw)
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
	for _, usage := range []string{`[{"type":"gift"}]`, `[{"type":"llm","prompt_tokens":-1}]`, `[{"type":"tool","pricing":{"credits":1}}],"amount":1`, `[],"amount":0`} {
		if bad := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"token":%q,"usage":%s}`, token, usage)); bad.status != 400 {
			t.Errorf("%s: %s", usage, bad.raw)
		}
	}
	checkLedger(t, p)
}
