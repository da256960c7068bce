package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAccessTokensSpendWithinTheirLimits(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{Now: func() time.Time { return now }})
	created := postJSON(t, p, "/api/access-tokens", `{"name":"x","limitDaily":200000000,"limitTotal":300000000,"limitPerUse":150000000,"expiresAt":"2026-11-27T00:00:00Z"}`)
	token := fmt.Sprint(created.body["token"])
	row, _ := created.body["accessToken"].(map[string]any)
	charge := func(amount string) answer {
		return sendAs(t, p, token, "POST", "/api/user/transactions", fmt.Sprintf(`{"amount":%q}`, amount))
	}
	for _, step := range []struct {
		amount string
		status int
		says   string
	}{
		{"1.6", 402, "per use limit"}, {"1.5", 200, ""}, {"0.6", 402, "daily limit does not cover it: required: 0.6, available: 0.5"}, {"0.5", 200, ""}, {"0.000000001", 402, "daily"},
	} {
		if got := charge(step.amount); got.status != step.status || !strings.Contains(string(got.raw), step.says) {
			t.Errorf("%s: %d %s", step.amount, got.status, got.raw)
		}
	}
	now = now.Add(24 * time.Hour)
	if got := charge("1.1"); got.status != 402 || !strings.Contains(string(got.raw), "total limit") {
		t.Errorf("the next day: %s", got.raw)
	}
	if got := sendAs(t, p, token, "POST", "/api/user/tokens", `{"amount":"1"}`); got.status != 200 {
		t.Errorf("a payment token within the limit: %s", got.raw)
	}
	if shown := get(t, p, "/api/access-tokens/"+fmt.Sprint(row["id"])); !strings.Contains(string(shown.raw), `"spentDaily":100000000`) || !strings.Contains(string(shown.raw), `"spentTotal":300000000`) {
		t.Errorf("spent: %s", shown.raw)
	}
	for _, target := range []string{"/api/api-keys", "/api/access-tokens", "/api/auth/cli/token"} {
		if got := sendAs(t, p, token, "POST", target, `{"name":"more"}`); got.status != 403 {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	now = now.Add(48 * time.Hour)
	if got := sendAs(t, p, token, "GET", "/api/user", ""); got.status != 401 {
		t.Errorf("after its end: %d", got.status)
	}
	checkLedger(t, p)
}

func TestACommandLinesTokenWorksUntilItEnds(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{Now: func() time.Time { return now }})
	token := fmt.Sprint(postJSON(t, p, "/api/auth/cli/token", `{}`).body["access_token"])
	if got := sendAs(t, p, token, "GET", "/api/user", ""); got.status != 200 {
		t.Errorf("%d %s", got.status, got.raw)
	}
	_, payment := mintToken(t, p, "1", "")
	for _, other := range []string{payment, token[:len(token)-2] + "xx", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."} {
		if got := sendAs(t, p, other, "GET", "/api/user", ""); got.status != 401 {
			t.Errorf("%.20s: %d", other, got.status)
		}
	}
	now = now.Add(commandLineLife)
	if got := sendAs(t, p, token, "GET", "/api/user", ""); got.status != 401 {
		t.Errorf("after its end: %d", got.status)
	}
}
