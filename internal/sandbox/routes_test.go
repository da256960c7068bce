package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestOnlyOwnersManage walks the routes that change or reveal something with another user's key.
func TestOnlyOwnersManage(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	other := otherUser(t, p)
	id, token := mintToken(t, p, "1", "")
	access := postJSON(t, p, "/api/access-tokens", `{"name":"x"}`)
	accessToken, ok := access.body["accessToken"].(map[string]any)
	if !ok || access.body["token"] == nil || accessToken["limitDaily"] != 5e8 {
		t.Fatalf("access token: %s", access.raw)
	}
	accessID := fmt.Sprint(accessToken["id"])
	for _, test := range []struct {
		method, target, body string
		status               int
	}{
		{"PATCH", "/api/agents/recipe-muse", `{"description":"x"}`, 403},
		{"PUT", "/api/agents/recipe-muse", `{"description":"x"}`, 403},
		{"DELETE", "/api/agents/recipe-muse", "", 403},
		{"GET", "/api/agents/recipe-muse/api-key", "", 403},
		{"POST", "/api/agents/recipe-muse/api-key", "", 403},
		{"GET", "/api/agents/recipe-muse/content", "", 403},
		{"DELETE", "/api/agents/dana-assistant", "", 404},
		{"POST", "/api/agents/dana-assistant/chat/completions", `{"messages":[{"role":"user","content":"x"}]}`, 404},
		{"POST", "/api/intents/publish", `{"intents":[{"intent":"x","agent_id":"recipe-muse"}]}`, 400},
		{"POST", "/api/auth/owner-assertion", `{"agentId":"recipe-muse"}`, 404},
		{"GET", "/api/payments/tokens/" + id, "", 404},
		{"GET", "/api/payments/tokens/" + id + "/tree", "", 404},
		{"POST", "/api/payments/tokens/" + id + "/topup", `{"amount":1}`, 404},
		{"POST", "/api/user/tokens/cancel", `{"tokenId":"` + id + `"}`, 404},
		{"GET", "/api/access-tokens/" + accessID, "", 404},
		{"PATCH", "/api/access-tokens/" + accessID, `{"name":"y"}`, 404},
		{"DELETE", "/api/access-tokens/" + accessID, "", 404},
	} {
		if got := sendAs(t, p, other, test.method, test.target, test.body); got.status != test.status || strings.Contains(string(got.raw), token) {
			t.Errorf("%s %s: %d %s", test.method, test.target, got.status, got.raw)
		}
	}
	for _, target := range []string{"/api/payments/tokens", "/api/access-tokens"} {
		if got := sendAs(t, p, other, "GET", target, ""); strings.Contains(string(got.raw), id) || strings.Contains(string(got.raw), accessID) {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
	// An agent's own key manages that agent alone.
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	if got := sendAs(t, p, key, "PATCH", "/api/agents/dana-assistant", `{"description":"x"}`); got.status != 403 {
		t.Errorf("another agent of the owner: %d", got.status)
	}
	if got := sendAs(t, p, key, "PATCH", "/api/agents/recipe-muse", `{"description":"new words"}`); got.status != 200 || !strings.Contains(string(got.raw), "new words") {
		t.Errorf("itself: %d %s", got.status, got.raw)
	}
}

func TestAgentsChange(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	patch := func(body string) answer {
		return send(t, p, p.UserKey(), http.MethodPatch, "/api/agents/recipe-muse", "application/json", body)
	}
	if got := patch(`{"intents":["bake bread"],"isPublic":false}`); got.status != 200 || !strings.Contains(string(got.raw), "bake bread") || !strings.Contains(string(got.raw), `"isPublic":false`) {
		t.Errorf("change: %s", got.raw)
	}
	if found := rows(t, postJSON(t, p, "/api/agents/search", `{"query":"bake bread"}`), "agents"); len(found) == 0 || found[0]["name"] != "recipe-muse" {
		t.Errorf("the search does not know of the change: %v", found)
	}
	for body, status := range map[string]int{`{"name":"legal-translator"}`: 409, `{"name":"Bad Name"}`: 400, `{"skills":5}`: 400, `{"instructions":""}`: 400} {
		if got := patch(body); got.status != status {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
	before := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	after := fmt.Sprint(postJSON(t, p, "/api/agents/recipe-muse/api-key", "").body["rawKey"])
	if before == after || sendAs(t, p, before, "GET", "/api/user", "").status != 401 || sendAs(t, p, after, "GET", "/api/user", "").status != 200 {
		t.Error("the old key works on, or the new one does not")
	}
	if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/agents/recipe-muse", "", ""); gone.status != 200 {
		t.Errorf("delete: %s", gone.raw)
	}
	if sendAs(t, p, after, "GET", "/api/user", "").status != 401 || get(t, p, "/api/agents/recipe-muse").status != 404 {
		t.Error("the agent or its key lives on")
	}
}

func TestIntentsInEveryGeneration(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for target, body := range map[string]string{
		"/api/intents/publish": `{"intents":[{"intent":"cook soup","agent_id":"recipe-muse","description":"d","url":"u"}]}`,
		"/api/intents/create":  `{"intents":["bake a cake",{"intent":"roast nuts"}],"agentId":"recipe-muse","description":"d"}`,
	} {
		if got := postJSON(t, p, target, body); got.status != 200 || len(rows(t, got, "results")) == 0 {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
	older := postJSON(t, p, "/api/intents/create", `{"intent":"mix a salad","agent_id":"recipe-muse","user_id":"x","ttl_days":30}`)
	data, ok := older.body["data"].(map[string]any)
	if !ok || data["intent_id"] == nil {
		t.Fatalf("older: %s", older.raw)
	}
	if listed := rows(t, get(t, p, "/api/agents/recipe-muse/intents"), "intents"); len(listed) != 6 {
		t.Errorf("listed: %v", listed)
	}
	mine := postJSON(t, p, "/api/intents/list", `{"agent_id":"recipe-muse"}`)
	if !strings.Contains(string(mine.raw), "mix a salad") || strings.Contains(string(mine.raw), "schedule an appointment") {
		t.Errorf("mine: %s", mine.raw)
	}
	own := postJSON(t, p, "/api/intents/search", `{"query":"bake a cake","limit":5,"includeSelf":true}`)
	if found := rows(t, own, "results"); len(found) == 0 || found[0]["intent"] != "bake a cake" || found[0]["similarity"] == nil || found[0]["agentUrl"] == "" {
		t.Errorf("own: %s", own.raw)
	}
	others := rows(t, postJSON(t, p, "/api/intents/search", `{"intent":"translate a contract","top_k":3}`), "results")
	if len(others) == 0 || others[0]["name"] != "legal-translator" || others[0]["score"] == nil {
		t.Errorf("others: %v", others)
	}
	if gone := postJSON(t, p, "/api/intents/delete", fmt.Sprintf(`{"intent_id":%q}`, data["intent_id"])); gone.status != 200 {
		t.Errorf("delete: %s", gone.raw)
	}
	if again := postJSON(t, p, "/api/intents/delete", fmt.Sprintf(`{"intent_id":%q}`, data["intent_id"])); again.status != 404 {
		t.Errorf("delete again: %d", again.status)
	}
	if health := get(t, p, "/api/intents/health"); health.body["ready"] != true {
		t.Errorf("health: %s", health.raw)
	}
}

func TestDiscoveryAndAuth(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	found := postJSON(t, p, "/api/discovery", `{"query":"translate a contract","limit":5,"types":["agents","intents","posts"]}`)
	if !strings.Contains(string(found.raw), `"username":"legal-translator"`) || !strings.Contains(string(found.raw), `"agent_username":"legal-translator"`) || !strings.Contains(string(found.raw), `"posts":[]`) {
		t.Errorf("discovery: %s", found.raw)
	}
	for target, status := range map[string]int{"/api/discovery/posts?q=x": 200, "/api/discovery/everything": 404} {
		if got := get(t, p, target); got.status != status {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	if valid := postJSON(t, p, "/api/auth/validate-key", fmt.Sprintf(`{"apiKey":%q}`, p.UserKey())); valid.body["success"] != true || !strings.Contains(string(valid.raw), "dana@example.com") {
		t.Errorf("validate: %s", valid.raw)
	}
	if other := postJSON(t, p, "/api/auth/validate-key", fmt.Sprintf(`{"apiKey":%q}`, otherUser(t, p))); strings.Contains(string(other.raw), "lexa") {
		t.Errorf("another's key shows their address: %s", other.raw)
	}
	if bad := postJSON(t, p, "/api/auth/validate-key", `{"apiKey":"x"}`); bad.status != 401 {
		t.Errorf("bad key: %d", bad.status)
	}
	assertion := fmt.Sprint(postJSON(t, p, "/api/auth/owner-assertion", `{"agentId":"recipe-muse","ttlSeconds":99999}`).body["assertion"])
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(assertion, claims); err != nil || claims["owner_user_id"] != demoUserID ||
		claims["aud"] != "webagents-agent:"+seedID("agent", "recipe-muse") || claims["exp"].(float64)-claims["iat"].(float64) != 300 {
		t.Errorf("assertion: %v, %v", claims, err)
	}
	if session := postJSON(t, p, "/api/auth/cli/token", `{}`); session.body["expires_in"] != 604800.0 || strings.Count(fmt.Sprint(session.body["access_token"]), ".") != 2 {
		t.Errorf("cli: %s", session.raw)
	}
	created := postJSON(t, p, "/api/access-tokens", `{"name":"a","limitPerUse":5,"expiresAt":"2027-01-01T00:00:00Z"}`)
	row, _ := created.body["accessToken"].(map[string]any)
	changed := send(t, p, p.UserKey(), http.MethodPatch, "/api/access-tokens/"+fmt.Sprint(row["id"]), "", `{"name":"b","limitTotal":9}`)
	if !strings.Contains(string(changed.raw), `"name":"b"`) || !strings.Contains(string(changed.raw), `"limitTotal":9`) || !strings.Contains(string(changed.raw), `"limitPerUse":5`) {
		t.Errorf("change: %s", changed.raw)
	}
	if listed := rows(t, get(t, p, "/api/access-tokens"), "accessTokens"); len(listed) != 1 || strings.Contains(fmt.Sprint(listed), fmt.Sprint(created.body["token"])) {
		t.Errorf("list: %v", listed)
	}
	if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/access-tokens/"+fmt.Sprint(row["id"]), "", ""); gone.status != 200 {
		t.Errorf("delete: %s", gone.raw)
	}
	for _, bad := range []string{`{}`, `{"name":"x","limitDaily":-1}`, `{"name":"x","expiresAt":"soon"}`} {
		if got := postJSON(t, p, "/api/access-tokens", bad); got.status != 400 {
			t.Errorf("%s: %d", bad, got.status)
		}
	}
}

func TestProfilesPlayOneGeneration(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, target       string
		both, in2025, in2026 int
	}{
		{"GET", "/api/agents/by-name/recipe-muse", 200, 200, 404},
		{"GET", "/api/agents/recipe-muse", 200, 200, 200},
		{"PATCH", "/api/agents/recipe-muse", 200, 405, 200},
		{"PUT", "/api/agents/recipe-muse", 200, 200, 405},
		{"GET", "/api/balance", 200, 404, 200},
		{"GET", "/api/balance/transactions", 200, 404, 200},
		{"GET", "/api/user/credits", 200, 200, 404},
		{"GET", "/api/content", 200, 200, 401},
		{"POST", "/api/content", 400, 400, 405},
		{"POST", "/api/content/upload", 400, 404, 400},
		{"POST", "/api/agents/search", 400, 400, 404},
		{"GET", "/api/discovery/agents?search=x", 200, 404, 200},
		{"POST", "/api/payments/verify", 200, 404, 200},
		{"GET", "/api/tokens/validate", 200, 200, 404},
		{"GET", "/api/x402/supported", 200, 200, 404},
		{"GET", "/api/agents/recipe-muse/similar", 200, 200, 404},
		{"GET", "/api/agents/recipe-muse/content", 200, 404, 200},
	}
	for profile, want := range map[Profile]func(int) int{
		ProfileBoth: func(i int) int { return tests[i].both }, Profile2025: func(i int) int { return tests[i].in2025 }, Profile2026: func(i int) int { return tests[i].in2026 },
	} {
		p := open(t, Options{Profile: profile})
		for i, test := range tests {
			body := ""
			if test.method == "PATCH" || test.method == "PUT" {
				body = `{"description":"x"}`
			}
			if got := send(t, p, p.UserKey(), test.method, test.target, "application/json", body); got.status != want(i) {
				t.Errorf("profile %q, %s %s: %d, want %d", profile, test.method, test.target, got.status, want(i))
			}
		}
	}
	if key := get(t, open(t, Options{Profile: Profile2026}), "/api/agents/recipe-muse/api-key"); strings.Contains(string(key.raw), "apiKey") || key.body["key"] == nil {
		t.Errorf("2026 shows a key: %s", key.raw)
	}
	if _, err := ParseProfile("2024"); err == nil {
		t.Error("2024 is no error")
	}
}

func TestFaultsHappenOnTheirRoutes(t *testing.T) {
	t.Parallel()
	var faults []Fault
	for _, text := range []string{"GET /api/balance every=2 status=503 retry-after=7", "* /api/api-keys* truncate", "POST /api/user/transactions reset after", "GET /api/agents delay=1ms"} {
		fault, err := ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, fault)
	}
	p := open(t, Options{Faults: faults})
	server := httptest.NewServer(p.Handler())
	defer server.Close()
	ask := func(method, path, body string) (int, http.Header, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-API-Key", p.UserKey())
		response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
		if err != nil {
			return 0, nil, err
		}
		_, err = io.ReadAll(response.Body)
		_ = response.Body.Close()
		return response.StatusCode, response.Header, err
	}
	for i, want := range []int{200, 503, 200, 503} {
		if status, header, _ := ask("GET", "/api/balance", ""); status != want || (want == 503 && header.Get("Retry-After") != "7") {
			t.Errorf("call %d: %d", i, status)
		}
	}
	if _, _, err := ask("GET", "/api/api-keys", ""); err == nil {
		t.Error("the answer is whole")
	}
	if _, _, err := ask("POST", "/api/user/transactions", `{"amount":"1"}`); err == nil {
		t.Error("the connection held")
	}
	if status, _, err := ask("GET", "/api/user/credits", ""); status != 200 || err != nil {
		t.Errorf("another route: %d, %v", status, err)
	}
	if left := creditsOfUser(t, p, p.UserKey()); left != "86.4215" {
		t.Errorf("the charge before the reset left %s", left)
	}
	if status, _, err := ask("GET", "/api/agents", ""); status != 200 || err != nil {
		t.Errorf("a late answer: %d, %v", status, err)
	}
	for _, bad := range []string{"", "GET /x", "GET x status=500", "GET /x status=200", "GET /x every=0", "GET /x percent=200", "GET /x explode", "GET /x delay=soon", "GET /x status=many"} {
		if _, err := ParseFault(bad); err == nil {
			t.Errorf("%q is a fault", bad)
		}
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{RateLimits: true, Now: func() time.Time { return now }})
	for i := range 61 {
		got := postJSON(t, p, "/api/discovery", `{"query":"x"}`)
		if want := map[bool]int{true: 429, false: 200}[i == 60]; got.status != want {
			t.Fatalf("call %d: %d", i, got.status)
		}
		if i == 60 && got.header.Get("Retry-After") != "60" {
			t.Errorf("Retry-After = %q", got.header.Get("Retry-After"))
		}
	}
	if other := sendAs(t, p, otherUser(t, p), "POST", "/api/discovery", `{"query":"x"}`); other.status != 200 {
		t.Errorf("another caller: %d", other.status)
	}
	now = now.Add(time.Minute)
	if later := postJSON(t, p, "/api/discovery", `{"query":"x"}`); later.status != 200 {
		t.Errorf("a minute later: %d", later.status)
	}
}

func TestOwnSeedData(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Seed: []byte(`{"users":[{"name":"Me","email":"me@example.com","plan":"Free"}],
		"agents":[{"name":"only-one","instructions":"Be.","model":"m","intents":["be"]}],"transactions":[{"type":"addition","amount":"3","description":"gift"}]}`)})
	if got := rows(t, get(t, p, "/api/agents"), "agents"); len(got) != 1 || got[0]["name"] != "only-one" || creditsOfUser(t, p, p.UserKey()) != "3" {
		t.Errorf("agents: %v", got)
	}
	for _, bad := range []string{`{}`, `[`, `{"users":[{"name":"x","email":"y"}],"transactions":[{"type":"gift","amount":"1"}]}`} {
		if _, err := Open(context.Background(), Options{Database: MemoryDatabase, Seed: []byte(bad)}); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

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

func TestAgentFilesAreReadAndUnlinked(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	id := fmt.Sprint(uploadFile(t, p, key, "/api/content/upload", "soup.txt", "hot", nil).body["id"])
	binary := fmt.Sprint(uploadFile(t, p, key, "/api/content/upload", "soup.bin", "\xff\x00", nil).body["id"])
	for target, want := range map[string]string{
		"/api/agents/recipe-muse/content/" + id:                    `"text":"hot"`,
		"/api/agents/recipe-muse/content/" + id + "?format=base64": `"base64":"aG90"`,
		"/api/agents/recipe-muse/content/" + binary:                `"base64":"/wA="`,
		"/api/agents/recipe-muse/content?q=soup.t":                 `"displayName":"soup.txt"`,
	} {
		if got := get(t, p, target); got.status != 200 || !strings.Contains(string(got.raw), want) {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
	for target, status := range map[string]int{
		"/api/agents/recipe-muse/content/" + binary + "?format=text": 400, "/api/agents/recipe-muse/content/" + id + "?format=x": 400,
		"/api/agents/dana-assistant/content/" + id: 404,
	} {
		if got := get(t, p, target); got.status != status {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/agents/recipe-muse/content/"+id, "", ""); gone.status != 200 {
		t.Errorf("unlink: %s", gone.raw)
	}
	if still := get(t, p, "/api/content/"+id); string(still.raw) != "hot" {
		t.Errorf("the owner's library lost it: %s", still.raw)
	}
}

// BenchmarkSearch looks for an agent among ten thousand.
func BenchmarkSearch(b *testing.B) {
	p := open(b, Options{})
	tx, err := p.database.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	topics := []string{"soil", "glass", "violin", "harbor", "tax", "cheese", "orbit", "paper", "tunnel", "bees"}
	for i := range 10_000 {
		a := &agent{
			id: seedID("bench", strconv.Itoa(i)), userID: demoUserID, name: fmt.Sprintf("bench-%d", i), model: "m", isPublic: true,
			description: fmt.Sprintf("Knows %s and %s, number %d.", topics[i%10], topics[i/10%10], i), intents: []string{"ask about " + topics[i/100%10]},
		}
		if err := insertAgent(b.Context(), tx, a); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if found, err := p.search(b.Context(), caller{userID: demoUserID}, searchQuery{text: "violin and cheese expert", limit: 10}); err != nil || len(found) != 10 {
			b.Fatal(len(found), err)
		}
	}
}

// TestNoRouteMixesUsers sends another user's key to every route, with the demo user's ids in every place that takes
// one, and looks for anything of the demo user's in the answers.
func TestNoRouteMixesUsers(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	tokenID, _ := mintToken(t, p, "1", "")
	keyID := fmt.Sprint(rows(t, get(t, p, "/api/api-keys"), "keys")[0]["id"])
	ids := strings.NewReplacer(
		"{agent}", "dana-assistant", "{name}", "dana-assistant", "{part}", "intents", "{kind}", "users", "{key}", keyID,
		"{content}", seedID("file", "meeting-notes.md"), "{token}", tokenID, "{lock}", tokenID, "{integration}", tokenID, "{chat}", tokenID, "{function}", "f",
	)
	other := otherUser(t, p)
	private := []string{"dana", "Dana", "87.4215", "86.4215", "meeting-notes", "recipe agent in spring", keyID, tokenID}
	for _, table := range p.tables() {
		for pattern := range table {
			method, path, _ := strings.Cut(pattern, " ")
			for _, body := range []string{"", `{"agentId":"dana-assistant","tokenId":"` + tokenID + `","agent_id":"dana-assistant","query":"diary of appointments","includeSelf":true}`} {
				if method == "GET" {
					path = strings.Split(path, "?")[0]
				}
				got := sendAs(t, p, other, method, ids.Replace(path)+"?query=diary&search=diary&capabilities=calendar&fileName=meeting-notes.md", body)
				if got.status >= 500 {
					t.Errorf("%s: %d %s", pattern, got.status, got.raw)
				}
				for _, secret := range private {
					if strings.Contains(string(got.raw), secret) {
						t.Errorf("%s shows %q: %s", pattern, secret, got.raw)
					}
				}
			}
		}
	}
	if left := creditsOfUser(t, p, p.UserKey()); left != "86.4215" || get(t, p, "/api/agents/dana-assistant").status != 200 {
		t.Errorf("the demo user has %s", left)
	}
	checkLedger(t, p)
}

func TestRoutesOfOlderClients(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	made := postJSON(t, p, "/api/user/integrations", `{"name":"x","type":"mcp","protocol":"mcp"}`)
	row, _ := made.body["integration"].(map[string]any)
	id := fmt.Sprint(row["id"])
	lexa := seedID("user", "office@lexa.example")
	for _, test := range []struct {
		method, target, body string
		status               int
		says                 string
	}{
		{"GET", "/api/user/integrations", "", 200, id},
		{"GET", "/api/user/integrations/" + id, "", 200, `"type":"mcp"`},
		{"POST", "/api/user/integrations", `{"type":"fax"}`, 400, "type must be"},
		{"DELETE", "/api/user/integrations/" + id, "", 200, "success"},
		{"GET", "/api/user/integrations/" + id, "", 404, "integration not found"},
		{"GET", "/api/content/agent?isOwner=true&scope=all", "", 200, `"content":[{`},
		{"DELETE", "/api/content?fileName=brand-brief.md", "", 200, "success"},
		{"DELETE", "/api/content?fileName=brand-brief.md", "", 404, "file not found"},
		{"POST", "/api/credits/transfer", `{"toUserId":"` + lexa + `","amount":"2.5","reason":"thanks"}`, 200, `"amount":"2.5"`},
		{"POST", "/api/credits/transfer", `{"toUserId":"nobody","amount":"1"}`, 400, "another user"},
		{"POST", "/api/credits/transfer", `{"toUserId":"` + lexa + `","amount":"1000"}`, 402, "available: 84.9215"},
		{"PATCH", "/api/user", `{"name":"Dana D."}`, 200, "Dana D."},
		{"PATCH", "/api/user", `{}`, 400, "name is required"},
		{"POST", "/api/agents/heartbeat", `{"agentId":"recipe-muse","load":"7"}`, 200, "online"},
		{"POST", "/api/agents/heartbeat", `{"agentId":"legal-translator"}`, 404, "agent not found"},
		{"GET", "/api/agents/unreads", "", 200, `"unreads":[]`},
		{"GET", "/api/agents/recipe-muse/status", "", 200, `"visibility":"public"`},
		{"GET", "/api/agents/recipe-muse/username", "", 200, `"username":"recipe-muse"`},
		{"GET", "/api/agents/recipe-muse/payment-tokens?status=active", "", 200, `"tokens":[]`},
		{"GET", "/api/config", "", 200, "robutler-sandbox"},
		{"POST", "/api/auth/agent/register", `{}`, 410, "no longer register"},
		{"GET", "/.well-known/ucp", "", 200, "/api/payments/lock"},
	} {
		if got := send(t, p, p.UserKey(), test.method, test.target, "application/json", test.body); got.status != test.status || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s %s: %d %s", test.method, test.target, got.status, got.raw)
		}
	}
	keyID := fmt.Sprint(rows(t, get(t, p, "/api/api-keys"), "keys")[0]["id"])
	if got := get(t, p, "/api/api-keys/"+keyID); got.status != 200 || got.body["key"] == nil {
		t.Errorf("key: %s", got.raw)
	}
	checkLedger(t, p)
}

func TestAccessTokensSpendWithinTheirLimits(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{Now: func() time.Time { return now }})
	created := postJSON(t, p, "/api/access-tokens", `{"name":"x","limitDaily":200000000,"limitTotal":300000000,"limitPerUse":150000000,"expiresAt":"2026-11-27T00:00:00Z"}`)
	token := fmt.Sprint(created.body["token"])
	row, _ := created.body["accessToken"].(map[string]any)
	charge := func(amount string) answer {
		return sendAs(t, p, token, "POST", "/api/user/transactions", fmt.Sprintf(`{"amount":%q}`, amount))
	}
	for _, step := range []struct {
		amount string
		status int
		says   string
	}{
		{"1.6", 402, "per use limit"}, {"1.5", 200, ""}, {"0.6", 402, "daily limit does not cover it: required: 0.6, available: 0.5"}, {"0.5", 200, ""}, {"0.000000001", 402, "daily"},
	} {
		if got := charge(step.amount); got.status != step.status || !strings.Contains(string(got.raw), step.says) {
			t.Errorf("%s: %d %s", step.amount, got.status, got.raw)
		}
	}
	now = now.Add(24 * time.Hour)
	if got := charge("1.1"); got.status != 402 || !strings.Contains(string(got.raw), "total limit") {
		t.Errorf("the next day: %s", got.raw)
	}
	if got := sendAs(t, p, token, "POST", "/api/user/tokens", `{"amount":"1"}`); got.status != 200 {
		t.Errorf("a payment token within the limit: %s", got.raw)
	}
	if shown := get(t, p, "/api/access-tokens/"+fmt.Sprint(row["id"])); !strings.Contains(string(shown.raw), `"spentDaily":100000000`) || !strings.Contains(string(shown.raw), `"spentTotal":300000000`) {
		t.Errorf("spent: %s", shown.raw)
	}
	for _, target := range []string{"/api/api-keys", "/api/access-tokens", "/api/auth/cli/token"} {
		if got := sendAs(t, p, token, "POST", target, `{"name":"more"}`); got.status != 403 {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	now = now.Add(48 * time.Hour)
	if got := sendAs(t, p, token, "GET", "/api/user", ""); got.status != 401 {
		t.Errorf("after its end: %d", got.status)
	}
	checkLedger(t, p)
}

func TestACommandLinesTokenWorksUntilItEnds(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{Now: func() time.Time { return now }})
	token := fmt.Sprint(postJSON(t, p, "/api/auth/cli/token", `{}`).body["access_token"])
	if got := sendAs(t, p, token, "GET", "/api/user", ""); got.status != 200 {
		t.Errorf("%d %s", got.status, got.raw)
	}
	_, payment := mintToken(t, p, "1", "")
	for _, other := range []string{payment, token[:len(token)-2] + "xx", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."} {
		if got := sendAs(t, p, other, "GET", "/api/user", ""); got.status != 401 {
			t.Errorf("%.20s: %d", other, got.status)
		}
	}
	now = now.Add(commandLineLife)
	if got := sendAs(t, p, token, "GET", "/api/user", ""); got.status != 401 {
		t.Errorf("after its end: %d", got.status)
	}
}

func TestConversationsAndFunctions(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	kept := postJSON(t, p, "/api/agents/recipe-muse/conversations", `{"sessionId":"s","messages":[{"role":"user","content":"Leeks?"}]}`)
	chat := fmt.Sprint(kept.body["chatId"])
	if more := postJSON(t, p, "/api/agents/recipe-muse/conversations", fmt.Sprintf(`{"sessionId":"s","chatId":%q,"messages":[{"role":"assistant","content":"Soup."}]}`, chat)); more.body["chatId"] != chat {
		t.Errorf("more: %s", more.raw)
	}
	for _, test := range []struct {
		method, target, body string
		status               int
		says                 string
	}{
		{"GET", "/api/agents/recipe-muse/conversations?limit=5", "", 200, `"messageCount":2,"preview":"Soup."`},
		{"GET", "/api/agents/recipe-muse/conversations/" + chat, "", 200, `{"role":"assistant","content":"Soup."}`},
		{"GET", "/api/agents/dana-assistant/conversations/" + chat, "", 404, "conversation not found"},
		{"POST", "/api/agents/recipe-muse/conversations", `{"sessionId":"s"}`, 400, "messages"},
		{"POST", "/api/agents/recipe-muse/functions", `{"name":"soup","manifest":{"runtime":"js"},"source":"x"}`, 200, `"ok":true`},
		{"POST", "/api/agents/recipe-muse/functions", `{"name":"1","manifest":{}}`, 400, "name must"},
		{"GET", "/api/agents/recipe-muse/functions", "", 200, `"declaration":{"runtime":"js"}`},
		{"GET", "/api/agents/recipe-muse/functions/soup/source", "", 200, `"source":"x"`},
		{"GET", "/api/agents/recipe-muse/functions/soup/invocations", "", 200, `"invocations":[]`},
		{"POST", "/api/agents/recipe-muse/functions/soup/validate", `{"manifest":5}`, 200, "manifest must be an object"},
		{"POST", "/api/agents/recipe-muse/functions/soup/invoke", `{}`, 501, "does not run functions"},
		{"DELETE", "/api/agents/recipe-muse/functions/soup", "", 200, `"ok":true`},
		{"GET", "/api/agents/recipe-muse/functions/soup", "", 404, "function not found"},
		{"POST", "/api/agents/publish", `{"name":"newcomer","description":"d","intents":["x"],"visibility":"public"}`, 200, "/agents/newcomer"},
		{"POST", "/api/agents/publish", `{"name":"newcomer","description":"e","visibility":"internal"}`, 200, "/agents/newcomer"},
		{"GET", "/api/agents/newcomer", "", 200, `"description":"e"`},
		{"POST", "/api/agents/publish", `{"name":"legal-translator"}`, 409, "exists"},
		{"POST", "/api/agents/recipe-muse/deregister", "", 200, "success"},
		{"POST", "/api/discovery/announce", `{"url":"u","intents":[]}`, 400, "own key"},
		{"POST", "/api/intents/subscribe", `{"queryText":"soup","threshold":0.1}`, 400, "threshold"},
	} {
		if got := send(t, p, p.UserKey(), test.method, test.target, "application/json", test.body); got.status != test.status || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s %s: %d %s", test.method, test.target, got.status, got.raw)
		}
	}
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	if got := sendAs(t, p, key, "POST", "/api/discovery/announce", `{"url":"https://muse.example","intents":[{"intent":"stew","description":"d"}]}`); got.body["announced"] != 1.0 {
		t.Errorf("announce: %s", got.raw)
	}
	if now := rows(t, get(t, p, "/api/agents/recipe-muse/intents"), "intents"); len(now) != 1 || now[0]["intent"] != "stew" {
		t.Errorf("announced: %v", now)
	}
	id := fmt.Sprint(postJSON(t, p, "/api/intents/subscribe", `{"queryText":"soup","threshold":0.8}`).body["id"])
	if listed := rows(t, get(t, p, "/api/intents/subscribe"), "subscriptions"); len(listed) != 1 || listed[0]["id"] != id {
		t.Errorf("subscriptions: %v", listed)
	}
	for _, status := range []int{200, 404} {
		if got := send(t, p, p.UserKey(), http.MethodDelete, "/api/intents/subscribe?id="+id, "", ""); got.status != status {
			t.Errorf("unsubscribe: %d", got.status)
		}
	}
}
