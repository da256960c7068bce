package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestDiscoveryAndAuth(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	found := postJSON(t, p, "/api/discovery", `{"query":"translate a contract","limit":5,"types":["agents","intents","posts"]}`)
	if !strings.Contains(string(found.raw), `"username":"legal-translator"`) || !strings.Contains(string(found.raw), `"agent_username":"legal-translator"`) || !strings.Contains(string(found.raw), `"posts":[]`) {
		t.Errorf("discovery: %s", found.raw)
	}
	for target, status := range map[string]int{"/api/discovery/posts?q=x": 200, "/api/discovery/everything": 404} {
		if got := get(t, p, target); got.status != status {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	if valid := postJSON(t, p, "/api/auth/validate-key", fmt.Sprintf(`{"apiKey":%q}`, p.UserKey())); valid.body["success"] != true || !strings.Contains(string(valid.raw), "dana@example.com") {
		t.Errorf("validate: %s", valid.raw)
	}
	if other := postJSON(t, p, "/api/auth/validate-key", fmt.Sprintf(`{"apiKey":%q}`, otherUser(t, p))); strings.Contains(string(other.raw), "lexa") {
		t.Errorf("another's key shows their address: %s", other.raw)
	}
	if bad := postJSON(t, p, "/api/auth/validate-key", `{"apiKey":"x"}`); bad.status != 401 {
		t.Errorf("bad key: %d", bad.status)
	}
	assertion := fmt.Sprint(postJSON(t, p, "/api/auth/owner-assertion", `{"agentId":"recipe-muse","ttlSeconds":99999}`).body["assertion"])
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(assertion, claims); err != nil || claims["owner_user_id"] != demoUserID ||
		claims["aud"] != "webagents-agent:"+seedID("agent", "recipe-muse") || claims["exp"].(float64)-claims["iat"].(float64) != 300 {
		t.Errorf("assertion: %v, %v", claims, err)
	}
	if session := postJSON(t, p, "/api/auth/cli/token", `{}`); session.body["expires_in"] != 604800.0 || strings.Count(fmt.Sprint(session.body["access_token"]), ".") != 2 {
		t.Errorf("cli: %s", session.raw)
	}
	created := postJSON(t, p, "/api/access-tokens", `{"name":"a","limitPerUse":5,"expiresAt":"2027-01-01T00:00:00Z"}`)
	row, _ := created.body["accessToken"].(map[string]any)
	changed := send(t, p, p.UserKey(), http.MethodPatch, "/api/access-tokens/"+fmt.Sprint(row["id"]), "", `{"name":"b","limitTotal":9}`)
	if !strings.Contains(string(changed.raw), `"name":"b"`) || !strings.Contains(string(changed.raw), `"limitTotal":9`) || !strings.Contains(string(changed.raw), `"limitPerUse":5`) {
		t.Errorf("change: %s", changed.raw)
	}
	if listed := rows(t, get(t, p, "/api/access-tokens"), "accessTokens"); len(listed) != 1 || strings.Contains(fmt.Sprint(listed), fmt.Sprint(created.body["token"])) {
		t.Errorf("list: %v", listed)
	}
	if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/access-tokens/"+fmt.Sprint(row["id"]), "", ""); gone.status != 200 {
		t.Errorf("delete: %s", gone.raw)
	}
	for _, bad := range []string{`{}`, `{"name":"x","limitDaily":-1}`, `{"name":"x","expiresAt":"soon"}`} {
		if got := postJSON(t, p, "/api/access-tokens", bad); got.status != 400 {
			t.Errorf("%s: %d", bad, got.status)
		}
	}
}

func TestRoutesOfOlderClients(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	made := postJSON(t, p, "/api/user/integrations", `{"name":"x","type":"mcp","protocol":"mcp"}`)
	row, _ := made.body["integration"].(map[string]any)
	id := fmt.Sprint(row["id"])
	lexa := seedID("user", "office@lexa.example")
	for _, test := range []struct {
		method, target, body string
		status               int
		says                 string
	}{
		{"GET", "/api/user/integrations", "", 200, id},
		{"GET", "/api/user/integrations/" + id, "", 200, `"type":"mcp"`},
		{"POST", "/api/user/integrations", `{"type":"fax"}`, 400, "type must be"},
		{"DELETE", "/api/user/integrations/" + id, "", 200, "success"},
		{"GET", "/api/user/integrations/" + id, "", 404, "integration not found"},
		{"GET", "/api/content/agent?isOwner=true&scope=all", "", 200, `"content":[{`},
		{"DELETE", "/api/content?fileName=brand-brief.md", "", 200, "success"},
		{"DELETE", "/api/content?fileName=brand-brief.md", "", 404, "file not found"},
		{"POST", "/api/credits/transfer", `{"toUserId":"` + lexa + `","amount":"2.5","reason":"thanks"}`, 200, `"amount":"2.5"`},
		{"POST", "/api/credits/transfer", `{"toUserId":"nobody","amount":"1"}`, 400, "another user"},
		{"POST", "/api/credits/transfer", `{"toUserId":"` + lexa + `","amount":"1000"}`, 402, "available: 84.9215"},
		{"PATCH", "/api/user", `{"name":"Dana D."}`, 200, "Dana D."},
		{"PATCH", "/api/user", `{}`, 400, "name is required"},
		{"POST", "/api/agents/heartbeat", `{"agentId":"recipe-muse","load":"7"}`, 200, "online"},
		{"POST", "/api/agents/heartbeat", `{"agentId":"legal-translator"}`, 404, "agent not found"},
		{"GET", "/api/agents/unreads", "", 200, `"unreads":[]`},
		{"GET", "/api/agents/recipe-muse/status", "", 200, `"visibility":"public"`},
		{"GET", "/api/agents/recipe-muse/username", "", 200, `"username":"recipe-muse"`},
		{"GET", "/api/agents/recipe-muse/payment-tokens?status=active", "", 200, `"tokens":[]`},
		{"GET", "/api/config", "", 200, "robutler-sandbox"},
		{"POST", "/api/auth/agent/register", `{}`, 410, "no longer register"},
		{"POST", "/api/agents/sync", `{"direction":"push"}`, 404, "route not found"},
		{"GET", "/api/api-keys/providers", "", 404, "route not found"},
		{"GET", "/api/api-keys/" + seedID("key", "ci") + "/stats", "", 404, "route not found"},
		{"GET", "/.well-known/ucp", "", 200, "/api/payments/lock"},
	} {
		if got := send(t, p, p.UserKey(), test.method, test.target, "application/json", test.body); got.status != test.status || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s %s: %d %s", test.method, test.target, got.status, got.raw)
		}
	}
	keyID := fmt.Sprint(rows(t, get(t, p, "/api/api-keys"), "keys")[0]["id"])
	if got := get(t, p, "/api/api-keys/"+keyID); got.status != 200 || got.body["key"] == nil {
		t.Errorf("key: %s", got.raw)
	}
	checkLedger(t, p)
}

