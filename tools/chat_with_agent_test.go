package tools_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/tools"
)

func TestChatAnswersReportsAndCharges(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	before := credits(t, s)
	var reports []tools.Progress
	ctx := tools.WithProgress(t.Context(), func(p tools.Progress) { reports = append(reports, p) })
	result, err := s.find(t, "chat_with_agent").Call(ctx, json.RawMessage(`{"agent":"legal-translator","message":"Translate force majeure.",
		"history":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hello"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var out tools.ChatWithAgentOutput
	if err := json.Unmarshal(result.Structured, &out); err != nil {
		t.Fatal(err)
	}
	if out.Answer == "" || !out.Complete || out.CompletionTokens == 0 || !strings.Contains(out.Notice, "third party") {
		t.Errorf("out = %+v", out)
	}
	if len(reports) == 0 {
		t.Error("no progress was reported")
	}
	for i := 1; i < len(reports); i++ {
		if reports[i].Done <= reports[i-1].Done {
			t.Errorf("progress goes back: %v, %v", reports[i-1], reports[i])
		}
	}
	spent := before.Sub(credits(t, s))
	row := mustCall(t, s, "list_transactions", `{"limit":1}`)["transactions"].([]any)[0].(map[string]any)
	if !spent.IsPositive() || row["amount_credits"] != spent.Neg().String() {
		t.Errorf("spent %s, and the newest transaction is %v", spent, row)
	}
}

func credits(t *testing.T, s *stage) decimal.Decimal {
	t.Helper()
	return decimal.RequireFromString(mustCall(t, s, "get_credits", `{}`)["available_credits"].(string))
}

// TestBrokenAnswers keeps what came of an answer, since it has been charged for, and never says that a call which may
// have been charged can be repeated.
func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	const part = "data: {\"choices\":[{\"delta\":{\"content\":\"Half an ans\"}}]}\n\n"
	for name, test := range map[string]struct {
		stream string
		answer string
		code   string
	}{
		"broken off": {part, "Half an ans", ""},
		"garbage":    {"data: nonsense\n\n", "", tools.CodeOutcomeUnknown},
		"nothing":    {"", "", tools.CodeOutcomeUnknown},
	} {
		server := answering(func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = fmt.Fprint(w, test.stream)
		})
		out, err := call(t, newCatalog(t, server.URL, "rok_x"), "chat_with_agent", `{"agent":"a","message":"b"}`)
		server.Close()
		switch {
		case test.code == "" && (err != nil || out["answer"] != test.answer || out["complete"] != false || !strings.Contains(out["notice"].(string), "charged")):
			t.Errorf("%s: %v, %v", name, out, err)
		case test.code != "" && (tools.Explain(err).Code != test.code || tools.Explain(err).Retryable):
			t.Errorf("%s: %+v", name, tools.Explain(err))
		}
	}
}

func TestAnswersAreCleanAndBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 50_000)
	server := answering(func(w http.ResponseWriter) {
		_, _ = fmt.Fprintf(w, `{"choices":[{"message":{"content":"a\u200bb\u001b[31m\u202ec%s"},"finish_reason":"stop"}]}`, long)
	})
	defer server.Close()
	out, err := call(t, newCatalog(t, server.URL, "rok_x"), "chat_with_agent", `{"agent":"a","message":"b"}`)
	if err != nil {
		t.Fatal(err)
	}
	answer := out["answer"].(string)
	if !strings.HasPrefix(answer, "abcx") || len(answer) > 46_000 || !strings.Contains(out["notice"].(string), "first 45000 characters") {
		t.Errorf("answer of %d characters: %.20q, %v", len(answer), answer, out["notice"])
	}
}

// answering is a platform with one agent, which answers as it is told.
func answering(answer func(http.ResponseWriter)) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodGet {
			_, _ = fmt.Fprint(w, `{"agent":{"id":"a","name":"a"}}`)
			return
		}
		answer(w)
	}))
}
