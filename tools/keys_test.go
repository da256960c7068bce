package tools_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

func exampleOf(t *testing.T, s *stage, name string) map[string]any {
	t.Helper()
	var arguments map[string]any
	if err := json.Unmarshal([]byte(s.find(t, name).Example), &arguments); err != nil {
		t.Fatal(err)
	}
	return arguments
}

// TestKeysAreShownOnce makes, rotates and removes keys, and looks for secrets where none belong.
func TestKeysAreShownOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	made := mustCall(t, s, "create_api_key", `{"name":"workbench"}`)
	secret := made["api_key"].(string)
	if !strings.HasPrefix(secret, "rok_") || !strings.Contains(made["notice"].(string), "only here") {
		t.Errorf("made %v", made)
	}
	listed := encode(t, mustCall(t, s, "list_api_keys", `{}`))
	if strings.Contains(listed, secret) || !strings.Contains(listed, "workbench") {
		t.Errorf("listed %s", listed)
	}
	gone := mustCall(t, s, "delete_api_key", encode(t, map[string]any{"key_id": made["key"].(map[string]any)["id"]}))
	if gone["name"] != "workbench" || strings.Contains(encode(t, mustCall(t, s, "list_api_keys", `{}`)), "workbench") {
		t.Errorf("gone %v", gone)
	}
	if _, err := s.call(t, "delete_api_key", `{"key_id":"no-such-key"}`); tools.Explain(err).Code != tools.CodeNotFound {
		t.Errorf("no such key: %v", err)
	}
	before := mustCall(t, s, "get_agent_api_key", `{"agent":"recipe-muse"}`)["api_key"]
	after := mustCall(t, s, "regenerate_agent_api_key", `{"agent":"recipe-muse"}`)["api_key"]
	if before == after || !strings.HasPrefix(after.(string), "rok_") {
		t.Errorf("rotated %v to %v", before, after)
	}
	if now := mustCall(t, s, "get_agent_api_key", `{"agent":"recipe-muse"}`)["api_key"]; now == before {
		t.Error("the old key is still shown")
	}
}

func TestPublishedIntentsAreFound(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	published := mustCall(t, s, "publish_intents", `{"agent":"recipe-muse","intents":["ferment cabbage into kimchi","pickle radishes"]}`)
	results := published["results"].([]any)
	if published["agent_name"] != "recipe-muse" || published["agent_id"] == "" || len(results) != 2 || results[0].(map[string]any)["published"] != true {
		t.Errorf("published %v", published)
	}
	if listed := encode(t, mustCall(t, s, "list_agent_intents", `{"agent":"recipe-muse"}`)); !strings.Contains(listed, "kimchi") || !strings.Contains(listed, "radishes") {
		t.Errorf("listed %s", listed)
	}
	ownIsLeftOut := "the user's own are left out"
	if searching, err := s.catalog.Find("search_intents"); err != nil || !strings.Contains(strings.ToLower(searching.Description), ownIsLeftOut) {
		t.Errorf("%s, %v", searching.Description, err)
	}
	if none := mustCall(t, s, "search_intents", `{"query":"zzz qqq"}`); len(none["intents"].([]any)) != 0 || !strings.Contains(none["notice"].(string), "No published intent") ||
		!strings.Contains(none["notice"].(string), ownIsLeftOut) {
		t.Errorf("none %v", none)
	}
}
