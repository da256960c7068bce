package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestCreatedAgentHasBothForms(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	got := postJSON(t, p, "/api/agents", `{"name":"helper","instructions":"Help.","intents":["help people"],"canTalkToOtherAgents":true,"skills":{"a":{}}}`)
	created, ok := got.body["agent"].(map[string]any)
	if got.status != 200 || !ok || !strings.HasPrefix(fmt.Sprint(got.body["rawApiKey"]), "rok_") {
		t.Fatalf("create: %d %s", got.status, got.raw)
	}
	for name, want := range map[string]any{
		"name": "helper", "username": "helper", "model": "gpt-4o-mini", "isPublic": false, "canTalkToOtherAgents": true,
		"instructions": "Help.", "creditsPerToken": nil,
	} {
		if created[name] != want {
			t.Errorf("%s = %v, want %v", name, created[name], want)
		}
	}
	id := fmt.Sprint(created["id"])
	for _, target := range []string{"/api/agents/" + id, "/api/agents/" + strings.ToUpper(id), "/api/agents/helper", "/api/agents/by-name/helper"} {
		if got := get(t, p, target); got.status != 200 || strings.Contains(string(got.raw), "rok_") {
			t.Errorf("%s: %d %s", target, got.status, got.raw)
		}
	}
	if again := postJSON(t, p, "/api/agents", `{"name":"helper","instructions":"x"}`); again.status != http.StatusConflict {
		t.Errorf("taken name: %d", again.status)
	}
	// The agent's own key acts for the owner, as that agent.
	if own := send(t, p, fmt.Sprint(got.body["rawApiKey"]), http.MethodGet, "/api/user", "", ""); own.status != 200 {
		t.Errorf("agent's key: %d", own.status)
	}
	if forbidden := send(t, p, fmt.Sprint(got.body["rawApiKey"]), http.MethodPost, "/api/api-keys", "", `{"name":"x"}`); forbidden.status != 403 {
		t.Errorf("agent's key makes keys: %d", forbidden.status)
	}
}

func TestListsPage(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for i := range 7 {
		if got := postJSON(t, p, "/api/agents", fmt.Sprintf(`{"name":"page-%d","instructions":"x"}`, i)); got.status != 200 {
			t.Fatal(string(got.raw))
		}
	}
	for _, list := range []struct{ target, name string }{
		{"/api/agents", "agents"}, {"/api/content", "files"}, {"/api/balance/transactions", "transactions"},
	} {
		whole := rows(t, get(t, p, list.target), list.name)
		var paged []map[string]any
		for offset := 0; ; offset += 3 {
			page := rows(t, get(t, p, fmt.Sprintf("%s?limit=3&offset=%d", list.target, offset)), list.name)
			paged = append(paged, page...)
			if len(page) < 3 {
				break
			}
		}
		if len(whole) < 4 || len(paged) != len(whole) {
			t.Errorf("%s: %d in pages, %d whole", list.target, len(paged), len(whole))
		}
		for i := range paged {
			if paged[i]["id"] != whole[i]["id"] {
				t.Errorf("%s: row %d differs", list.target, i)
			}
		}
	}
}

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

func TestUploadAndDownload(t *testing.T) {
	t.Parallel()
	p := open(t, Options{MaxUploadBytes: 1000})
	for _, target := range []string{"/api/content", "/api/content/upload"} {
		got := uploadFile(t, p, p.UserKey(), target, "../../etc/notes.txt", "hello", map[string]string{
			"visibility": "public", "tags": `["a","b"]`, "description": "d",
		})
		file, ok := got.body["file"].(map[string]any)
		if got.status != 200 || !ok || file["id"] != got.body["id"] || got.body["fileName"] != "notes.txt" || got.body["size"] != 5.0 {
			t.Fatalf("%s: %d %s", target, got.status, got.raw)
		}
		read := send(t, p, "", http.MethodGet, fmt.Sprint(got.body["url"]), "", "")
		if string(read.raw) != "hello" || !strings.HasPrefix(read.header.Get("Content-Disposition"), "attachment") ||
			read.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("download: %v %s", read.header, read.raw)
		}
		if tagged := rows(t, get(t, p, "/api/content?tags=a,b&visibility=public"), "files"); len(tagged) == 0 || tagged[0]["id"] != got.body["id"] {
			t.Errorf("by tags: %v", tagged)
		}
		if none := rows(t, get(t, p, "/api/content?tags=a&tags=zz"), "files"); len(none) != 0 {
			t.Errorf("by other tags: %v", none)
		}
		if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/content/"+fmt.Sprint(got.body["id"]), "", ""); gone.status != 200 {
			t.Errorf("delete: %s", gone.raw)
		}
	}
	before := len(storedFiles(t, p))
	for name, got := range map[string]answer{
		"too large":      uploadFile(t, p, p.UserKey(), "/api/content", "big", strings.Repeat("x", 1001), nil),
		"bad visibility": uploadFile(t, p, p.UserKey(), "/api/content", "a", "x", map[string]string{"visibility": "loud"}),
		"bad tags":       uploadFile(t, p, p.UserKey(), "/api/content", "a", "x", map[string]string{"tags": "a,b"}),
		"no name":        uploadFile(t, p, p.UserKey(), "/api/content", "..", "x", nil),
		"cut short":      send(t, p, p.UserKey(), "POST", "/api/content", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf"),
	} {
		want := http.StatusBadRequest
		if name == "too large" {
			want = http.StatusRequestEntityTooLarge
		}
		if got.status != want {
			t.Errorf("%s: %d %s", name, got.status, got.raw)
		}
	}
	if after := len(storedFiles(t, p)); after != before {
		t.Errorf("refused uploads left %d files", after-before)
	}
}

