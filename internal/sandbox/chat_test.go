package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAModelSpeaksForTheAgents puts an OpenAI-compatible server behind the agents, one that answers and one that fails.
func TestAModelSpeaksForTheAgents(t *testing.T) {
	t.Parallel()
	works := true
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked chatRequest
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || r.URL.Path != "/v1/chat/completions" || asked.Messages[0].Role != "system" || !works {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprintf(w, `{"choices":[{"message":{"role":"assistant","content":"real words"}}],"usage":{"prompt_tokens":7,"completion_tokens":2}}`)
	}))
	defer model.Close()
	p := open(t, Options{ModelURL: model.URL + "/v1/"})
	const ask = `{"messages":[{"role":"user","content":"hello"}]}`
	got := postJSON(t, p, "/api/agents/legal-translator/chat/completions", ask)
	if !strings.Contains(string(got.raw), "real words") || !strings.Contains(string(got.raw), `"total_tokens":9`) {
		t.Errorf("chat: %s", got.raw)
	}
	if left := creditsOfUser(t, p, p.UserKey()); left != "87.42123" {
		t.Errorf("nine tokens of 0.00003 left %s", left)
	}
	row := rows(t, get(t, p, "/api/balance/transactions?limit=1"), "transactions")[0]
	if row["agentId"] != seedID("agent", "legal-translator") || row["agentName"] != "legal-translator" || row["amount"] != "-0.00027" {
		t.Errorf("charged: %v", row)
	}
	works = false
	if broken := postJSON(t, p, "/api/agents/legal-translator/chat/completions", ask); broken.status != http.StatusBadGateway {
		t.Errorf("a broken model: %d", broken.status)
	}
	for _, bad := range []string{`{}`, `{"messages":[{"role":"robot","content":"x"}]}`, `{"messages":"x"}`} {
		if got := postJSON(t, p, "/api/agents/legal-translator/chat/completions", bad); got.status != 400 {
			t.Errorf("%s: %d", bad, got.status)
		}
	}
	checkLedger(t, p)
}

func TestAPoorCallerIsAskedToPayFirst(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	poor := otherUser(t, p)
	got := sendAs(t, p, poor, "POST", "/api/agents/data-analyst/chat/completions", `{"messages":[{"role":"user","content":"x"}]}`)
	if got.status != http.StatusPaymentRequired || !strings.Contains(string(got.raw), "required: 0.5, available: 0") {
		t.Errorf("%d %s", got.status, got.raw)
	}
}

// TestChatTakesWhatOpenAIClientsSend sends what the SDKs do: parts of content, calls of tools and their outcome.
func TestChatTakesWhatOpenAIClientsSend(t *testing.T) {
	t.Parallel()
	var heard []chatMessage
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked chatRequest
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		heard = asked.Messages
		_, _ = fmt.Fprint(w, `{"choices":[{"message":{"role":"assistant","content":[{"type":"text","text":"well"}]}}]}`)
	}))
	defer model.Close()
	const conversation = `{"messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"What"},{"type":"text","text":"time?"}]},
		{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"clock","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"noon"}]}`
	for _, options := range []Options{{}, {ModelURL: model.URL}} {
		p := open(t, options)
		if got := postJSON(t, p, "/api/agents/recipe-muse/chat/completions", conversation); got.status != 200 {
			t.Errorf("%d %s", got.status, got.raw)
		}
		for _, bad := range []string{`[{"type":"image_url","image_url":{"url":"x"}}]`, `7`, `{"text":"x"}`, `[{"type":"text"}]`, `["x"]`} {
			if got := postJSON(t, p, "/api/agents/recipe-muse/chat/completions", `{"messages":[{"role":"user","content":`+bad+`}]}`); got.status != 400 || !strings.Contains(string(got.raw), "content") {
				t.Errorf("%s: %d %s", bad, got.status, got.raw)
			}
		}
	}
	if len(heard) != 4 || heard[1].Role != "system" || heard[2].Content != "What\ntime?" || heard[3] != (chatMessage{"user", "noon"}) {
		t.Errorf("the model heard %v", heard)
	}
}
