package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// principals are one user's keys of every kind.
func principals(t *testing.T, p *Platform) map[admission]string {
	t.Helper()
	return map[admission]string{
		userKeys:     p.UserKey(),
		commandLines: fmt.Sprint(postJSON(t, p, "/api/auth/cli/token", `{}`).body["access_token"]),
		agentKeys:    fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"]),
		accessTokens: fmt.Sprint(postJSON(t, p, "/api/access-tokens", `{"name":"x","limitTotal":0}`).body["token"]),
	}
}

// TestEveryRouteTellsKeysApart asks every route with every kind of key of one user, and with none.
func TestEveryRouteTellsKeysApart(t *testing.T) {
	t.Parallel()
	placeholder := regexp.MustCompile(`\{\w+\}`)
	p := open(t, Options{})
	keys := principals(t, p)
	keys[strangers] = ""
	for pattern, entry := range p.table() {
		if entry.act == nil || entry.admits == 0 || entry.eras == 0 {
			t.Errorf("%s says not what it does, for whom, or in which generation", pattern)
		}
		method, path, _ := strings.Cut(pattern, " ")
		for kind, key := range keys {
			got := send(t, p, key, method, placeholder.ReplaceAllString(path, "none"), "application/json", "{}")
			refused := got.body["code"] == wrongKey || got.body["code"] == "unauthorized"
			if want := entry.admits&kind == 0; refused != want {
				t.Errorf("%s with a key of kind %b: %d %s", pattern, kind, got.status, got.raw)
			}
		}
	}
}