func storedFiles(t *testing.T, p *Platform) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(p.files.Name())
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// TestUsersNeverSeeEachOther walks the routes with another user's key.
func TestUsersNeverSeeEachOther(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	other := otherUser(t, p)
	private := uploadFile(t, p, p.UserKey(), "/api/content", "secret.txt", "top secret", nil)
	id := fmt.Sprint(private.body["id"])
	for _, target := range []string{
		"/api/agents/dana-assistant", "/api/agents/by-name/dana-assistant", "/api/agents/" + seedID("agent", "dana-assistant"), "/api/content/" + id,
		"/api/content/public/" + id + "/secret.txt",
	} {
		if got := send(t, p, other, http.MethodGet, target, "", ""); got.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", target, got.status, got.raw)
		}
	}
	if got := send(t, p, other, http.MethodDelete, "/api/content/"+id, "", ""); got.status != http.StatusNotFound {
		t.Errorf("delete: %d", got.status)
	}
	for _, target := range []string{
		"/api/agents", "/api/content", "/api/content/agent-access", "/api/user", "/api/user/credits", "/api/balance", "/api/user/transactions",
		"/api/api-keys", "/api/agents/search?query=diary", "/api/agents/legal-translator",
	} {
		got := send(t, p, other, http.MethodGet, target, "", "")
		if got.status != 200 {
			t.Errorf("%s: %d", target, got.status)
		}
		for _, secret := range []string{"dana", "Dana", "secret.txt", "87.4215", "Top-up"} {
			if strings.Contains(string(got.raw), secret) {
				t.Errorf("%s shows %q: %s", target, secret, got.raw)
			}
		}
	}
	// A public agent's instructions are its owner's alone.
	if mine := get(t, p, "/api/agents/legal-translator"); strings.Contains(string(mine.raw), "instructions") {
		t.Errorf("instructions are shown: %s", mine.raw)
	}
}

func TestKeyIsShownOnce(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	flat := postJSON(t, p, "/api/api-keys", `{"name":"ci"}`)
	raw := fmt.Sprint(flat.body["rawKey"])
	if flat.body["key"] != raw || !strings.HasPrefix(raw, "rok_") {
		t.Fatalf("flat: %s", flat.raw)
	}
	if listed := get(t, p, "/api/api-keys"); strings.Contains(string(listed.raw), raw) || len(rows(t, listed, "keys")) != 3 {
		t.Errorf("list: %s", listed.raw)
	}
	r := httptest.NewRequest(http.MethodPost, "/api/api-keys", strings.NewReader(`{"name":"old client"}`))
	r.Header.Set("Authorization", "Bearer "+raw)
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `"key":{`) {
		t.Errorf("nested: %s", w.Body)
	}
	if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/api-keys/"+fmt.Sprint(flat.body["id"]), "", ""); gone.status != 200 {
		t.Errorf("delete: %s", gone.raw)
	}
	if refused := send(t, p, raw, http.MethodGet, "/api/user", "", ""); refused.status != http.StatusUnauthorized {
		t.Errorf("a removed key still works: %d", refused.status)
	}
}

// FuzzRouter sends anything anywhere: the platform answers JSON and never fails itself.
func FuzzRouter(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "/api/agents", ""}, {"POST", "/api/agents", `{"name":"a","instructions":"b","skills":{}}`},
		{"POST", "/api/agents/search", `{"query":"\"a\" OR","limit":"3"}`}, {"GET", "/api/content?tags=a&limit=1", ""},
		{"POST", "/api/user/transactions", `{"amount":0.1}`}, {"GET", "/api/agents/%00", ""}, {"PATCH", "/api/x", "\xff"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	p := open(f, Options{})
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

func TestBaseName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.txt": "a.txt", "../../a.txt": "a.txt", `C:\\x\\a.txt`: "a.txt", "..": "", ".": "", "/": "", "": "", "a\x01\u202eb": "ab", "\xffa": "a",
		strings.Repeat("\u00e4", 200): strings.Repeat("\u00e4", 127),
	} {
		if got := baseName(name); got != want {
			t.Errorf("baseName(%q) = %q, want %q", name, got, want)
		}
	}
}
