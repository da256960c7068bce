package server

import (
	"net/http"
	"slices"
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

// checkHeaders checks what every answer carries: only pages whose origin is allowed may read it.
func checkHeaders(t *testing.T, response *http.Response) {
	t.Helper()
	header := response.Header
	if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cache-Control") != "no-store" ||
		!slices.Contains(header.Values("Vary"), "Origin") || header.Get("Content-Encoding") != "" {
		t.Errorf("%s: headers %v", response.Request.URL, header)
	}
	stream := header.Get("Content-Type") == "text/event-stream"
	if unbuffered := header.Get("X-Accel-Buffering") == "no"; unbuffered != stream {
		t.Errorf("%s: headers %v", response.Request.URL, header)
	}
	origin := response.Request.Header.Get("Origin")
	if response.StatusCode == http.StatusForbidden {
		origin = ""
	}
	if got := header.Get("Access-Control-Allow-Origin"); got != origin {
		t.Errorf("%s: Access-Control-Allow-Origin %q for a page of %q", response.Request.URL, got, origin)
	}
	for name := range header {
		if strings.HasPrefix(name, "Access-Control-") && origin == "" {
			t.Errorf("%s: %s must not be sent", response.Request.URL, name)
		}
	}
}

// Each of the three things that tell a browser apart is enough to keep its page out, on every route: of the eight cases
// one passes. A plain GET of a stream is what a foreign page can do without asking.
func TestGuardRefusesEverySignOfAForeignPage(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	stream := run.sse()
	routes := []struct{ method, path, body string }{
		{http.MethodPost, "/mcp", callLine("1", "pay", `{"text":"a"}`)}, {http.MethodGet, "/mcp", ""}, {http.MethodDelete, "/mcp", ""},
		{http.MethodOptions, "/mcp", ""}, {http.MethodGet, "/sse", ""}, {http.MethodPost, stream.endpoint, callLine("1", "pay", `{"text":"a"}`)},
		{http.MethodGet, "/healthz", ""}, {http.MethodHead, "/readyz", ""}, {http.MethodGet, "/nowhere", ""},
	}
	for _, route := range routes {
		for signs := range 8 {
			headers := []string{"Host: " + run.host, "Accept-Encoding: gzip", "Sec-Fetch-Site: same-origin"}
			if route.method != http.MethodDelete || signs != 0 {
				headers = append(headers, session)
			}
			if signs&1 != 0 {
				headers = append(headers, "Host: evil.example")
			}
			if signs&2 != 0 {
				headers = append(headers, "Origin: https://evil.example")
			}
			if signs&4 != 0 {
				headers = append(headers, "Sec-Fetch-Site: cross-site")
			}
			response := run.do(route.method, route.path, route.body, headers...)
			if refused := response.StatusCode == http.StatusForbidden; refused != (signs != 0) {
				t.Errorf("%s %s with %v: status %d", route.method, route.path, headers, response.StatusCode)
			}
			checkHeaders(t, response)
			_ = response.Body.Close()
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
