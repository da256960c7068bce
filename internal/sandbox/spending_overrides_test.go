package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAgentsSpendWithinTheirOverrides(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{Now: func() time.Time { return now }})
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	charge := func(amount string) answer {
		return sendAs(t, p, key, "POST", "/api/user/transactions", fmt.Sprintf(`{"amount":%q}`, amount))
	}
	if free := charge("1"); free.status != 200 {
		t.Fatalf("without an override: %s", free.raw)
	}
	made := postJSON(t, p, "/api/balance/spending-overrides", `{"agentId":"recipe-muse","limitDaily":200000000,"limitPerUse":90000000}`)
	if made.status != 200 || member(made.body, "override.spentDaily") != "1e+08" {
		t.Fatalf("create: %s", made.raw)
	}
	target := "/api/spending-overrides/" + member(made.body, "override.id")
	for _, step := range []struct {
		amount string
		status int
		says   string
	}{{"0.95", 402, "the agent's per use limit"}, {"0.9", 200, ""}, {"0.2", 402, "daily limit does not cover it: required: 0.2, available: 0.1"}} {
		if got := charge(step.amount); got.status != step.status || !strings.Contains(string(got.raw), step.says) {
			t.Errorf("%s: %d %s", step.amount, got.status, got.raw)
		}
	}
	now = now.Add(24 * time.Hour)
	if next := charge("0.9"); next.status != 200 {
		t.Errorf("the next day: %s", next.raw)
	}
	access := fmt.Sprint(postJSON(t, p, "/api/access-tokens", `{"name":"x"}`).body["token"])
	for _, test := range []struct {
		key, method, target, body string
		status                    int
		says                      string
	}{
		{p.UserKey(), "POST", "/api/spending-overrides", `{"agentId":"recipe-muse"}`, 409, "already"},
		{p.UserKey(), "POST", "/api/spending-overrides", `{"agentId":"legal-translator"}`, 400, "not one of the caller's"},
		{p.UserKey(), "POST", "/api/spending-overrides", `{"agentId":"dana-assistant","limitTotal":-1}`, 400, "a limit is"},
		{p.UserKey(), "POST", "/api/spending-overrides", `{"agentId":"dana-assistant","limitTotal":9223372036854775807}`, 400, "a limit is"},
		{p.UserKey(), "POST", "/api/spending-overrides", `{"agentId":"dana-assistant","limitTotal":576460752303423488}`, 200, "5764"},
		{key, "PATCH", target, `{"limitDaily":null}`, 403, "owner"},
		{key, "GET", "/api/spending-overrides", "", 403, "owner"},
		{access, "PATCH", target, `{"limitDaily":null}`, 403, "access token"},
		{access, "DELETE", target, "", 403, "access token"},
		{otherUser(t, p), "PATCH", target, `{"limitDaily":null}`, 404, "not found"},
		{otherUser(t, p), "DELETE", target, "", 404, "not found"},
		{p.UserKey(), "PATCH", target, `{"limitDaily":null,"limitTotal":300000000}`, 200, `"limitDaily":null,"limitPerUse":90000000,"limitTotal":300000000`},
		{p.UserKey(), "GET", "/api/balance/spending-overrides?limit=1", "", 200, `"total":2`},
		{key, "POST", "/api/user/transactions", `{"amount":"0.3"}`, 402, "total limit"},
		{p.UserKey(), "DELETE", target, "", 200, "success"},
		{p.UserKey(), "DELETE", target, "", 404, "not found"},
		{key, "POST", "/api/user/transactions", `{"amount":"5"}`, 200, "success"},
	} {
		if got := sendAs(t, p, test.key, test.method, test.target, test.body); got.status != test.status || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s %s %s: %d %s", test.method, test.target, test.body, got.status, got.raw)
		}
	}
	checkLedger(t, p)
}
