package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/contract"
)

// TestContract lets the client read what the platform's description says that each generation answers. The other
// generation's routes are absent, so that the fallback is part of it.
func TestContract(t *testing.T) {
	t.Parallel()
	cases, err := contract.Cases()
	if err != nil {
		t.Fatal(err)
	}
	calls := invocations()
	covered := map[string]bool{}
	for name, c := range cases {
		covered[c.Operation] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			route := routeOf(t, c)
			served := false
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", "application/json")
				if r.Method != route.Method || !pattern(route.Path).MatchString(r.URL.Path) {
					w.WriteHeader(http.StatusNotFound)
					_, _ = io.WriteString(w, `{"error":"no such route"}`)
					return
				}
				served = true
				w.WriteHeader(c.Response.Status)
				_, _ = w.Write(c.Response.Body)
			}))
			defer server.Close()
			if err := calls[c.Operation](t.Context(), newClient(t, server.URL)); err != nil || !served {
				t.Errorf("served %t, error %v", served, err)
			}
		})
	}
	for _, operation := range client.Operations() {
		if !covered[operation.Method] && operation.Method != "Content.Read" { // which answers with a file, not with JSON
			t.Errorf("%s has no case", operation.Method)
		}
	}
}

// routeOf finds the route of the client's table that a case is about.
func routeOf(t *testing.T, c contract.Case) client.Route {
	t.Helper()
	path, _, _ := strings.Cut(c.Request.Path, "?")
	for _, operation := range client.Operations() {
		if operation.Method != c.Operation {
			continue
		}
		for _, route := range operation.Routes {
			if route.Method == c.Request.Method && pattern(route.Path).MatchString("/api"+path) {
				return route
			}
		}
	}
	t.Fatalf("%s %s is no route of %s", c.Request.Method, path, c.Operation)
	return client.Route{}
}

// pattern is a route's path with anything in the place of its placeholders.
func pattern(path string) *regexp.Regexp {
	return regexp.MustCompile("^/api" + regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "[^/]+") + "$")
}
