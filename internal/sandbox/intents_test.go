package sandbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

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

func TestIntentsAreUpdated(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	made := postJSON(t, p, "/api/intents/create", `{"intents":["bake a cake","roast nuts"],"agentId":"recipe-muse","description":"d"}`)
	id := member(made.body, "results.0.intent_id")
	key := fmt.Sprint(get(t, p, "/api/agents/dana-assistant/api-key").body["apiKey"])
	for _, test := range []struct {
		key, body string
		status    int
	}{
		{p.UserKey(), `{"intent_id":"none","intent":"x"}`, 404},
		{otherUser(t, p), fmt.Sprintf(`{"intent_id":%q,"intent":"x"}`, id), 404},
		{key, fmt.Sprintf(`{"intent_id":%q,"intent":"x"}`, id), 404},
		{p.UserKey(), fmt.Sprintf(`{"intent_id":%q,"intent":"roast nuts"}`, id), 409},
		{p.UserKey(), fmt.Sprintf(`{"intent_id":%q,"intent":%q}`, id, strings.Repeat("x", maxIntent+1)), 400},
		{p.UserKey(), fmt.Sprintf(`{"intent_id":%q,"url":"https://muse.example"}`, id), 200},
		{p.UserKey(), fmt.Sprintf(`{"intent_id":%q,"intent":"frost a cake"}`, id), 200},
	} {
		if got := sendAs(t, p, test.key, "POST", "/api/intents/update", test.body); got.status != test.status {
			t.Errorf("%s: %d %s", test.body, got.status, got.raw)
		}
	}
	listed := string(get(t, p, "/api/agents/recipe-muse/intents").raw)
	if !strings.Contains(listed, "frost a cake") || strings.Contains(listed, "bake a cake") || !strings.Contains(listed, "https://muse.example") {
		t.Errorf("listed: %s", listed)
	}
	if found := rows(t, postJSON(t, p, "/api/agents/search", `{"query":"frost cake","mode":"keyword"}`), "agents"); len(found) != 1 {
		t.Errorf("found: %v", found)
	}
	// Another agent of the owner's has no say.
	if gone := sendAs(t, p, key, "POST", "/api/intents/delete", fmt.Sprintf(`{"intent_id":%q}`, id)); gone.status != 404 {
		t.Errorf("delete: %d", gone.status)
	}
	if mine := sendAs(t, p, key, "POST", "/api/intents/list", `{}`); strings.Contains(string(mine.raw), "frost a cake") {
		t.Errorf("another agent lists %s", mine.raw)
	}
}

func TestSubscriptionsEnd(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{Now: func() time.Time { return now }})
	first := postJSON(t, p, "/api/discovery/subscribe", `{"queryText":"soup"}`)
	now = now.Add(29 * 24 * time.Hour)
	postJSON(t, p, "/api/intents/subscribe", `{"queryText":"stew"}`)
	if listed := rows(t, get(t, p, "/api/discovery/subscribe"), "subscriptions"); len(listed) != 2 || listed[0]["id"] != first.body["id"] {
		t.Errorf("subscriptions: %v", listed)
	}
	now = now.Add(24 * time.Hour)
	if listed := rows(t, get(t, p, "/api/intents/subscribe"), "subscriptions"); len(listed) != 1 || listed[0]["queryText"] != "stew" {
		t.Errorf("after 30 days: %v", listed)
	}
	if _, err := p.database.ExecContext(context.Background(), `INSERT INTO subscriptions (id, user_id, query, threshold, callback_url, created_at)
		WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		SELECT i, ?, 'x', 0.7, '', ? FROM n`, maxSubscriptions, demoUserID, now.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{200, 400} {
		if got := postJSON(t, p, "/api/intents/subscribe", `{"queryText":"x"}`); got.status != status {
			t.Errorf("at the bound: %d %s", got.status, got.raw)
		}
	}
}
