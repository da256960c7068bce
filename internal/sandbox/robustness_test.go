package sandbox

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func badBodies() []string {
	return []string{"", "null", "[]", "1", `"x"`, "{", "{}", `{"name":null}`, `{"name":{}}`, `{"name":"x","instructions":1}`, `{"query":[1]}`, `{"query":"x","limit":1e99}`, `{"query":"x","limit":-1}`, `{"query":"x","minSimilarity":"NaN"}`,
		`{"query":"x","minSimilarity":1e400}`, `{"amount":"NaN"}`, `{"amount":-1}`, `{"amount":{}}`, `{"amount":[1]}`, `{"amount":true}`, `{"amount":null}`, `{"amount":""}`, `{"amount":1e-1}`, `{"amount":99999999999999999999999}`, `{"amount":"\u0661"}`,
		"\x00", "\xff\xfe", strings.Repeat("[", 100000), `{"skills":` + strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000) + `,"name":"deep","instructions":"x"}`, `{"name":"a\u0000","instructions":"x"}`,
		`{"queryText":"x","threshold":"NaN"}`, `{"queryText":"x","query":"x","threshold":"Inf","minSimilarity":"-Inf"}`, greatExchange,
		`{"token":"e687a3cb-07e6-5515-921a-7a341ea8858e","usage":[{"type":"tool","pricing":{"credits":2300000000}},{"type":"tool","pricing":{"credits":9223372034}},{"type":"tool","pricing":{"credits":"6923372038.709551616"}}]}`}
}

// greatExchange pays in more than the ledger can count from where it stands.
const greatExchange = `{"paymentHeader":"eyJzY2hlbWUiOiJleGFjdCIsIm5ldHdvcmsiOiJiYXNlLW1haW5uZXQifQ==","paymentRequirements":{"scheme":"exact","maxAmountRequired":"9223372035"}}`

func badIDs() []string {
	return []string{"%00", "..%2f..", "a%2fb", "%25", "'%3b--", "x%20y", "%ff", strings.Repeat("a", 9000), "%f0%9f%98%80", "*", "~", "?", "#"}
}

func badQueries() []string {
	return []string{"limit=x", "limit=-1", "limit=99999999999999999999", "offset=%00", "tags=%ff", "visibility=%00", "query=%22", "query=%ff%00", "search=%22*", "capabilities=%22&capabilities=*", "type=%ff", "%zz", "a;b", "min_similarity=Inf&query=a", "limit=1&limit=x"}
}

// checkAnswer wants a refusal, if it is one, to be the client's fault and to say so in JSON.
func checkAnswer(t *testing.T, p *Platform, method, target, contentType, body string) {
	t.Helper()
	got := send(t, p, p.UserKey(), method, target, contentType, body)
	if got.status == http.StatusNotImplemented && strings.HasSuffix(strings.Split(target, "?")[0], "/invoke") {
		return // nothing here runs functions
	}
	if got.status >= 500 || (got.status >= 400 && (got.body == nil || got.body["error"] != got.body["message"] || got.body["error"] == nil)) {
		t.Errorf("%s %.60s %.60q: %d %.200s", method, target, body, got.status, got.raw)
	}
}

// TestBadInputInEveryForm sends bad input to some routes, in every place and under every type of content.
func TestBadInputInEveryForm(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	routes := []string{"POST /api/agents", "POST /api/agents/search", "POST /api/user/transactions", "POST /api/api-keys", "POST /api/content", "POST /api/content/upload",
		"GET /api/agents", "GET /api/content", "GET /api/content/agent-access", "GET /api/user/transactions", "GET /api/balance/transactions", "GET /api/agents/search", "GET /api/agents/discover", "GET /api/discovery/agents",
		"GET /api/agents/ID", "GET /api/agents/by-name/ID", "GET /api/content/ID", "GET /api/content/public/ID/n", "DELETE /api/content/ID", "DELETE /api/api-keys/ID"}
	for _, rt := range routes {
		m, path, _ := strings.Cut(rt, " ")
		for _, id := range badIDs() {
			target := strings.Replace(path, "ID", id, 1)
			if _, err := http.NewRequest(m, "http://x"+target, http.NoBody); err != nil {
				continue
			}
			for _, q := range append(badQueries(), "") {
				if m == "GET" {
					checkAnswer(t, p, m, target+"?"+q, "", "")
				}
			}
			if !strings.Contains(path, "ID") && m != "POST" {
				break
			}
			if m == "POST" {
				for _, b := range badBodies() {
					for _, ct := range []string{"application/json", "", "multipart/form-data", "multipart/form-data; boundary=", "text/xml"} {
						checkAnswer(t, p, m, target, ct, b)
					}
				}
				break
			}
			checkAnswer(t, p, m, target, "", "")
		}
	}
}

// TestBadInputOnEveryRoute sends each kind of bad input to each route once. What stands in a path before the bad id is
// there, so that the request comes as far as it can.
func TestBadInputOnEveryRoute(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	if made := postJSON(t, p, "/api/agents/recipe-muse/functions", `{"name":"soup","manifest":{}}`); made.status != 200 {
		t.Fatal(string(made.raw))
	}
	known := strings.NewReplacer("{agent}", "recipe-muse", "{function}", "soup", "{content}", seedID("file", "brand-brief.md"), "{kind}", "users")
	placeholder := regexp.MustCompile(`\{\w+\}`)
	seen := 0
	for pattern := range p.table() {
		seen++
		if testing.Short() && seen%4 != 0 {
			continue
		}
		method, path, _ := strings.Cut(pattern, " ")
		if places := placeholder.FindAllStringIndex(path, -1); len(places) > 0 {
			last := places[len(places)-1]
			before := placeholder.ReplaceAllString(known.Replace(path[:last[0]]), "none")
			for _, id := range badIDs() {
				if target := before + id + path[last[1]:]; isTarget(method, target) {
					checkAnswer(t, p, method, target, "application/json", "{}")
				}
			}
		}
		if method == http.MethodDelete {
			continue // what is there is for the other routes
		}
		whole := placeholder.ReplaceAllString(known.Replace(path), "none")
		for _, query := range badQueries() {
			checkAnswer(t, p, method, whole+"?"+query, "application/json", "{}")
		}
		for _, body := range badBodies() {
			checkAnswer(t, p, method, whole, "application/json", body)
		}
	}
	checkLedger(t, p)
}

func isTarget(method, target string) bool {
	_, err := http.NewRequest(method, "http://x"+target, http.NoBody)
	return err == nil
}
