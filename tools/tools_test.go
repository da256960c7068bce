package tools_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/golden"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// TestGoldenResults shows a whole result of every reading tool, as a model sees it.
func TestGoldenResults(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var page bytes.Buffer
	for _, tool := range s.catalog.Tools() {
		if tool.Class != client.Read {
			continue
		}
		result, err := tool.Call(t.Context(), json.RawMessage(tool.Example))
		if err != nil {
			t.Fatal(err)
		}
		page.WriteString("# " + tool.Name + " " + tool.Example + "\n")
		if err := json.Indent(&page, result.Structured, "", "  "); err != nil {
			t.Fatal(err)
		}
		page.WriteString("\n\n")
	}
	random := regexp.MustCompile(`rok_[0-9A-Za-z.]+|127\.0\.0\.1:[0-9]+|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	shown := random.ReplaceAllString(page.String(), "(random)")
	golden.Check(t, "results.golden", []byte(shown))
}

func TestCreateThenGetThenSearch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	created := mustCall(t, s, "create_agent", `{"name":"tulip-expert","instructions":"Know tulips.","description":"Knows tulips",
		"intents":"[\"identify a tulip\"]","is_public":"true","model":"gpt-4o"}`)
	agent := created["agent"].(map[string]any)
	if !strings.HasPrefix(created["api_key"].(string), "rok_") || agent["model"] != "gpt-4o" || agent["is_public"] != true {
		t.Errorf("created = %v", created)
	}
	for _, reference := range []any{agent["id"], agent["name"]} {
		got := mustCall(t, s, "get_agent", encode(t, map[string]any{"agent": reference}))
		if encode(t, got["agent"]) != encode(t, agent) || strings.Contains(encode(t, got), "rok_") {
			t.Errorf("get %v = %v", reference, got)
		}
	}
	found := mustCall(t, s, "search_agents", `{"query":"identify a tulip","limit":1}`)["agents"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["name"] != "tulip-expert" {
		t.Errorf("found = %v", found)
	}
	if none := mustCall(t, s, "search_agents", `{"query":"quantum basket weaving","min_similarity":1}`); len(none["agents"].([]any)) != 0 ||
		!strings.Contains(none["notice"].(string), "lower min_similarity") {
		t.Errorf("none = %v", none)
	}
}

func TestListsPage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, rows := range map[string]string{"list_content": "files", "list_transactions": "transactions", "list_agents": "agents"} {
		seen := map[any]bool{}
		cursor := ""
		for pages := 0; ; pages++ {
			page := mustCall(t, s, name, encode(t, map[string]any{"limit": 1, "cursor": cursor}))
			for _, row := range page[rows].([]any) {
				id := row.(map[string]any)["id"]
				if seen[id] {
					t.Fatalf("%s: %v comes twice", name, id)
				}
				seen[id] = true
			}
			next, more := page["next_cursor"].(string)
			if more == page["complete"].(bool) {
				t.Errorf("%s: next_cursor %q and complete %v", name, next, page["complete"])
			}
			if !more {
				break
			}
			if cursor = next; pages > 20 {
				t.Fatalf("%s does not end", name)
			}
		}
		if len(seen) < 2 {
			t.Errorf("%s: %d rows", name, len(seen))
		}
		other := mustCall(t, s, "list_content", `{"limit":1}`)["next_cursor"].(string)
		for _, bad := range []string{"garbage", "e30", other} {
			if name == "list_content" && bad == other {
				continue
			}
			_, err := s.call(t, name, encode(t, map[string]any{"cursor": bad}))
			if explained := tools.Explain(err); explained.Code != tools.CodeInvalidArgument {
				t.Errorf("%s with cursor %q: %v", name, bad, err)
			}
		}
	}
	for list, filters := range map[string][]string{
		"list_content":      {`"visibility":"public"`, `"tags":"bakery"`, `"agent":"recipe-muse"`},
		"list_transactions": {`"type":"usage"`},
	} {
		cursor := mustCall(t, s, list, `{"limit":1}`)["next_cursor"].(string)
		for _, filter := range filters {
			_, err := s.call(t, list, `{`+filter+`,"cursor":"`+cursor+`"}`)
			if tools.Explain(err).Code != tools.CodeInvalidArgument {
				t.Errorf("%s of %s went on where the whole list had come to: %v", list, filter, err)
			}
		}
	}
	if kept := mustCall(t, s, "list_transactions", `{"type":"transfer"}`)["transactions"].([]any); len(kept) != 1 {
		t.Errorf("transfers = %v", kept)
	}
	if kept := mustCall(t, s, "list_content", `{"visibility":"public","tags":"bakery"}`)["files"].([]any); len(kept) != 1 {
		t.Errorf("tagged = %v", kept)
	}
}
