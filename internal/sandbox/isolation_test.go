package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestOnlyOwnersManage walks the routes that change or reveal something with another user's key.
func TestOnlyOwnersManage(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	other := otherUser(t, p)
	id, token := mintToken(t, p, "1", "")
	access := postJSON(t, p, "/api/access-tokens", `{"name":"x"}`)
	accessToken, ok := access.body["accessToken"].(map[string]any)
	if !ok || access.body["token"] == nil || accessToken["limitDaily"] != 5e8 {
		t.Fatalf("access token: %s", access.raw)
	}
	accessID := fmt.Sprint(accessToken["id"])
	for _, test := range []struct {
		method, target, body string
		status               int
	}{
		{"PATCH", "/api/agents/recipe-muse", `{"description":"x"}`, 403},
		{"PUT", "/api/agents/recipe-muse", `{"description":"x"}`, 403},
		{"DELETE", "/api/agents/recipe-muse", "", 403},
		{"GET", "/api/agents/recipe-muse/api-key", "", 403},
		{"POST", "/api/agents/recipe-muse/api-key", "", 403},
		{"GET", "/api/agents/recipe-muse/content", "", 403},
		{"DELETE", "/api/agents/dana-assistant", "", 404},
		{"POST", "/api/agents/dana-assistant/chat/completions", `{"messages":[{"role":"user","content":"x"}]}`, 404},
		{"POST", "/api/intents/publish", `{"intents":[{"intent":"x","agent_id":"recipe-muse"}]}`, 400},
		{"POST", "/api/auth/owner-assertion", `{"agentId":"recipe-muse"}`, 404},
		{"GET", "/api/payments/tokens/" + id, "", 404},
		{"GET", "/api/payments/tokens/" + id + "/tree", "", 404},
		{"POST", "/api/payments/tokens/" + id + "/topup", `{"amount":1}`, 404},
		{"POST", "/api/user/tokens/cancel", `{"tokenId":"` + id + `"}`, 404},
		{"GET", "/api/access-tokens/" + accessID, "", 404},
		{"PATCH", "/api/access-tokens/" + accessID, `{"name":"y"}`, 404},
		{"DELETE", "/api/access-tokens/" + accessID, "", 404},
	} {
		if got := sendAs(t, p, other, test.method, test.target, test.body); got.status != test.status || strings.Contains(string(got.raw), token) {
			t.Errorf("%s %s: %d %s", test.method, test.target, got.status, got.raw)
		}
	}
	for _, target := range []string{"/api/payments/tokens", "/api/access-tokens"} {
		if got := sendAs(t, p, other, "GET", target, ""); strings.Contains(string(got.raw), id) || strings.Contains(string(got.raw), accessID) {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
	// An agent's own key manages that agent alone.
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	if got := sendAs(t, p, key, "PATCH", "/api/agents/dana-assistant", `{"description":"x"}`); got.status != 404 {
		t.Errorf("another agent of the owner: %d", got.status)
	}
	if got := sendAs(t, p, key, "PATCH", "/api/agents/recipe-muse", `{"description":"new words"}`); got.status != 200 || !strings.Contains(string(got.raw), "new words") {
		t.Errorf("itself: %d %s", got.status, got.raw)
	}
}

// TestNoRouteMixesUsers sends another user's key to every route, with the demo user's ids in every place that takes
// one, and looks for anything of the demo user's in the answers.
func TestNoRouteMixesUsers(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	tokenID, _ := mintToken(t, p, "1", "")
	keyID := fmt.Sprint(rows(t, get(t, p, "/api/api-keys"), "keys")[0]["id"])
	integrationID := member(postJSON(t, p, "/api/agents/dana-assistant/integrations", `{"name":"calendar"}`).body, "integration.id")
	chatID := fmt.Sprint(postJSON(t, p, "/api/agents/dana-assistant/conversations", `{"sessionId":"s","messages":[{"role":"user","content":"x"}]}`).body["chatId"])
	revisionID := fmt.Sprint(rows(t, get(t, p, "/api/agents/dana-assistant/revisions"), "revisions")[0]["id"])
	overrideID := member(postJSON(t, p, "/api/spending-overrides", `{"agentId":"dana-assistant"}`).body, "override.id")
	if made := postJSON(t, p, "/api/agents/dana-assistant/functions", `{"name":"diary","manifest":{}}`); made.status != 200 {
		t.Fatal(string(made.raw))
	}
	ids := strings.NewReplacer(
		"{agent}", "dana-assistant", "{kind}", "users", "{key}", keyID, "{content}", seedID("file", "meeting-notes.md"), "{token}", tokenID,
		"{lock}", tokenID, "{integration}", integrationID, "{chat}", chatID, "{function}", "diary", "{revision}", revisionID, "{override}", overrideID,
	)
	other := otherUser(t, p)
	private := []string{"dana", "Dana", "87.4215", "86.4215", "meeting-notes", "recipe agent in spring", keyID, tokenID, integrationID, chatID, revisionID, overrideID}
	for pattern := range p.table() {
		method, path, _ := strings.Cut(pattern, " ")
		for _, body := range []string{"", `{"agentId":"dana-assistant","tokenId":"` + tokenID + `","agent_id":"dana-assistant","query":"diary of appointments","includeSelf":true}`} {
			if method == "GET" {
				path = strings.Split(path, "?")[0]
			}
			got := sendAs(t, p, other, method, ids.Replace(path)+"?query=diary&search=diary&capabilities=calendar&fileName=meeting-notes.md", body)
			if got.status >= 500 {
				t.Errorf("%s: %d %s", pattern, got.status, got.raw)
			}
			for _, secret := range private {
				if strings.Contains(string(got.raw), secret) {
					t.Errorf("%s shows %q: %s", pattern, secret, got.raw)
				}
			}
		}
	}
	if listed := rows(t, get(t, p, "/api/spending-overrides"), "overrides"); len(listed) != 1 {
		t.Errorf("the demo user has the overrides %v", listed)
	}
	for _, kept := range []struct{ target, name string }{
		{"conversations", "conversations"}, {"functions", "functions"}, {"integrations", "integrations"}, {"revisions", "revisions"},
	} {
		if listed := rows(t, get(t, p, "/api/agents/dana-assistant/"+kept.target), kept.name); len(listed) != 1 {
			t.Errorf("the demo user has the %s %v", kept.name, listed)
		}
	}
	if left := creditsOfUser(t, p, p.UserKey()); left != "86.4215" || get(t, p, "/api/agents/dana-assistant").status != 200 {
		t.Errorf("the demo user has %s", left)
	}
	checkLedger(t, p)
}

// TestAnAgentsKeyIsNotItsOwners asks with an agent's own key for what is the owner's alone.
func TestAnAgentsKeyIsNotItsOwners(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	for _, test := range []struct {
		method, target, body string
		status               int
	}{
		{"GET", "/api/agents/dana-assistant", "", 404},
		{"GET", "/api/api-keys", "", 403},
		{"POST", "/api/api-keys", `{"name":"x"}`, 403},
		{"POST", "/api/agents", `{"name":"x","instructions":"y"}`, 403},
		{"PUT", "/api/agents/recipe-muse/username", `{"username":"x"}`, 403},
		{"POST", "/api/user/tokens", `{"amount":"1"}`, 403},
		{"POST", "/api/credits/transfer", `{"amount":"1"}`, 403},
		{"POST", "/api/access-tokens", `{"name":"x"}`, 403},
		{"GET", "/api/payments/tokens", "", 403},
	} {
		if got := sendAs(t, p, key, test.method, test.target, test.body); got.status != test.status {
			t.Errorf("%s %s: %d %s", test.method, test.target, got.status, got.raw)
		}
	}
	listed := rows(t, sendAs(t, p, key, "GET", "/api/agents", ""), "agents")
	if len(listed) != 1 || listed[0]["name"] != "recipe-muse" || listed[0]["instructions"] == nil {
		t.Errorf("agents: %v", listed)
	}
}

// TestUsersNeverSeeEachOther walks the routes with another user's key.
func TestUsersNeverSeeEachOther(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	other := otherUser(t, p)
	private := uploadFile(t, p, p.UserKey(), "/api/content", "secret.txt", "top secret", nil)
	id := fmt.Sprint(private.body["id"])
	for _, target := range []string{
		"/api/agents/dana-assistant", "/api/agents/by-name/dana-assistant", "/api/agents/" + seedID("agent", "dana-assistant"), "/api/content/" + id,
		"/api/content/public/" + id + "/secret.txt",
	} {
		if got := send(t, p, other, http.MethodGet, target, "", ""); got.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", target, got.status, got.raw)
		}
	}
	if got := send(t, p, other, http.MethodDelete, "/api/content/"+id, "", ""); got.status != http.StatusNotFound {
		t.Errorf("delete: %d", got.status)
	}
	for _, target := range []string{
		"/api/agents", "/api/content", "/api/content/agent-access", "/api/user", "/api/user/credits", "/api/balance", "/api/user/transactions",
		"/api/api-keys", "/api/agents/search?query=diary", "/api/agents/legal-translator",
	} {
		got := send(t, p, other, http.MethodGet, target, "", "")
		if got.status != 200 {
			t.Errorf("%s: %d", target, got.status)
		}
		for _, secret := range []string{"dana", "Dana", "secret.txt", "87.4215", "Top-up"} {
			if strings.Contains(string(got.raw), secret) {
				t.Errorf("%s shows %q: %s", target, secret, got.raw)
			}
		}
	}
	// A public agent's instructions are its owner's alone.
	if mine := get(t, p, "/api/agents/legal-translator"); strings.Contains(string(mine.raw), "instructions") {
		t.Errorf("instructions are shown: %s", mine.raw)
	}
}
