package server

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/tools"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	clock := &heldClock{at: time.Unix(1_800_000_000, 0)}
	l := newLimits(RateLimits{Read: 10, Money: 0.5}, clock)
	for range 20 {
		if wait := l.take("alice", rateReads); wait != 0 {
			t.Fatalf("wait %v", wait)
		}
	}
	for range 3 { // what is refused does not make the wait longer
		if wait := l.take("alice", rateReads); wait != 100*time.Millisecond {
			t.Errorf("wait %v", wait)
		}
	}
	if l.take("bob", rateReads) != 0 || l.take("alice", rateMessages) != 0 || l.take("alice", rateWrites) != 0 {
		t.Error("one limit reaches into another")
	}
	for range leastBurst {
		l.take("alice", rateMoney)
	}
	if wait := l.take("alice", rateMoney); wait != 2*time.Second {
		t.Errorf("wait %v", wait)
	}
	clock.at = clock.at.Add(2 * time.Second)
	if l.take("alice", rateMoney) != 0 {
		t.Error("who waited as told is refused")
	}
	clock.at = clock.at.Add(-time.Hour) // set back
	if wait := l.take("alice", rateReads); wait > 2*time.Hour {
		t.Errorf("wait %v", wait)
	}
}

func TestLimitsForget(t *testing.T) {
	t.Parallel()
	clock := &heldClock{at: time.Unix(1_800_000_000, 0)}
	l := newLimits(RateLimits{Read: 1}, clock)
	for i := range 3 * maxLimited {
		l.take(strconv.Itoa(i), rateReads)
	}
	if len(l.callers) > maxLimited || l.recent.Len() != len(l.callers) {
		t.Errorf("%d callers", len(l.callers))
	}
	clock.at = clock.at.Add(limitedFor)
	l.take("alice", rateReads)
	if len(l.callers) != 1 {
		t.Errorf("%d callers", len(l.callers))
	}
	if newLimits(RateLimits{}, clock).take("alice", rateReads) != 0 {
		t.Error("no limits limit")
	}
}

// A call over the limit is answered as one, with how long to wait; other messages get HTTP's own answer. The limits of
// one caller and one kind are nothing to others.
func TestTooManyCalls(t *testing.T) {
	s, _ := serve(t, whoTools()...)
	s.clock = &heldClock{at: time.Unix(1_800_000_000, 0)}
	run := startHTTP(t, s, HTTPOptions{Authenticator: badges{}, RateLimits: RateLimits{Read: 0.5, Money: 1}})
	call := func(name, tool string) string {
		return text(t, run.do(http.MethodPost, "/mcp", modernCall("1", tool), as(name, modernHeaders(tool)...)...))
	}
	for range leastBurst {
		call("alice", "get_agent")
	}
	over := call("alice", "get_agent")
	for _, part := range []string{`"isError":true`, tools.CodeRateLimited, `\"retry_after_s\":2`, `"resultType":"complete"`} {
		if !strings.Contains(over, part) {
			t.Errorf("%s is missing: %s", part, over)
		}
	}
	for name, tool := range map[string]string{"bob": "get_agent", "alice": "settle"} {
		if got := call(name, tool); !strings.Contains(got, name) {
			t.Errorf("%s, %s: %s", name, tool, got)
		}
	}
	var statuses []int
	for range leastBurst + 1 {
		response := run.do(http.MethodPost, "/mcp", initializeLine, as("alice")...)
		text(t, response)
		if statuses = append(statuses, response.StatusCode); response.StatusCode == http.StatusTooManyRequests && response.Header.Get("Retry-After") != "2" {
			t.Errorf("headers: %v", response.Header)
		}
	}
	if statuses[leastBurst-1] != http.StatusOK || statuses[leastBurst] != http.StatusTooManyRequests {
		t.Errorf("initialize: %v", statuses)
	}
	if response := run.do(http.MethodGet, "/sse", "", as("alice")...); response.StatusCode != http.StatusTooManyRequests {
		t.Errorf("GET /sse: %d", response.StatusCode)
	}
}

// Without authentication there is one caller, who can be limited, too.
func TestTheOnlyUserCanBeLimited(t *testing.T) {
	s, _ := serve(t, whoTools()...)
	s.clock = &heldClock{at: time.Unix(1_800_000_000, 0)}
	run := startHTTP(t, s, HTTPOptions{RateLimits: RateLimits{Money: 1}})
	var last string
	for range leastBurst + 1 {
		last = text(t, run.do(http.MethodPost, "/mcp", modernCall("1", "settle"), modernHeaders("settle")...))
	}
	if !strings.Contains(last, tools.CodeRateLimited) {
		t.Error(last)
	}
	if id := run.session(); id == "" {
		t.Error("messages are limited, though reads are not")
	}
}
