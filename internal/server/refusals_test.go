package server

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRefusalsAreCounted, each by its reason.
func TestRefusalsAreCounted(t *testing.T) {
	w := &witness{}
	s, err := New(Options{Catalog: collect(t, whoTools()...), Version: "1", Observer: w, Logger: discard()})
	if err != nil {
		t.Fatal(err)
	}
	s.clock = &heldClock{at: time.Unix(1_800_000_000, 0)}
	run := startHTTP(t, s, HTTPOptions{Authenticator: badges{}, RateLimits: RateLimits{Read: 5}})
	session := run.session(as("alice")...)
	call := func(name, tool string) {
		text(t, run.do(http.MethodPost, "/mcp", modernCall("1", tool), as(name, modernHeaders(tool)...)...))
	}
	open, shutdown, err := s.HTTPHandler(HTTPOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = shutdown(t.Context()) }()
	huge := func(length int64) {
		r := post(t.Context(), strings.Repeat(" ", maxMessage+1))
		r.ContentLength = length
		open.ServeHTTP(newRecorder(), r)
	}
	for reason, refused := range map[string]func(){
		refusedOrigin:      func() { run.do(http.MethodGet, "/healthz", "", "Origin: https://elsewhere.example") },
		refusedHost:        func() { run.do(http.MethodGet, "/healthz", "", "Host: elsewhere.example") },
		refusedCredential:  func() { run.do(http.MethodGet, "/sse", "", as("")...) },
		refusedUnavailable: func() { run.do(http.MethodGet, "/sse", "", as("fault")...) },
		refusedPermission:  func() { call("alice-reader", "settle") },
		refusedForeign:     func() { run.do(http.MethodPost, "/mcp", callLine("1", "get_agent", "{}"), as("bob", session)...) },
		refusedTooLarge:    func() { huge(-1) },
		refusedRate: func() {
			for range 5*burstSeconds + 1 {
				call("dave", "get_agent")
			}
		},
		refusedCapacity: func() {
			for range maxListeners + 1 {
				run.do(http.MethodGet, "/mcp", "", as("alice", session)...)
			}
		},
	} {
		if w.saw("refusal " + reason) {
			t.Errorf("%s is counted too early", reason)
		}
		refused()
		if !w.saw("refusal " + reason) {
			t.Errorf("%s is not counted", reason)
		}
	}
}