// TestWhatBoundKeysMayChange spells out what is open to keys that are held to something. Whoever opens another route to
// them adds it here.
func TestWhatBoundKeysMayChange(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	reads := []string{"POST /api/agents/search", "POST /api/discovery", "POST /api/intents/search", "POST /api/intents/list", "POST /api/token/validate",
		"POST /api/payments/verify", "POST /api/x402/verify", "POST /api/auth/validate-key", "POST /api/auth/agent/register", "POST /api/agents/sync"}
	both := []string{
		"DELETE /api/content", "DELETE /api/content/{content}", "POST /api/content", "POST /api/content/upload",
		"DELETE /api/discovery/subscribe", "DELETE /api/intents/subscribe", "POST /api/discovery/subscribe", "POST /api/intents/subscribe",
		"PATCH /api/payments/lock/{lock}", "POST /api/payments/lock", "POST /api/payments/settle", "POST /api/payments/delegate", "POST /api/token/redeem", "PUT /api/tokens/redeem",
		"POST /api/x402/settle", "POST /api/x402/exchange", "POST /api/user/transactions", "POST /api/agents/{agent}/chat/completions",
	}
	open := map[admission][]string{
		// Limits hold for what an access token spends.
		accessTokens: append([]string{"POST /api/credits/transfer", "POST /api/user/tokens", "PATCH /api/payments/tokens/{token}/topup", "POST /api/payments/tokens/{token}/topup"}, both...),
		// An agent's key is about that agent alone.
		agentKeys: append([]string{
			"PUT /api/agents/{agent}", "PATCH /api/agents/{agent}", "DELETE /api/agents/{agent}", "POST /api/agents/heartbeat", "POST /api/agents/{agent}/deregister",
			"POST /api/agents/{agent}/revisions/{revision}/activate", "POST /api/agents/{agent}/conversations", "POST /api/discovery/announce", "POST /api/auth/owner-assertion",
			"POST /api/intents/publish", "POST /api/intents/create", "POST /api/intents/update", "POST /api/intents/delete",
			"POST /api/agents/{agent}/content", "DELETE /api/agents/{agent}/content/{content}",
			"POST /api/agents/{agent}/integrations", "PATCH /api/agents/{agent}/integrations/{integration}", "DELETE /api/agents/{agent}/integrations/{integration}",
			"POST /api/agents/{agent}/functions", "DELETE /api/agents/{agent}/functions/{function}", "POST /api/agents/{agent}/functions/{function}/validate",
			"POST /api/agents/{agent}/functions/{function}/invoke", "POST /api/agents/{agent}/functions/{function}/secret", "DELETE /api/agents/{agent}/functions/{function}/secret",
		}, both...),
	}
	for kind, want := range open {
		var got []string
		for pattern, entry := range p.table() {
			if !strings.HasPrefix(pattern, "GET ") && entry.admits&kind != 0 && !slices.Contains(reads, pattern) {
				got = append(got, pattern)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("a key of kind %b may change %q, not %q", kind, got, want)
		}
	}
}

// TestBoundKeysStayBound takes the ways by which a key could get hold of another that may do more.
func TestBoundKeysStayBound(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	keys := principals(t, p)
	payment, _ := mintToken(t, p, "1", "")
	access, _ := postJSON(t, p, "/api/access-tokens", `{"name":"y","limitTotal":0}`).body["accessToken"].(map[string]any)
	for _, test := range []struct {
		as                   admission
		method, target, body string
	}{
		{agentKeys, "POST", "/api/auth/cli/token", `{}`},
		{commandLines, "POST", "/api/auth/cli/token", `{}`},
		{commandLines, "POST", "/api/api-keys", `{"name":"x"}`},
		{accessTokens, "GET", "/api/agents/recipe-muse/api-key", ""},
		{accessTokens, "POST", "/api/agents/recipe-muse/api-key", `{}`},
		{accessTokens, "POST", "/api/agents", `{"name":"spender","instructions":"x"}`},
		{accessTokens, "GET", "/api/payments/tokens", ""},
		{accessTokens, "DELETE", "/api/access-tokens/" + fmt.Sprint(access["id"]), ""},
		{agentKeys, "PATCH", "/api/access-tokens/" + fmt.Sprint(access["id"]), `{"limitTotal":1000}`},
		{agentKeys, "DELETE", "/api/payments/tokens/" + payment, ""},
		{agentKeys, "POST", "/api/user/tokens/cancel", fmt.Sprintf(`{"tokenId":%q}`, payment)},
		{agentKeys, "PATCH", "/api/agents/recipe-muse", `{"name":"another"}`},
		{agentKeys, "PUT", "/api/agents/recipe-muse", `{"description":"x","name":"another"}`},
	} {
		if got := sendAs(t, p, keys[test.as], test.method, test.target, test.body); got.status != 403 {
			t.Errorf("%s %s: %d %s", test.method, test.target, got.status, got.raw)
		}
	}
	if own := sendAs(t, p, keys[agentKeys], "POST", "/api/auth/owner-assertion", `{"agentId":"chart-maker"}`); own.status != 404 {
		t.Errorf("an agent speaks as the owner of another: %s", own.raw)
	}
	if same := sendAs(t, p, keys[agentKeys], "PATCH", "/api/agents/recipe-muse", `{"name":"recipe-muse","description":"of soups"}`); same.status != 200 {
		t.Errorf("an agent describes itself: %s", same.raw)
	}
}

// TestACommandLinesTokenIsGoneWithItsKey takes back what a key was used for.
func TestACommandLinesTokenIsGoneWithItsKey(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	made := postJSON(t, p, "/api/api-keys", `{"name":"laptop"}`)
	token := fmt.Sprint(sendAs(t, p, fmt.Sprint(made.body["rawKey"]), "POST", "/api/auth/cli/token", `{}`).body["access_token"])
	for _, want := range []int{200, 401} {
		if got := sendAs(t, p, token, "GET", "/api/user", ""); got.status != want {
			t.Errorf("%d %s, want %d", got.status, got.raw, want)
		}
		sendAs(t, p, p.UserKey(), "DELETE", "/api/api-keys/"+fmt.Sprint(made.body["id"]), "")
	}
}
