package sandbox

import (
	"strings"
	"testing"
)

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
		{"GET", "/api/agents/recipe-muse/revisions", 200, 404, 200},
		{"GET", "/api/agents/recipe-muse/integrations", 200, 404, 200},
		{"PUT", "/api/agents/recipe-muse/username", 400, 404, 400},
		{"POST", "/api/agents/recipe-muse/api-key", 200, 200, 200},
		{"POST", "/api/auth/owner-assertion", 404, 404, 404},
		{"GET", "/api/auth/jwks", 200, 404, 404},
		{"GET", "/.well-known/jwks.json", 200, 404, 200},
		{"POST", "/api/agents/publish", 400, 400, 404},
		{"GET", "/api/agents/recipe-muse/conversations", 200, 404, 404},
		{"GET", "/api/agents/recipe-muse/payment-tokens", 200, 200, 404},
		{"GET", "/api/agents/recipe-muse/status", 200, 200, 200},
		{"GET", "/api/api-keys/" + seedID("key", "laptop"), 404, 404, 405},
		{"GET", "/api/payments/tokens/none/tree", 404, 404, 404},
		{"DELETE", "/api/content/none", 404, 404, 401},
		{"DELETE", "/api/content?fileName=none", 404, 404, 405},
		{"GET", "/api/content/none", 404, 404, 404},
		{"POST", "/api/agents/none/nothing", 404, 404, 404},
	}
	for profile, want := range map[Profile]func(int) int{
		ProfileBoth: func(i int) int { return tests[i].both }, Profile2025: func(i int) int { return tests[i].in2025 }, Profile2026: func(i int) int { return tests[i].in2026 },
	} {
		p := open(t, Options{Profile: profile})
		for i, test := range tests {
			body := ""
			if test.method == "PATCH" || test.method == "PUT" || strings.HasSuffix(test.target, "publish") {
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
	older := open(t, Options{Profile: Profile2025})
	if made := postJSON(t, older, "/api/agents", `{"name":"content","instructions":"x"}`); made.status != 200 || get(t, older, "/api/agents/by-name/content").status != 200 {
		t.Error("2025 does not find an agent that is called content")
	}
	if _, err := ParseProfile("2024"); err == nil {
		t.Error("2024 is no error")
	}
}
