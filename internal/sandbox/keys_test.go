package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

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
