package tools_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestSummaryNamesWhatIsUnavailable(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"/api/user":    `{"user":{"id":"1","name":"Ada","email":"a@example.com","totalCredits":"5","usedCredits":"1"}}`,
		"/api/balance": `{"availableDollars":4}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, ok := answers[r.URL.Path]
		switch {
		case r.URL.Path == "/api/api-keys":
			w.WriteHeader(http.StatusForbidden)
			body = `{"error":"no"}`
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			body = `{"error":"no route"}`
		}
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	summary, err := call(t, newCatalog(t, server.URL, "k"), "get_account_summary", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	want := `["recent_transactions: unsupported","api_key_count: forbidden"]`
	if encode(t, summary["unavailable"]) != want || summary["api_key_count"] != nil ||
		encode(t, summary["credits"]) != `{"available_credits":"4","total_credits":"5","used_credits":"1"}` {
		t.Errorf("summary = %s", encode(t, summary))
	}
	delete(answers, "/api/user")
	if _, err := call(t, newCatalog(t, server.URL, "k"), "get_account_summary", `{}`); err == nil {
		t.Error("a summary without a user is no error")
	}
}
