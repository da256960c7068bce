package server

import (
	"net/http"
	"strings"
	"testing"
)

const page = "https://app.example.com"

// The page of an allowed origin is let ask, and read what it needs; any other learns nothing.
func TestPreflight(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{AllowedOrigins: []string{page}})
	for path, methods := range map[string]string{
		"/mcp": "POST, GET, DELETE", "/sse": "GET", "/message": "POST", "/healthz": "GET, HEAD", "/readyz": "GET, HEAD",
	} {
		asks := []string{"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type", "Sec-Fetch-Site: cross-site"}
		response := run.do(http.MethodOptions, path, "", append(asks, "Origin: "+page)...)
		header := response.Header
		if response.StatusCode != http.StatusNoContent || header.Get("Access-Control-Allow-Methods") != methods ||
			header.Get("Allow") != methods || header.Get("Access-Control-Max-Age") == "" ||
			!strings.Contains(strings.Join(header.Values("Vary"), ", "), "Access-Control-Request-Headers") {
			t.Errorf("%s: status %d, %v", path, response.StatusCode, header)
		}
		checkHeaders(t, response)
		if header.Get("Access-Control-Allow-Private-Network") != "" || header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: more is allowed than was asked for: %v", path, header)
		}
		response = run.do(http.MethodOptions, path, "", append(asks, "Origin: https://evil.example")...)
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s, a foreign page: status %d", path, response.StatusCode)
		}
		checkHeaders(t, response)
	}
}

func TestPreflightAllowsWhatClientsSend(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{AllowedOrigins: []string{page}})
	response := run.do(http.MethodOptions, "/mcp", "", "Origin: "+page, "Access-Control-Request-Method: POST",
		"Access-Control-Request-Private-Network: true")
	allowed := map[string]bool{}
	for name := range strings.SplitSeq(response.Header.Get("Access-Control-Allow-Headers"), ", ") {
		allowed[strings.ToLower(name)] = true
	}
	for _, name := range []string{
		"content-type", "authorization", "mcp-session-id", "mcp-protocol-version", "mcp-method", "mcp-name", "last-event-id",
		"x-mcp-toolsets", "x-mcp-tools", "x-mcp-exclude-tools", "x-mcp-readonly", "x-mcp-no-money", "traceparent", "tracestate",
	} {
		if !allowed[name] {
			t.Errorf("%s may not be sent: %v", name, allowed)
		}
	}
	if response.Header.Get("Access-Control-Allow-Private-Network") != "true" {
		t.Error("a page that is allowed by name cannot reach a loopback address")
	}
}

func TestPagesReadAnswers(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{AllowedOrigins: []string{page}})
	origin := "Origin: " + page
	response := run.do(http.MethodPost, "/mcp", initializeLine, origin)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("initialize: %d", response.StatusCode)
	}
	for _, answer := range []*http.Response{
		response, run.do(http.MethodGet, "/sse", "", origin), run.do(http.MethodPost, "/mcp", "{", origin),
		run.do(http.MethodPut, "/mcp", "", origin), run.do(http.MethodGet, "/nowhere", "", origin), run.do(http.MethodGet, "/healthz", "", origin),
	} {
		checkHeaders(t, answer)
		exposed := answer.Header.Get("Access-Control-Expose-Headers")
		for _, name := range []string{"Mcp-Session-Id", "WWW-Authenticate", "Retry-After"} {
			if !strings.Contains(exposed, name) {
				t.Errorf("%s %s: %s cannot be read", answer.Request.Method, answer.Request.URL.Path, name)
			}
		}
	}
}

// A page is asked for its token, and can read how: a preflight carries none.
func TestPagesAreAskedForATokenThatTheyCanSend(t *testing.T) {
	run, _ := startCallers(t, HTTPOptions{AllowedOrigins: []string{page}})
	origin := "Origin: " + page
	response := run.do(http.MethodOptions, "/mcp", "", origin, "Access-Control-Request-Method: POST",
		"Access-Control-Request-Headers: authorization")
	if response.StatusCode != http.StatusNoContent {
		t.Errorf("preflight: status %d", response.StatusCode)
	}
	checkHeaders(t, response)
	response = run.do(http.MethodPost, "/mcp", initializeLine, origin)
	if response.StatusCode != http.StatusUnauthorized || response.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("without a token: status %d, %v", response.StatusCode, response.Header)
	}
	checkHeaders(t, response)
}
