package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

func TestAgentsHaveIntegrationsOfTheirOwn(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	const target = "/api/agents/recipe-muse/integrations"
	var ids []string
	for i := range 5 {
		made := postJSON(t, p, target, fmt.Sprintf(`{"name":" pantry %d ","type":"mcp","protocol":"mcp"}`, i))
		if made.status != 200 || member(made.body, "integration.name") != fmt.Sprintf("pantry %d", i) {
			t.Fatalf("create: %s", made.raw)
		}
		ids = append(ids, member(made.body, "integration.id"))
	}
	var paged []map[string]any
	for offset := 0; offset < 5; offset += 2 {
		paged = append(paged, rows(t, get(t, p, fmt.Sprintf("%s?limit=2&offset=%d", target, offset)), "integrations")...)
	}
	whole := get(t, p, target)
	if fmt.Sprint(rows(t, whole, "integrations")) != fmt.Sprint(paged) || whole.body["total"] != 5.0 {
		t.Errorf("pages: %v, whole: %s", paged, whole.raw)
	}
	owner := member(postJSON(t, p, "/api/user/integrations", `{"name":"mine"}`).body, "integration.id")
	for _, test := range []struct {
		method, target, body string
		status               int
		says                 string
	}{
		{"PATCH", target + "/" + ids[0], `{"protocol":"http"}`, 200, `"name":"pantry 0","protocol":"http","type":"mcp"`},
		{"PATCH", target + "/" + ids[0], `{"type":"fax"}`, 400, "type must be"},
		{"PATCH", target + "/" + ids[0], `{"name":5}`, 400, "wrong type"},
		{"PATCH", target + "/none", `{}`, 404, "integration not found"},
		{"POST", target, `{"protocol":"smoke"}`, 400, "protocol must be"},
		{"POST", target, `{"name":"` + strings.Repeat("x", 101) + `"}`, 400, "name has at most"},
		{"GET", target + "?limit=1001", "", 400, "limit must be"},
		{"GET", "/api/user/integrations", "", 200, `"total":1`},
		{"GET", "/api/user/integrations/" + ids[0], "", 404, "integration not found"},
		{"DELETE", "/api/user/integrations/" + ids[0], "", 404, "integration not found"},
		{"DELETE", "/api/agents/dana-assistant/integrations/" + ids[0], "", 404, "integration not found"},
		{"PATCH", "/api/agents/dana-assistant/integrations/" + ids[0], "{}", 404, "integration not found"},
		{"DELETE", target + "/" + owner, "", 404, "integration not found"},
		{"DELETE", target + "/" + ids[0], "", 200, "success"},
		{"DELETE", target + "/" + ids[0], "", 404, "integration not found"},
		{"GET", target, "", 200, `"total":4`},
		{"GET", "/api/agents/legal-translator/integrations", "", 403, "owner"},
		{"DELETE", "/api/agents/recipe-muse", "", 200, "success"},
	} {
		if got := sendAs(t, p, p.UserKey(), test.method, test.target, test.body); got.status != test.status || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s %s %s: %d %s", test.method, test.target, test.body, got.status, got.raw)
		}
	}
}
