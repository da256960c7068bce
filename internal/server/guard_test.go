package server

import (
	"net/http"
	"strings"
	"testing"
)

// Every route, every Host, every Origin: only what is meant to pass does.
func TestGuardStandsBeforeEveryRoute(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{
		AllowedHosts:   []string{"mcp.example.com", "[2001:db8::1]:8443", "Proxy.Example.com:8443"},
		AllowedOrigins: []string{"https://app.example.com"},
	})
	_, port, _ := strings.Cut(run.host, ":")
	hosts := map[string]bool{
		run.host: true, "localhost": true, "LOCALHOST:1": true, "127.0.0.1": true, "127.9.9.9:80": true, "[::1]:" + port: true,
		"mcp.example.com": true, "MCP.example.com:444": true, "[2001:db8::1]:8443": true, "proxy.example.com:8443": true,
		"proxy.example.com": false, "evil.example": false, "evil.example:" + port: false, "localhost.evil.example": false,
		"127.0.0.1.evil.example": false, "[2001:db8::1]": false, "192.0.2.1:" + port: false, "0.0.0.0:" + port: false,
	}
	origins := map[string]bool{
		"": true, "https://app.example.com": true,
		"https://evil.example": false, "null": false, "http://localhost": false, "http://" + run.host: false,
		"https://" + run.host: false, "http://evil.example": false, "http://mcp.example.com": false,
		"http://app.example.com": false, "https://app.example.com:444": false, "https://app.example.com.evil.example": false,
	}
	routes := []struct{ method, path string }{
		{http.MethodPost, "/mcp"}, {http.MethodGet, "/mcp"}, {http.MethodDelete, "/mcp"}, {http.MethodOptions, "/mcp"},
		{http.MethodPost, "/sse"}, {http.MethodPost, "/message"}, {http.MethodGet, "/healthz"}, {http.MethodGet, "/readyz"},
		{http.MethodGet, "/elsewhere"},
	}
	for _, route := range routes {
		for host, hostGood := range hosts {
			for origin, originGood := range origins {
				headers := []string{"Host: " + host}
				if origin != "" {
					headers = append(headers, "Origin: "+origin)
				}
				response := run.do(route.method, route.path, cancelLine("{}"), headers...)
				body := text(t, response)
				own := origin == "http://"+host && host != "mcp.example.com" // a page of this server, on loopback
				if passed := response.StatusCode != http.StatusForbidden; passed != (hostGood && (originGood || own)) {
					t.Errorf("%s %s, Host %q, Origin %q: status %d", route.method, route.path, host, origin, response.StatusCode)
				}
				checkHeaders(t, response)
				if strings.Contains(body, "evil") {
					t.Errorf("the refusal repeats what it refuses: %s", body)
				}
			}
		}
	}
}

// checkHeaders checks what every answer carries.
func checkHeaders(t *testing.T, response *http.Response) {
	t.Helper()
	if response.Header.Get("X-Content-Type-Options") != "nosniff" || response.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: headers %v", response.Request.URL, response.Header)
	}
	for name := range response.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s: %s must not be sent", response.Request.URL, name)
		}
	}
}

// Browsers send no Origin with a plain GET of a foreign page, but say where it comes from.
func TestGuardRefusesForeignPagesWithoutOrigin(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	for site, status := range map[string]int{
		"cross-site": http.StatusForbidden, "same-site": http.StatusForbidden,
		"none": http.StatusOK, "same-origin": http.StatusOK,
	} {
		response := run.do(http.MethodGet, "/healthz", "", "Sec-Fetch-Site: "+site)
		text(t, response)
		if response.StatusCode != status {
			t.Errorf("%s: status %d", site, response.StatusCode)
		}
	}
	for _, path := range []string{"/sse", "/mcp"} {
		response := run.do(http.MethodGet, path, "", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors")
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("GET %s of a foreign page: status %d", path, response.StatusCode)
		}
	}
}

func TestGuardRefusesBadLists(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	for _, o := range []HTTPOptions{
		{AllowedHosts: []string{""}}, {AllowedHosts: []string{"*"}}, {AllowedHosts: []string{"https://a.example"}},
		{AllowedHosts: []string{"a.example/path"}}, {AllowedHosts: []string{"user@a.example"}}, {AllowedHosts: []string{"a.example:http"}},
		{AllowedOrigins: []string{"*"}}, {AllowedOrigins: []string{"null"}}, {AllowedOrigins: []string{"a.example"}},
		{AllowedOrigins: []string{"https://a.example/"}}, {AllowedOrigins: []string{""}},
	} {
		if _, _, err := s.HTTPHandler(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
