package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestEveryListPages asks for lists one row at a time.
func TestEveryListPages(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for i := range 3 {
		postJSON(t, p, "/api/api-keys", fmt.Sprintf(`{"name":"k%d"}`, i))
		postJSON(t, p, "/api/access-tokens", fmt.Sprintf(`{"name":"a%d"}`, i))
		mintToken(t, p, "1", `,"recipientId":"`+seedID("agent", "recipe-muse")+`"`)
		postJSON(t, p, "/api/agents/recipe-muse/conversations", `{"sessionId":"s","messages":[{"role":"user","content":"x"}]}`)
	}
	for target, name := range map[string]string{
		"/api/api-keys": "keys", "/api/access-tokens": "accessTokens", "/api/payments/tokens": "tokens", "/api/content/agent": "content",
		"/api/agents/recipe-muse/payment-tokens": "tokens", "/api/agents/recipe-muse/conversations": "conversations",
		"/api/agents": "agents", "/api/content": "files", "/api/user/transactions": "transactions",
	} {
		whole := rows(t, get(t, p, target), name)
		if total := get(t, p, target).body["total"]; len(whole) < 2 || total != float64(len(whole)) {
			t.Errorf("%s: %d rows of %v", target, len(whole), total)
		}
		for i, want := range whole {
			got := rows(t, get(t, p, fmt.Sprintf("%s?limit=1&offset=%d", target, i)), name)
			if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(want) {
				t.Errorf("%s, row %d: %v", target, i, got)
			}
		}
		if bad := get(t, p, target+"?offset=-1"); bad.status != 400 {
			t.Errorf("%s: %d", target, bad.status)
		}
	}
}

func TestAConversationEnds(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	post := func(chat string) answer {
		return postJSON(t, p, "/api/agents/recipe-muse/conversations", fmt.Sprintf(`{"sessionId":"s","chatId":%q,"messages":[%s{"role":"user","content":"x"}]}`,
			chat, strings.Repeat(fmt.Sprintf(`{"role":"user","content":%q},`, strings.Repeat("long ", 18_000)), 9)))
	}
	chat := fmt.Sprint(post("").body["chatId"])
	statuses := []int{post(chat).status, post(chat).status, post(chat).status}
	if fmt.Sprint(statuses) != "[200 413 413]" {
		t.Errorf("statuses %v", statuses)
	}
	if whole := get(t, p, "/api/agents/recipe-muse/conversations/"+chat); len(whole.raw) > maxConversation+100 || len(rows(t, whole, "messages")) != 20 {
		t.Errorf("kept %d bytes", len(whole.raw))
	}
}

func TestAHistoryIsBounded(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for i := range maxRevisions + 10 {
		if got := send(t, p, p.UserKey(), "PATCH", "/api/agents/recipe-muse", "", fmt.Sprintf(`{"description":"version %d"}`, i)); got.status != 200 {
			t.Fatal(string(got.raw))
		}
	}
	listed := get(t, p, "/api/agents/recipe-muse/revisions")
	if found := rows(t, listed, "revisions"); listed.body["total"] != float64(maxRevisions) || len(found) != maxRevisionPage || !strings.Contains(fmt.Sprint(found[0]), "version 109") {
		t.Errorf("history: %.300s", listed.raw)
	}
	if large := send(t, p, p.UserKey(), "PATCH", "/api/agents/recipe-muse", "", fmt.Sprintf(`{"skills":{"a":%q}}`, strings.Repeat("x", maxExtra))); large.status != 400 {
		t.Errorf("large skills: %d", large.status)
	}
}

// TestAnswersAreForgotten repeats requests a day later: a key may be used anew, and a payment is taken once all the same.
func TestAnswersAreForgotten(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{Now: func() time.Time { return now }})
	_, token := mintToken(t, p, "5", `,"ttlHours":100`)
	header := fmt.Sprintf(`{"paymentHeader":%q,"paymentRequirements":{"scheme":"token","network":"robutler","maxAmountRequired":"1"}}`, token)
	for i, replayed := range []any{nil, true, nil} {
		settled := sendAs(t, p, p.UserKey(), "POST", "/api/payments/settle", fmt.Sprintf(`{"token":%q,"amount":0.5}`, token), "Idempotency-Key", "k")
		paid := postJSON(t, p, "/api/x402/settle", header)
		if settled.status != 200 || settled.body["replayed"] != replayed || (i > 0) != (paid.body["replayed"] == true) {
			t.Errorf("round %d: %s %s", i, settled.raw, paid.raw)
		}
		now = now.Add(answerLife - time.Hour + time.Duration(i)*2*time.Hour)
	}
	if kept := count64(t, p, "SELECT count(*) FROM idempotency"); kept != 2 {
		t.Errorf("%d answers are kept", kept)
	}
}

// TestADelayHoldsNothingBack wants a delayed answer to be passed on as it comes.
func TestADelayHoldsNothingBack(t *testing.T) {
	t.Parallel()
	fault := Fault{Method: "*", Path: "/*", Every: 1, Delay: time.Millisecond}
	passed := &flushes{header: http.Header{}}
	faulty([]Fault{fault}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		if err := http.NewResponseController(w).Flush(); err != nil || passed.size != 4 {
			t.Errorf("%d bytes came through, %v", passed.size, err)
		}
	})).ServeHTTP(passed, newRequest(t, "/x"))
}

type flushes struct {
	header http.Header
	size   int
}

func (f *flushes) Header() http.Header         { return f.header }
func (f *flushes) WriteHeader(int)             {}
func (f *flushes) Write(b []byte) (int, error) { f.size += len(b); return len(b), nil }
func (f *flushes) Flush()                      {}

func newRequest(t *testing.T, target string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
