package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestAgentsChange(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	patch := func(body string) answer {
		return send(t, p, p.UserKey(), http.MethodPatch, "/api/agents/recipe-muse", "application/json", body)
	}
	if got := patch(`{"intents":["bake bread"],"isPublic":false}`); got.status != 200 || !strings.Contains(string(got.raw), "bake bread") || !strings.Contains(string(got.raw), `"isPublic":false`) {
		t.Errorf("change: %s", got.raw)
	}
	if found := rows(t, postJSON(t, p, "/api/agents/search", `{"query":"bake bread"}`), "agents"); len(found) == 0 || found[0]["name"] != "recipe-muse" {
		t.Errorf("the search does not know of the change: %v", found)
	}
	for body, status := range map[string]int{`{"name":"legal-translator"}`: 409, `{"name":"Bad Name"}`: 400, `{"skills":5}`: 400, `{"instructions":""}`: 400} {
		if got := patch(body); got.status != status {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
	before := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	after := fmt.Sprint(postJSON(t, p, "/api/agents/recipe-muse/api-key", "").body["rawKey"])
	if before == after || sendAs(t, p, before, "GET", "/api/user", "").status != 401 || sendAs(t, p, after, "GET", "/api/user", "").status != 200 {
		t.Error("the old key works on, or the new one does not")
	}
	if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/agents/recipe-muse", "", ""); gone.status != 200 {
		t.Errorf("delete: %s", gone.raw)
	}
	if sendAs(t, p, after, "GET", "/api/user", "").status != 401 || get(t, p, "/api/agents/recipe-muse").status != 404 {
		t.Error("the agent or its key lives on")
	}
}

func TestCreatedAgentHasBothForms(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	got := postJSON(t, p, "/api/agents", `{"name":"helper","instructions":"Help.","intents":["help people"],"canTalkToOtherAgents":true,"skills":{"a":{}}}`)
	created, ok := got.body["agent"].(map[string]any)
	if got.status != 200 || !ok || !strings.HasPrefix(fmt.Sprint(got.body["rawApiKey"]), "rok_") {
		t.Fatalf("create: %d %s", got.status, got.raw)
	}
	for name, want := range map[string]any{
		"name": "helper", "username": "helper", "model": "gpt-4o-mini", "isPublic": false, "canTalkToOtherAgents": true,
		"instructions": "Help.", "creditsPerToken": nil,
	} {
		if created[name] != want {
			t.Errorf("%s = %v, want %v", name, created[name], want)
		}
	}
	id := fmt.Sprint(created["id"])
	for _, target := range []string{"/api/agents/" + id, "/api/agents/" + strings.ToUpper(id), "/api/agents/helper", "/api/agents/by-name/helper"} {
		if got := get(t, p, target); got.status != 200 || strings.Contains(string(got.raw), "rok_") {
			t.Errorf("%s: %d %s", target, got.status, got.raw)
		}
	}
	if again := postJSON(t, p, "/api/agents", `{"name":"helper","instructions":"x"}`); again.status != http.StatusConflict {
		t.Errorf("taken name: %d", again.status)
	}
	// The agent's own key acts for the owner, as that agent.
	if own := send(t, p, fmt.Sprint(got.body["rawApiKey"]), http.MethodGet, "/api/user", "", ""); own.status != 200 {
		t.Errorf("agent's key: %d", own.status)
	}
	if forbidden := send(t, p, fmt.Sprint(got.body["rawApiKey"]), http.MethodPost, "/api/api-keys", "", `{"name":"x"}`); forbidden.status != 403 {
		t.Errorf("agent's key makes keys: %d", forbidden.status)
	}
}

func TestListsPage(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for i := range 7 {
		if got := postJSON(t, p, "/api/agents", fmt.Sprintf(`{"name":"page-%d","instructions":"x"}`, i)); got.status != 200 {
			t.Fatal(string(got.raw))
		}
	}
	for _, list := range []struct{ target, name string }{
		{"/api/agents", "agents"}, {"/api/content", "files"}, {"/api/balance/transactions", "transactions"},
	} {
		whole := rows(t, get(t, p, list.target), list.name)
		var paged []map[string]any
		for offset := 0; ; offset += 3 {
			page := rows(t, get(t, p, fmt.Sprintf("%s?limit=3&offset=%d", list.target, offset)), list.name)
			paged = append(paged, page...)
			if len(page) < 3 {
				break
			}
		}
		if len(whole) < 4 || len(paged) != len(whole) {
			t.Errorf("%s: %d in pages, %d whole", list.target, len(paged), len(whole))
		}
		for i := range paged {
			if paged[i]["id"] != whole[i]["id"] {
				t.Errorf("%s: row %d differs", list.target, i)
			}
		}
	}
}

func TestAgentsKeepWhatClientsOf2026Set(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	made := postJSON(t, p, "/api/agents", `{"name":"helper","instructions":"x","isPublic":true,"acceptFrom":["family","@a*"],
		"talkTo":{"allow":["everyone"],"deny":["#spam"]},"enabledTools":{"mcp":["read"]},"namespaced":true}`)
	const rules = `"acceptFrom":["family","@a*"]`
	if made.status != 200 || !strings.Contains(string(made.raw), rules) {
		t.Fatalf("create: %s", made.raw)
	}
	for body, status := range map[string]int{`{"acceptFrom":"everyone"}`: 400, `{"talkTo":5}`: 400, `{"enabledTools":[]}`: 400, `{"skills":{"a":{}},"talkTo":null}`: 200} {
		if got := sendAs(t, p, p.UserKey(), "PATCH", "/api/agents/helper", body); got.status != status {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
	got := get(t, p, "/api/agents/helper")
	if want := `"config":{` + rules + `,"enabledTools":{"mcp":["read"]},"skills":{"a":{}},"talkTo":null}`; !strings.Contains(string(got.raw), want) {
		t.Errorf("%s is not in %s", want, got.raw)
	}
	if other := sendAs(t, p, otherUser(t, p), "GET", "/api/agents/helper", ""); other.status != 200 || strings.Contains(string(other.raw), "family") {
		t.Errorf("another sees %s", other.raw)
	}
}
