package sandbox

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// FuzzRouter sends anything anywhere: the platform answers JSON and never fails itself.
func FuzzRouter(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "/api/agents", ""}, {"POST", "/api/agents", `{"name":"a","instructions":"b","skills":{}}`},
		{"POST", "/api/agents/search", `{"query":"\"a\" OR","limit":"3"}`}, {"GET", "/api/content?tags=a&limit=1", ""},
		{"POST", "/api/user/transactions", `{"amount":0.1}`}, {"GET", "/api/agents/%00", ""}, {"PATCH", "/api/x", "\xff"},
		{"POST", "/api/intents/subscribe", `{"queryText":"x","threshold":"NaN"}`}, {"POST", "/api/x402/exchange", greatExchange},
		{"POST", "/api/payments/settle", `{"token":"e687a3cb-07e6-5515-921a-7a341ea8858e","usage":[{"type":"tool","pricing":{"credits":9223372034}},{"type":"tool","pricing":{"credits":9223372034}}]}`},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	p := open(f, Options{})
	ids := strings.NewReplacer("{agent}", "recipe-muse", "{content}", seedID("file", "meeting-notes.md"), "{function}", "soup", "{kind}", "users")
	for _, pattern := range slices.Sorted(maps.Keys(p.table())) {
		method, path, _ := strings.Cut(pattern, " ")
		f.Add(method, ids.Replace(path)+"?limit=2&offset=1", `{"name":"soup","manifest":{},"amount":"0.5","query":"soup"}`)
	}
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://sandbox"+target, strings.NewReader(body))
		if err != nil || r.URL.Host != "sandbox" {
			return
		}
		r.Header.Set("X-API-Key", p.UserKey())
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
	})
}
