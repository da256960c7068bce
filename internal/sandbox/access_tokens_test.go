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

func TestALimitCanBeLifted(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	made, _ := postJSON(t, p, "/api/access-tokens", `{"name":"x","limitTotal":100,"expiresAt":"2026-11-27T00:00:00Z"}`).body["accessToken"].(map[string]any)
	target := "/api/access-tokens/" + fmt.Sprint(made["id"])
	for _, test := range []struct{ body, says string }{
		{`{}`, `"expiresAt":"2026-11-27T00:00:00Z"`}, {`{"limitTotal":null}`, `"limitTotal":null`}, {`{"limitDaily":null}`, `"limitDaily":null`},
		{`{"limitPerUse":7}`, `"limitPerUse":7`}, {`{"name":"y"}`, `"limitPerUse":7`}, {`{"expiresAt":null}`, `"expiresAt":null`},
	} {
		if got := sendAs(t, p, p.UserKey(), "PATCH", target, test.body); got.status != 200 || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s: %d %s", test.body, got.status, got.raw)
		}
	}
	if bad := sendAs(t, p, p.UserKey(), "PATCH", target, `{"name":null,"limitTotal":-1}`); bad.status != 400 {
		t.Errorf("a bad limit: %s", bad.raw)
	}
}

// altered gives a token with another signature: of its last character, some bits mean nothing.
func altered(token string) string {
	at, other := len(token)-10, "A"
	if token[at] == 'A' {
		other = "B"
	}
	return token[:at] + other + token[at+1:]
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
	for _, other := range []string{payment, altered(token), "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."} {
		if got := sendAs(t, p, other, "GET", "/api/user", ""); got.status != 401 {
			t.Errorf("%.20s: %d", other, got.status)
		}
	}
	now = now.Add(commandLineLife)
	if got := sendAs(t, p, token, "GET", "/api/user", ""); got.status != 401 {
		t.Errorf("after its end: %d", got.status)
	}
}
