package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// TestEveryToolTellsFailuresApart lets the platform fail every tool in every way. What may have happened is never called
// harmless to repeat, and no error says more than it should.
func TestEveryToolTellsFailuresApart(t *testing.T) {
	t.Parallel()
	const canary = "rok_canary0123456789abcdefghijklmnop"
	unsure := []string{tools.CodeOutcomeUnknown}
	for name, failing := range map[string]struct {
		status      int
		contentType string
		body        string
		codes       []string
		// write are the codes of calls that are not reads, where they differ.
		write []string
	}{
		"401":               {401, "application/json", `{"error":"bad ` + canary + `"}`, []string{tools.CodeKeyRefused}, nil},
		"402":               {402, "application/json", `{"error":"need 5"}`, []string{tools.CodeInsufficientFunds}, nil},
		"403":               {403, "application/json", `{"message":"no"}`, []string{tools.CodeForbidden}, nil},
		"404":               {404, "application/json", `{"error":"no such thing"}`, []string{tools.CodeNotFound, tools.CodeUnsupported}, nil},
		"409":               {409, "application/json", `{}`, []string{tools.CodeConflict}, nil},
		"429":               {429, "application/json", `{}`, []string{tools.CodeRateLimited}, nil},
		"500":               {500, "application/json", `{}`, []string{tools.CodeUpstreamError}, unsure},
		"200 with an error": {200, "application/json", `{"error":"quota"}`, []string{tools.CodeRejected, tools.CodeUpstreamBadResponse}, unsure},
		"HTML":              {200, "text/html", "<html>login " + canary + "</html>", []string{tools.CodeUpstreamBadResponse}, unsure},
	} {
		for _, tool := range offline(t).Tools() {
			if tool.Name == ownTool {
				continue
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", failing.contentType)
				w.WriteHeader(failing.status)
				_, _ = io.WriteString(w, failing.body)
			}))
			_, err := call(t, newCatalog(t, server.URL, canary), tool.Name, tool.Example)
			server.Close()
			told := tools.Explain(err)
			allowed := failing.codes
			if tool.Class != client.Read && failing.write != nil {
				// Tools that look something up before they write fail at that.
				allowed = append(slices.Clone(failing.write), failing.codes...)
			}
			if failing.status == http.StatusConflict && (tool.Name == "settle_payment" || tool.Name == "redeem_payment_token") {
				allowed = unsure // the platform is told their idempotency_key: another call may have it
			}
			if err == nil || !slices.Contains(allowed, told.Code) {
				t.Errorf("%s %s: %+v", name, tool.Name, told)
			}
			looksUp := tool.Name == "delegate_payment_token" // it finds the recipient first
			if tool.Class == client.Money && !looksUp && failing.write != nil && (told.Code != tools.CodeOutcomeUnknown || told.Retryable) {
				t.Errorf("%s %s: %+v", name, tool.Name, told)
			}
			checkErrorText(t, name+" "+tool.Name, told)
		}
	}
}

// maxErrorBytes bounds what a model reads of an error.
const maxErrorBytes = 700

func checkErrorText(t *testing.T, what string, told *tools.Error) {
	t.Helper()
	text := string(told.JSON())
	for _, bad := range []string{"canary", "<html", "*client", "json:", "127.0.0.1", "goroutine"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s: %q in %s", what, bad, text)
		}
	}
	if len(text) > maxErrorBytes || told.NextStep == "" || told.Message == "" {
		t.Errorf("%s: %d bytes: %s", what, len(text), text)
	}
}

// TestDeadNetwork says of every tool that nothing reached the platform.
func TestDeadNetwork(t *testing.T) {
	t.Parallel()
	catalog := newCatalog(t, "http://127.0.0.1:1", "rok_x")
	for _, tool := range catalog.Tools() {
		if tool.Name == ownTool {
			continue
		}
		_, err := call(t, catalog, tool.Name, tool.Example)
		if told := tools.Explain(err); told.Code != tools.CodeUpstreamUnavailable || !told.Retryable {
			t.Errorf("%s: %+v", tool.Name, told)
		}
	}
}

