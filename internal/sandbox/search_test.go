package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

func TestSearchIsCalibrated(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for query, want := range map[string]string{
		"translate a contract":                      "legal-translator",
		"I need someone who can read my invoices":   "invoice-reader",
		"plan a trip to Lisbon by train":            "trip-planner",
		"review code in Go":                         "code-reviewer",
		"write alt text for a photo":                "photo-captioner",
		"Why did the service crash? analyze logs":   "log-detective",
		"\u00dcbersetzung GERMAN legal translation": "legal-translator",
	} {
		got := rows(t, postJSON(t, p, "/api/agents/search", fmt.Sprintf(`{"query":%q,"limit":3}`, query)), "agents")
		if len(got) == 0 || got[0]["name"] != want {
			t.Errorf("%s: %v", query, got)
			continue
		}
		nested, ok := got[0]["agent"].(map[string]any)
		if !ok || nested["name"] != want || got[0]["agent_id"] != got[0]["id"] {
			t.Errorf("%s: row %v", query, got[0])
		}
		for i, row := range got {
			similarity, ok := row["similarity"].(float64)
			if !ok || similarity <= 0 || similarity > 1 || (i > 0 && similarity > got[i-1]["similarity"].(float64)) {
				t.Errorf("%s: similarity %v", query, row["similarity"])
			}
		}
	}
	best := rows(t, postJSON(t, p, "/api/agents/search", `{"query":"translate a contract","minSimilarity":0.75}`), "agents")
	if len(best) != 1 || best[0]["name"] != "legal-translator" {
		t.Errorf("at least 0.75: %v", best)
	}
	if every := rows(t, postJSON(t, p, "/api/agents/search", `{"query":"travel visa nonsense","mode":"keyword"}`), "agents"); len(every) != 0 {
		t.Errorf("every term: %v", every)
	}
	older := rows(t, get(t, p, "/api/agents/search?query=hotel&limit=5&mode=semantic&min_similarity=0.1"), "agents")
	if len(older) == 0 || older[0]["name"] != "hotel-scout" || older[0]["similarity_score"] == nil {
		t.Errorf("by query: %v", older)
	}
	portal := rows(t, get(t, p, "/api/discovery/agents?search=hotel&type=agent&limit=5"), "agents")
	if len(portal) == 0 || portal[0]["username"] != "hotel-scout" || portal[0]["bio"] == "" {
		t.Errorf("portal: %v", portal)
	}
	able := rows(t, get(t, p, "/api/agents/discover?capabilities=sql&capabilities=charts"), "agents")
	if len(able) < 3 {
		t.Errorf("discover: %v", able)
	}
}

func TestSearchTakesAnyText(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for _, query := range []string{
		`"`, `""`, `a"b`, `NEAR(a b)`, `a AND`, `OR`, `-`, `*`, `name:x`, `^a`, `'; DROP TABLE agents; --`, "\u0000", "\U0001F600",
		strings.Repeat("word ", 2000), `{col}: x`, "a\nb", "\u0661\u0662",
	} {
		body := fmt.Sprintf(`{"query":%s}`, quote(query))
		if got := postJSON(t, p, "/api/agents/search", body); got.status != 200 && got.status != 400 {
			t.Errorf("%q: %d %s", query, got.status, got.raw)
		}
	}
}

func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		fmt.Fprintf(&b, `\u%04x`, min(r, 0xFFFD))
	}
	b.WriteByte('"')
	return b.String()
}

// An agent that is hidden between its ranking and its reading is not shown to strangers.
func TestSearchHidesWhatIsHiddenMeanwhile(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	who, terms := caller{userID: "stranger"}, queryTerms("translate a contract")
	candidates, err := p.candidates(t.Context(), who, terms)
	if err != nil {
		t.Fatal(err)
	}
	ranked, err := p.rank(t.Context(), candidates, terms)
	if err != nil || len(ranked) == 0 {
		t.Fatalf("%v, %v", ranked, err)
	}
	if _, err := p.database.ExecContext(t.Context(), "UPDATE agents SET is_public = 0"); err != nil {
		t.Fatal(err)
	}
	if shown, err := p.loadMatches(t.Context(), who, ranked); err != nil || len(shown) > 0 {
		t.Errorf("shown: %v, %v", shown, err)
	}
}
