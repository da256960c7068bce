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

func TestIntentsInEveryGeneration(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for target, body := range map[string]string{
		"/api/intents/publish": `{"intents":[{"intent":"cook soup","agent_id":"recipe-muse","description":"d","url":"u"}]}`,
		"/api/intents/create":  `{"intents":["bake a cake",{"intent":"roast nuts"}],"agentId":"recipe-muse","description":"d"}`,
	} {
		if got := postJSON(t, p, target, body); got.status != 200 || len(rows(t, got, "results")) == 0 {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
	older := postJSON(t, p, "/api/intents/create", `{"intent":"mix a salad","agent_id":"recipe-muse","user_id":"x","ttl_days":30}`)
	data, ok := older.body["data"].(map[string]any)
	if !ok || data["intent_id"] == nil {
		t.Fatalf("older: %s", older.raw)
	}
	if listed := rows(t, get(t, p, "/api/agents/recipe-muse/intents"), "intents"); len(listed) != 6 {
		t.Errorf("listed: %v", listed)
	}
	mine := postJSON(t, p, "/api/intents/list", `{"agent_id":"recipe-muse"}`)
	if !strings.Contains(string(mine.raw), "mix a salad") || strings.Contains(string(mine.raw), "schedule an appointment") {
		t.Errorf("mine: %s", mine.raw)
	}
	own := postJSON(t, p, "/api/intents/search", `{"query":"bake a cake","limit":5,"includeSelf":true}`)
	if found := rows(t, own, "results"); len(found) == 0 || found[0]["intent"] != "bake a cake" || found[0]["similarity"] == nil || found[0]["agentUrl"] == "" {
		t.Errorf("own: %s", own.raw)
	}
	others := rows(t, postJSON(t, p, "/api/intents/search", `{"intent":"translate a contract","top_k":3}`), "results")
	if len(others) == 0 || others[0]["name"] != "legal-translator" || others[0]["score"] == nil {
		t.Errorf("others: %v", others)
	}
	if gone := postJSON(t, p, "/api/intents/delete", fmt.Sprintf(`{"intent_id":%q}`, data["intent_id"])); gone.status != 200 {
		t.Errorf("delete: %s", gone.raw)
	}
	if again := postJSON(t, p, "/api/intents/delete", fmt.Sprintf(`{"intent_id":%q}`, data["intent_id"])); again.status != 404 {
		t.Errorf("delete again: %d", again.status)
	}
	if health := get(t, p, "/api/intents/health"); health.body["ready"] != true {
		t.Errorf("health: %s", health.raw)
	}
}

func TestAgentFilesAreReadAndUnlinked(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	id := fmt.Sprint(uploadFile(t, p, key, "/api/content/upload", "soup.txt", "hot", nil).body["id"])
	binary := fmt.Sprint(uploadFile(t, p, key, "/api/content/upload", "soup.bin", "\xff\x00", nil).body["id"])
	for target, want := range map[string]string{
		"/api/agents/recipe-muse/content/" + id:                    `"text":"hot"`,
		"/api/agents/recipe-muse/content/" + id + "?format=base64": `"base64":"aG90"`,
		"/api/agents/recipe-muse/content/" + binary:                `"base64":"/wA="`,
		"/api/agents/recipe-muse/content?q=soup.t":                 `"displayName":"soup.txt"`,
	} {
		if got := get(t, p, target); got.status != 200 || !strings.Contains(string(got.raw), want) {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
	for target, status := range map[string]int{
		"/api/agents/recipe-muse/content/" + binary + "?format=text": 400, "/api/agents/recipe-muse/content/" + id + "?format=x": 400,
		"/api/agents/dana-assistant/content/" + id: 404,
	} {
		if got := get(t, p, target); got.status != status {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/agents/recipe-muse/content/"+id, "", ""); gone.status != 200 {
		t.Errorf("unlink: %s", gone.raw)
	}
	if still := get(t, p, "/api/content/"+id); string(still.raw) != "hot" {
		t.Errorf("the owner's library lost it: %s", still.raw)
	}
}