// TestFaultyArgumentsAreNamed gives every tool arguments that are all wrong.
func TestFaultyArgumentsAreNamed(t *testing.T) {
	t.Parallel()
	catalog := offline(t)
	for _, tool := range catalog.Tools() {
		var input struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if err := json.Unmarshal(tool.Input.JSON(), &input); err != nil {
			t.Fatal(err)
		}
		arguments := map[string]any{"frobnicate": 1}
		for name := range input.Properties {
			arguments[name] = []any{map[string]any{}, nil}
		}
		_, err := tool.Call(t.Context(), json.RawMessage(encode(t, arguments)))
		told := tools.Explain(err)
		for name := range arguments {
			if told.Code != tools.CodeInvalidArgument || !strings.Contains(told.Message, name) {
				t.Errorf("%s: %+v says nothing of %s", tool.Name, told, name)
			}
		}
	}
}

// TestHugeAgentStaysReadable bounds what an owner can put before a model.
func TestHugeAgentStaysReadable(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("w", 100_000)
	words := make([]string, 500)
	for i := range words {
		words[i] = strconv.Itoa(i) + long[:1000]
	}
	agent := encode(t, map[string]any{
		"id": "a1", "name": long, "description": long, "instructions": long, "greetingMessage": long, "intents": words,
		"capabilities": words, "suggestedActions": words, "avatarUrl": long, "model": long, "url": long, "displayName": "x" + long,
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/agents") {
			_, _ = fmt.Fprintf(w, `{"agents":[%s,%s]}`, agent, agent)
			return
		}
		_, _ = fmt.Fprintf(w, `{"agent":%s}`, agent)
	}))
	defer server.Close()
	for name, arguments := range map[string]string{"get_agent": `{"agent":"a1"}`, "list_agents": `{"detail":"full"}`} {
		out, err := call(t, newCatalog(t, server.URL, "rok_x"), name, arguments)
		if size := len(encode(t, out)); err != nil || size > 50_000 {
			t.Errorf("%s: %d bytes, %v", name, size, err)
		}
	}
}

func TestLargeUploadsReportProgress(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for size, wanted := range map[int]bool{1 << 10: false, 3 << 20: true} {
		var reports []tools.Progress
		ctx := tools.WithProgress(t.Context(), func(p tools.Progress) { reports = append(reports, p) })
		_, err := s.find(t, "upload_content").Call(ctx, json.RawMessage(encode(t, map[string]any{
			"filename": fmt.Sprintf("%d.txt", size), "text": string(bytes.Repeat([]byte("x"), size)),
		})))
		if err != nil || (len(reports) > 0) != wanted {
			t.Fatalf("%d bytes: %d reports, %v", size, len(reports), err)
		}
		if wanted {
			last := reports[len(reports)-1]
			if last.Done != float64(size) || last.Total != float64(size) {
				t.Errorf("the last report is %+v", last)
			}
		}
	}
}

// TestResultThatIsTooLarge is the net below the bounds of each tool.
func TestResultThatIsTooLarge(t *testing.T) {
	t.Parallel()
	type output struct {
		Text string `json:"text"`
	}
	spec := tools.Spec{Name: "huge", Class: client.Read}
	_, err := tools.Define(spec, func(context.Context, tools.NoInput) (output, error) {
		return output{strings.Repeat("x", 200_000)}, nil
	}).Call(t.Context(), nil)
	if told, ok := errors.AsType[*tools.Error](err); !ok || told.Code != tools.CodeResultTooLarge {
		t.Errorf("%v", err)
	}
}

// TestOtherAmountsAreAlarming tells a model when the platform moved something else than it was asked to.
func TestOtherAmountsAreAlarming(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"success":true,"chargedDollars":5,"lockId":"l1"}`)
	}))
	defer server.Close()
	for name, arguments := range map[string]string{
		"settle_payment": `{"lock_id":"l1","amount_usd":"1"}`, "redeem_payment_token": `{"token":"t","amount_usd":"1"}`,
	} {
		_, err := call(t, newCatalog(t, server.URL, "rok_x"), name, arguments)
		told := tools.Explain(err)
		if told.Code != tools.CodeAmountMismatch || told.Retryable || told.MovedCredits == nil || told.MovedCredits.String() != "5" {
			t.Errorf("%s: %+v", name, told)
		}
	}
}
