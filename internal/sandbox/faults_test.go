package sandbox

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestFaultsHappenOnTheirRoutes(t *testing.T) {
	t.Parallel()
	var faults []Fault
	for _, text := range []string{"GET /api/balance every=2 status=503 retry-after=7", "* /api/api-keys* truncate", "POST /api/user/transactions reset after", "GET /api/agents delay=1ms"} {
		fault, err := ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, fault)
	}
	p := open(t, Options{Faults: faults})
	server := httptest.NewServer(p.Handler())
	defer server.Close()
	ask := func(method, path, body string) (int, http.Header, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-API-Key", p.UserKey())
		response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
		if err != nil {
			return 0, nil, err
		}
		_, err = io.ReadAll(response.Body)
		_ = response.Body.Close()
		return response.StatusCode, response.Header, err
	}
	for i, want := range []int{200, 503, 200, 503} {
		if status, header, _ := ask("GET", "/api/balance", ""); status != want || (want == 503 && header.Get("Retry-After") != "7") {
			t.Errorf("call %d: %d", i, status)
		}
	}
	if _, _, err := ask("GET", "/api/api-keys", ""); err == nil {
		t.Error("the answer is whole")
	}
	if _, _, err := ask("POST", "/api/user/transactions", `{"amount":"1"}`); err == nil {
		t.Error("the connection held")
	}
	if status, _, err := ask("GET", "/api/user/credits", ""); status != 200 || err != nil {
		t.Errorf("another route: %d, %v", status, err)
	}
	if left := creditsOfUser(t, p, p.UserKey()); left != "86.4215" {
		t.Errorf("the charge before the reset left %s", left)
	}
	if status, _, err := ask("GET", "/api/agents", ""); status != 200 || err != nil {
		t.Errorf("a late answer: %d, %v", status, err)
	}
	for _, bad := range []string{"", "GET /x", "GET x status=500", "GET /x status=200", "GET /x every=0", "GET /x percent=200", "GET /x explode", "GET /x delay=soon", "GET /x status=many"} {
		if _, err := ParseFault(bad); err == nil {
			t.Errorf("%q is a fault", bad)
		}
	}
}

func TestAPercentageOfFaultsIsOne(t *testing.T) {
	t.Parallel()
	for _, percent := range []int{1, 30, 60, 99, 100} {
		fault, err := ParseFault(fmt.Sprintf("GET /api/health percent=%d status=503", percent))
		if err != nil {
			t.Fatal(err)
		}
		p := open(t, Options{Faults: []Fault{fault}})
		failed := 0
		for range 100 {
			if get(t, p, "/api/health").status == 503 {
				failed++
			}
		}
		if failed != percent {
			t.Errorf("%d percent: %d of 100 failed", percent, failed)
		}
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	now := noon()
	p := open(t, Options{RateLimits: true, Now: func() time.Time { return now }})
	for i := range 61 {
		got := postJSON(t, p, "/api/discovery", `{"query":"x"}`)
		if want := map[bool]int{true: 429, false: 200}[i == 60]; got.status != want {
			t.Fatalf("call %d: %d", i, got.status)
		}
		if i == 60 && got.header.Get("Retry-After") != "60" {
			t.Errorf("Retry-After = %q", got.header.Get("Retry-After"))
		}
	}
	if other := sendAs(t, p, otherUser(t, p), "POST", "/api/discovery", `{"query":"x"}`); other.status != 200 {
		t.Errorf("another caller: %d", other.status)
	}
	second := fmt.Sprint(postJSON(t, p, "/api/api-keys", `{"name":"second"}`).body["rawKey"])
	if again := sendAs(t, p, second, "POST", "/api/discovery", `{"query":"x"}`); again.status != 429 {
		t.Errorf("another key of the same user: %d", again.status)
	}
	for i := range 200 {
		if stranger := sendAs(t, p, fmt.Sprintf("rok_%d", i), "POST", "/api/discovery", `{}`); stranger.status != 401 {
			t.Fatalf("a wrong key: %d", stranger.status)
		}
	}
	if counted := len(p.limits.counts); counted != 2 {
		t.Errorf("%d callers are counted", counted)
	}
	now = now.Add(time.Minute)
	if later := postJSON(t, p, "/api/discovery", `{"query":"x"}`); later.status != 200 {
		t.Errorf("a minute later: %d", later.status)
	}
}

func TestOwnSeedData(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Seed: []byte(`{"users":[{"name":"Me","email":"me@example.com","plan":"Free"}],
		"agents":[{"name":"only-one","instructions":"Be.","model":"m","intents":["be"]}],"transactions":[{"type":"addition","amount":"3","description":"gift"}]}`)})
	if got := rows(t, get(t, p, "/api/agents"), "agents"); len(got) != 1 || got[0]["name"] != "only-one" || creditsOfUser(t, p, p.UserKey()) != "3" {
		t.Errorf("agents: %v", got)
	}
	for _, bad := range []string{`{}`, `[`, `{"users":[{"name":"x","email":"y"}],"transactions":[{"type":"gift","amount":"1"}]}`} {
		if _, err := Open(context.Background(), Options{Database: MemoryDatabase, Seed: []byte(bad)}); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}
