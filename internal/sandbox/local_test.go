package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A web page reaches this machine's platform under a foreign name or from a foreign origin: either is refused before
// anything happens. Programs, and pages of the platform's own address, are served.
func TestLocalHandlerRefusesWebPages(t *testing.T) {
	p := open(t, Options{})
	web := httptest.NewServer(p.LocalHandler())
	t.Cleanup(web.Close)
	own := strings.TrimPrefix(web.URL, "http://")
	for _, test := range []struct {
		name, host, origin, site string
		status                   int
	}{
		{"program", own, "", "", http.StatusOK},
		{"loopback name", "localhost:1", "", "", http.StatusOK},
		{"own page", own, web.URL, "same-origin", http.StatusOK},
		{"foreign origin", own, "https://evil.example", "", http.StatusForbidden},
		{"opaque origin", own, "null", "cross-site", http.StatusForbidden},
		{"another port's page", own, "http://127.0.0.1:1", "same-site", http.StatusForbidden},
		{"plain GET of a foreign page", own, "", "cross-site", http.StatusForbidden},
		{"foreign name", "evil.example", "", "", http.StatusForbidden},
		{"foreign name, its own origin", "evil.example", "http://evil.example", "same-origin", http.StatusForbidden},
	} {
		for _, route := range []string{"GET /api/health", "GET /api/content", "POST /api/agents", "OPTIONS /api/agents"} {
			method, path, _ := strings.Cut(route, " ")
			request, err := http.NewRequestWithContext(t.Context(), method, web.URL+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = test.host
			request.Header.Set("Authorization", "Bearer "+p.UserKey())
			for name, value := range map[string]string{"Origin": test.origin, "Sec-Fetch-Site": test.site} {
				if value != "" {
					request.Header.Set(name, value)
				}
			}
			response, err := web.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if refused := response.StatusCode == http.StatusForbidden; refused != (test.status == http.StatusForbidden) {
				t.Errorf("%s, %s: status %d %s", test.name, route, response.StatusCode, body)
			}
			if response.Header.Get("Access-Control-Allow-Origin") != "" || strings.Contains(string(body), "evil") {
				t.Errorf("%s, %s: %v %s", test.name, route, response.Header, body)
			}
		}
	}
}