func TestConversationsAndFunctions(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	kept := postJSON(t, p, "/api/agents/recipe-muse/conversations", `{"sessionId":"s","messages":[{"role":"user","content":"Leeks?"}]}`)
	chat := fmt.Sprint(kept.body["chatId"])
	if more := postJSON(t, p, "/api/agents/recipe-muse/conversations", fmt.Sprintf(`{"sessionId":"s","chatId":%q,"messages":[{"role":"assistant","content":"Soup."}]}`, chat)); more.body["chatId"] != chat {
		t.Errorf("more: %s", more.raw)
	}
	for _, test := range []struct {
		method, target, body string
		status               int
		says                 string
	}{
		{"GET", "/api/agents/recipe-muse/conversations?limit=5", "", 200, `"messageCount":2,"preview":"Soup."`},
		{"GET", "/api/agents/recipe-muse/conversations/" + chat, "", 200, `{"role":"assistant","content":"Soup."}`},
		{"GET", "/api/agents/dana-assistant/conversations/" + chat, "", 404, "conversation not found"},
		{"POST", "/api/agents/recipe-muse/conversations", `{"sessionId":"s"}`, 400, "messages"},
		{"POST", "/api/agents/recipe-muse/functions", `{"name":"soup","manifest":{"runtime":"js"},"source":"x"}`, 200, `"ok":true`},
		{"POST", "/api/agents/recipe-muse/functions", `{"name":"1","manifest":{}}`, 400, "name must"},
		{"GET", "/api/agents/recipe-muse/functions", "", 200, `"declaration":{"runtime":"js"}`},
		{"GET", "/api/agents/recipe-muse/functions/soup/source", "", 200, `"source":"x"`},
		{"GET", "/api/agents/recipe-muse/functions/soup/invocations", "", 200, `"invocations":[]`},
		{"POST", "/api/agents/recipe-muse/functions/soup/validate", `{"manifest":5}`, 200, "manifest must be an object"},
		{"POST", "/api/agents/recipe-muse/functions/soup/invoke", `{}`, 501, "does not run functions"},
		{"GET", "/api/agents/recipe-muse/functions/openapi.json", "", 200, `/functions/soup/invoke":{"post":{"operationId":"soup"`},
		{"DELETE", "/api/agents/recipe-muse/functions/soup", "", 200, `"ok":true`},
		{"GET", "/api/agents/recipe-muse/functions/soup", "", 404, "function not found"},
		{"POST", "/api/agents/publish", `{"name":"newcomer","description":"d","intents":["x"],"visibility":"public"}`, 200, "/agents/newcomer"},
		{"POST", "/api/agents/publish", `{"name":"newcomer","description":"e","visibility":"internal"}`, 200, "/agents/newcomer"},
		{"GET", "/api/agents/newcomer", "", 200, `"description":"e"`},
		{"POST", "/api/agents/publish", `{"name":"legal-translator"}`, 409, "exists"},
		{"POST", "/api/agents/recipe-muse/deregister", "", 200, "success"},
		{"POST", "/api/discovery/announce", `{"url":"u","intents":[]}`, 403, "own key"},
		{"POST", "/api/intents/subscribe", `{"queryText":"soup","threshold":0.1}`, 400, "threshold"},
	} {
		if got := send(t, p, p.UserKey(), test.method, test.target, "application/json", test.body); got.status != test.status || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s %s: %d %s", test.method, test.target, got.status, got.raw)
		}
	}
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	if got := sendAs(t, p, key, "POST", "/api/discovery/announce", `{"url":"https://muse.example","intents":[{"intent":"stew","description":"d"}]}`); got.body["announced"] != 1.0 {
		t.Errorf("announce: %s", got.raw)
	}
	if now := rows(t, get(t, p, "/api/agents/recipe-muse/intents"), "intents"); len(now) != 1 || now[0]["intent"] != "stew" {
		t.Errorf("announced: %v", now)
	}
	id := fmt.Sprint(postJSON(t, p, "/api/intents/subscribe", `{"queryText":"soup","threshold":0.8}`).body["id"])
	if listed := rows(t, get(t, p, "/api/intents/subscribe"), "subscriptions"); len(listed) != 1 || listed[0]["id"] != id {
		t.Errorf("subscriptions: %v", listed)
	}
	for _, status := range []int{200, 404} {
		if got := send(t, p, p.UserKey(), http.MethodDelete, "/api/intents/subscribe?id="+id, "", ""); got.status != status {
			t.Errorf("unsubscribe: %d", got.status)
		}
	}
}

func TestAnAgentHasSoManyFunctions(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	declare := func(name string) int {
		return postJSON(t, p, "/api/agents/recipe-muse/functions", fmt.Sprintf(`{"name":%q,"manifest":{}}`, name)).status
	}
	for i := range maxFunctions {
		if status := declare(fmt.Sprintf("f%d", i)); status != 200 {
			t.Fatalf("function %d: %d", i, status)
		}
	}
	if more, again := declare("g"), declare("f0"); more != 400 || again != 200 {
		t.Errorf("one too many: %d, the first again: %d", more, again)
	}
}
