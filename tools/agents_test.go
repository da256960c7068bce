package tools_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

func TestUpdateChangesOnlyWhatIsGiven(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	before := mustCall(t, s, "get_agent", `{"agent":"recipe-muse"}`)["agent"].(map[string]any)
	after := mustCall(t, s, "update_agent", `{"agent":"recipe-muse","name":"recipe-muse-2","is_public":"false","intents":[],"greeting_message":""}`)["agent"].(map[string]any)
	if after["id"] != before["id"] || after["name"] != "recipe-muse-2" || after["is_public"] != false || after["intents"] != nil || after["greeting_message"] != nil {
		t.Errorf("after = %v", after)
	}
	for _, kept := range []string{"description", "instructions", "model", "capabilities", "can_talk_to_other_agents"} {
		if encode(t, after[kept]) != encode(t, before[kept]) {
			t.Errorf("%s: %v, was %v", kept, after[kept], before[kept])
		}
	}
	_, err := s.call(t, "update_agent", `{"agent":"recipe-muse-2"}`)
	if told := tools.Explain(err); told.Code != tools.CodeInvalidArgument || !strings.Contains(told.Message, "nothing to change") {
		t.Errorf("an empty update: %+v", told)
	}
	_, err = s.call(t, "update_agent", `{"agent":"dana-assistant","name":"recipe-muse-2"}`)
	if told := tools.Explain(err); told.Code != tools.CodeConflict {
		t.Errorf("a taken name: %+v", told)
	}
}

// TestDeletedAgentIsGone also shows that agents of others cannot be deleted.
func TestDeletedAgentIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	gone := mustCall(t, s, "delete_agent", `{"agent":"dana-assistant"}`)
	if gone["deleted"] != true || gone["name"] != "dana-assistant" || gone["id"] == "" {
		t.Errorf("gone = %v", gone)
	}
	if _, err := s.call(t, "get_agent", encode(t, map[string]any{"agent": gone["id"]})); tools.Explain(err).Code != tools.CodeNotFound {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := s.call(t, "delete_agent", `{"agent":"legal-translator"}`); err == nil {
		t.Error("an agent of somebody else was deleted")
	}
	mustCall(t, s, "get_agent", `{"agent":"legal-translator"}`)
}

// TestMissingAgentIsGuessed holds every tool about an agent to naming the one that was probably meant.
func TestMissingAgentIsGuessed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, arguments := range map[string]string{
		"get_agent": `{"agent":"recipe-mouse"}`, "update_agent": `{"agent":"recipe-mouse","model":"gpt-4o"}`,
		"delete_agent": `{"agent":"recipe-mouse"}`, "chat_with_agent": `{"agent":"recipe-mouse","message":"Hello"}`,
		"list_agent_intents": `{"agent":"recipe-mouse"}`, "find_similar_agents": `{"agent":"recipe-mouse"}`,
		"list_content": `{"agent":"recipe-mouse"}`, "publish_intents": `{"agent":"recipe-mouse","intents":["cook"]}`,
		"get_agent_api_key": `{"agent":"recipe-mouse"}`, "regenerate_agent_api_key": `{"agent":"recipe-mouse"}`,
		"delegate_payment_token": `{"token":"e687a3cb-07e6-5515-921a-7a341ea8858e","recipient":"recipe-mouse","amount_usd":1}`,
	} {
		_, err := s.call(t, name, arguments)
		told := tools.Explain(err)
		if told.Code != tools.CodeNotFound || len(told.ValidValues) == 0 || told.ValidValues[0] != "recipe-muse" ||
			!strings.Contains(told.Message, "did you mean recipe-muse") || told.Retryable {
			t.Errorf("%s: %+v", name, told)
		}
	}
	_, err := s.call(t, "get_agent", `{"agent":"xylophone-quartz-9"}`)
	if told := tools.Explain(err); told.Code != tools.CodeNotFound || len(told.ValidValues) > 0 {
		t.Errorf("nothing is near: %+v", told)
	}
}

func TestRankedListsPage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, query := range map[string]map[string]any{
		"search_agents":       {"query": "translate documents, draw charts, plan travel", "min_similarity": 0},
		"discover_agents":     {"capabilities": []string{"translation", "design", "travel", "cooking"}},
		"find_similar_agents": {"agent": "legal-translator"},
		"search_intents":      {"query": "translate a document"},
	} {
		rows := map[bool]string{true: "intents", false: "agents"}[name == "search_intents"]
		query["limit"] = 100
		whole := mustCall(t, s, name, encode(t, query))
		if whole["complete"] != true {
			t.Errorf("%s: %v", name, whole)
		}
		query["limit"] = 1
		var walked []any
		for {
			page := mustCall(t, s, name, encode(t, query))
			walked = append(walked, page[rows].([]any)...)
			next, more := page["next_cursor"]
			if query["cursor"] = next; !more {
				break
			}
			if len(walked) > 100 {
				t.Fatalf("%s does not end", name)
			}
		}
		if len(walked) < 2 || encode(t, walked) != encode(t, whole[rows]) {
			t.Errorf("%s: %d rows in pages, not the %d in one", name, len(walked), len(whole[rows].([]any)))
		}
	}
	first := mustCall(t, s, "search_agents", `{"query":"translate a contract","min_similarity":0,"limit":1}`)
	_, err := s.call(t, "search_agents", encode(t, map[string]any{"query": "draw a chart", "cursor": first["next_cursor"]}))
	if told := tools.Explain(err); told.Code != tools.CodeInvalidArgument {
		t.Errorf("the cursor of another search: %+v", told)
	}
}

func TestDetail(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for detail, shown := range map[string]bool{"": false, "concise": false, "full": true} {
		listed := mustCall(t, s, "list_agents", encode(t, map[string]any{"detail": detail}))["agents"].([]any)
		for _, row := range listed {
			agent := row.(map[string]any)
			if _, has := agent["instructions"]; has != shown || agent["id"] == "" || agent["name"] == "" {
				t.Errorf("detail %q: %v", detail, agent)
			}
			if size := len(encode(t, agent)); !shown && size > 1024 {
				t.Errorf("a concise row of %d bytes", size)
			}
		}
	}
}

// TestSearchesSayWhereTheyAreCut walks a search that fits more agents than the platform gives.
func TestSearchesSayWhereTheyAreCut(t *testing.T) {
	t.Parallel()
	rows := make([]string, 105)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"id":"a%d","name":"a%d","similarity":0.9}`, i, i)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"agents":[%s]}`, strings.Join(rows, ","))
	}))
	defer server.Close()
	catalog := newCatalog(t, server.URL, "rok_x")
	seen := 0
	for cursor := any(""); cursor != nil; {
		page, err := call(t, catalog, "search_agents", encode(t, map[string]any{"query": "x", "limit": 40, "cursor": cursor}))
		if err != nil {
			t.Fatal(err)
		}
		seen += len(page["agents"].([]any))
		next := page["next_cursor"]
		if last := next == nil; page["complete"] != false || strings.Contains(page["notice"].(string), "narrow the query") != last {
			t.Errorf("after %d rows: complete %v, %v", seen, page["complete"], page["notice"])
		}
		cursor = next
	}
	if seen != 100 {
		t.Errorf("%d rows", seen)
	}
}
