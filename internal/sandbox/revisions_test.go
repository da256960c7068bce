package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

func TestAgentsKeepTheirHistory(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	const target = "/api/agents/recipe-muse"
	first := rows(t, get(t, p, target+"/revisions"), "revisions")
	if len(first) != 1 || first[0]["number"] != 1.0 || first[0]["isActive"] != true || member(first[0], "configuration.model") == "" {
		t.Fatalf("a seeded agent's history: %v", first)
	}
	original := get(t, p, target).body
	for _, body := range []string{`{"description":"Roasts.","skills":{"grill":{}},"talkTo":["@*"],"intents":["roast nuts"]}`, `{"name":"grill-muse"}`} {
		if got := sendAs(t, p, p.UserKey(), "PATCH", target, body); got.status != 200 {
			t.Fatalf("%s: %s", body, got.raw)
		}
	}
	renamed := "/api/agents/grill-muse"
	restored := postJSON(t, p, renamed+"/revisions/"+fmt.Sprint(first[0]["id"])+"/activate", "")
	if restored.status != 200 || member(restored.body, "revision.restoredFrom") != first[0]["id"] || member(restored.body, "revision.number") != "3" {
		t.Fatalf("activate: %d %s", restored.status, restored.raw)
	}
	for _, part := range []string{"instructions", "description", "model", "intents", "capabilities", "skills", "talkTo", "isPublic", "suggestedActions", "greetingMessage"} {
		if was, is := member(original, "agent."+part), member(restored.body, "agent."+part); was != is {
			t.Errorf("%s is %q, and was %q", part, is, was)
		}
	}
	if member(restored.body, "agent.name") != "grill-muse" {
		t.Error("an older revision renames the agent")
	}
	if found := rows(t, postJSON(t, p, "/api/agents/search", `{"query":"roast nuts","mode":"keyword"}`), "agents"); len(found) != 0 {
		t.Errorf("the search finds what is undone: %v", found)
	}
	whole := get(t, p, renamed+"/revisions")
	var paged []map[string]any
	for offset := range 3 {
		paged = append(paged, rows(t, get(t, p, fmt.Sprintf("%s/revisions?limit=1&offset=%d", renamed, offset)), "revisions")...)
	}
	if listed := rows(t, whole, "revisions"); whole.body["total"] != 3.0 || fmt.Sprint(listed) != fmt.Sprint(paged) ||
		strings.Count(string(whole.raw), `"isActive":true`) != 1 || listed[0]["isActive"] != true {
		t.Errorf("history: %s", whole.raw)
	}
	for path, status := range map[string]int{"/revisions?limit=101": 400, "/revisions?limit=0": 400, "/revisions?offset=-1": 400} {
		if got := get(t, p, renamed+path); got.status != status {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	// A revision belongs to one agent, and its owner alone sees it.
	for agent, status := range map[string]int{"dana-assistant": 404, "legal-translator": 403} {
		if got := postJSON(t, p, "/api/agents/"+agent+"/revisions/"+fmt.Sprint(first[0]["id"])+"/activate", ""); got.status != status {
			t.Errorf("%s: %d %s", agent, got.status, got.raw)
		}
	}
}

func TestEveryWayToSetAnAgentIsInItsHistory(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for i, step := range []struct{ method, target, body string }{
		{"POST", "/api/agents", `{"name":"helper","instructions":"Help."}`},
		{"PUT", "/api/agents/helper", `{"greetingMessage":"Hello"}`},
		{"POST", "/api/agents/publish", `{"name":"helper","description":"Helps.","visibility":"public"}`},
	} {
		if got := sendAs(t, p, p.UserKey(), step.method, step.target, step.body); got.status != 200 {
			t.Fatalf("%s: %s", step.target, got.raw)
		}
		if history := rows(t, get(t, p, "/api/agents/helper/revisions"), "revisions"); len(history) != i+1 {
			t.Errorf("%s: %d revisions", step.target, len(history))
		}
	}
	for _, refused := range []string{`{"model":5}`, `{"instructions":""}`, `{"name":"legal-translator"}`} {
		sendAs(t, p, p.UserKey(), "PATCH", "/api/agents/helper", refused)
	}
	history := rows(t, get(t, p, "/api/agents/helper/revisions"), "revisions")
	if len(history) != 3 || member(history[0], "configuration.description") != "Helps." || member(history[0], "configuration.greetingMessage") != "Hello" {
		t.Errorf("history: %v", history)
	}
	if gone := sendAs(t, p, p.UserKey(), "DELETE", "/api/agents/helper", ""); gone.status != 200 {
		t.Errorf("delete: %s", gone.raw)
	}
}

func TestAUsernameIsChanged(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	id := member(get(t, p, "/api/agents/recipe-muse").body, "agent.id")
	for _, test := range []struct {
		method, target, body string
		status               int
		says                 string
	}{
		{"PUT", "/api/agents/recipe-muse/username", `{"username":"legal-translator"}`, 409, "exists"},
		{"PUT", "/api/agents/recipe-muse/username", `{"username":"search"}`, 400, "username is reserved"},
		{"PUT", "/api/agents/recipe-muse/username", `{"username":"Soup Chef"}`, 400, "username must have"},
		{"PUT", "/api/agents/recipe-muse/username", `{}`, 400, "username must have"},
		{"PUT", "/api/agents/legal-translator/username", `{"username":"mine"}`, 403, "owner"},
		{"PUT", "/api/agents/recipe-muse/username", `{"username":"soup-chef"}`, 200, `"username":"soup-chef"`},
		{"PUT", "/api/agents/soup-chef/username", `{"username":"soup-chef"}`, 200, `"username":"soup-chef"`},
		{"GET", "/api/agents/soup-chef", "", 200, id},
		{"GET", "/api/agents/recipe-muse", "", 404, "agent not found"},
		{"POST", "/api/agents", `{"name":"recipe-muse","instructions":"x"}`, 200, "recipe-muse"},
	} {
		if got := sendAs(t, p, p.UserKey(), test.method, test.target, test.body); got.status != test.status || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s %s %s: %d %s", test.method, test.target, test.body, got.status, got.raw)
		}
	}
}

// TestOlderAgentsGetAHistory opens a database of the version before histories were kept.
func TestOlderAgentsGetAHistory(t *testing.T) {
	t.Parallel()
	path := database(t)
	p := open(t, Options{Database: path})
	before := rows(t, get(t, p, "/api/agents/recipe-muse/revisions"), "revisions")
	deep := `{"name":"deep","instructions":"x","skills":` + strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 2000) + "}"
	if made := postJSON(t, p, "/api/agents", deep); made.status != 200 {
		t.Fatalf("%d %.200s", made.status, made.raw)
	}
	err := p.inTransaction(context.Background(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(context.Background(), `DROP TABLE agent_revisions; DROP TABLE spending_overrides; DROP TABLE agent_spending; DROP INDEX integrations_by_owner; DROP INDEX idempotency_by_age;
			ALTER TABLE entries DROP COLUMN agent_id; ALTER TABLE entries DROP COLUMN agent_name;
			ALTER TABLE integrations DROP COLUMN agent_id; ALTER TABLE agents DROP COLUMN accept_from;
			ALTER TABLE agents DROP COLUMN talk_to; ALTER TABLE agents DROP COLUMN enabled_tools; DROP INDEX agents_hidden; PRAGMA user_version = 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p = open(t, Options{Database: path})
	after := rows(t, get(t, p, "/api/agents/recipe-muse/revisions"), "revisions")
	if len(after) != 1 || fmt.Sprint(after[0]["configuration"]) != fmt.Sprint(before[0]["configuration"]) || len(fmt.Sprint(after[0]["id"])) != 36 {
		t.Errorf("%v\n%v", after, before)
	}
	if history := rows(t, get(t, p, "/api/agents/deep/revisions"), "revisions"); len(history) != 1 || get(t, p, "/api/agents/deep").status != 200 {
		t.Errorf("an agent with deep skills: %v", history)
	}
}
