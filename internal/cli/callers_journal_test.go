package cli

import (
	"net/http"
	"strings"
	"testing"
)

// TestJournalsAreApart: what one caller was asked, agreed to, lost and spent is nothing to the other.
func TestJournalsAreApart(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"passthrough", "oidc"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			p := startPlatform(t)
			base, _ := startServer(t, p, mode, "--max-spend-per-day", "0.5")
			alice, bob := connect(t, base, "legacy", p.alice), connect(t, base, "legacy", p.bob)
			redeem := func(amount string, more map[string]any) map[string]any {
				return merged(map[string]any{"token": strings.TrimPrefix(seededToken, "token="), "amount_usd": amount}, more)
			}
			keyed := redeem("0.2", map[string]any{"idempotency_key": "order-1"})

			asked := alice.call("redeem_payment_token", keyed)
			handle := asked.text("confirmation")
			if handle == "" {
				t.Fatalf("%+v", asked)
			}
			if stolen := bob.call("redeem_payment_token", merged(keyed, map[string]any{"confirmation": handle})); stolen.failure.Code != "confirmation_invalid" {
				t.Errorf("the handle of alice went through for bob: %+v", stolen)
			}
			if done := alice.call("redeem_payment_token", merged(keyed, map[string]any{"confirmation": handle})); done.text("status") != "done" {
				t.Fatalf("%+v", done)
			}
			if own := bob.do("redeem_payment_token", keyed); own.text("status") != "done" || own.Structured["replayed"] == true {
				t.Errorf("bob was given the result of alice: %+v", own)
			}

			p.lose(`0.25`)
			if lost := alice.do("redeem_payment_token", redeem("0.25", nil)); lost.failure.Code != "outcome_unknown" {
				t.Fatalf("%+v", lost)
			}
			for who, want := range map[*caller]int{alice: 1, bob: 0} {
				listed := who.call("list_pending_payments", map[string]any{})
				if rows, _ := listed.Structured["calls"].([]any); len(rows) != want {
					t.Errorf("%s has %v", who.who.name, listed.Structured)
				}
			}
			if over := alice.do("redeem_payment_token", redeem("0.1", nil)); over.failure.Code != "limit_exceeded" {
				t.Errorf("alice is over the limit of the day: %+v", over)
			}
			if within := bob.do("redeem_payment_token", redeem("0.1", nil)); within.text("status") != "done" {
				t.Errorf("bob is within the limit of the day: %+v", within)
			}
		})
	}
}

// TestSessionsAreApart: the session of one caller does not exist for another.
func TestSessionsAreApart(t *testing.T) {
	t.Parallel()
	p := startPlatform(t)
	base, printed := startServer(t, p, "oidc")
	for _, kind := range []string{"legacy", "sse"} {
		alice, bob := connect(t, base, kind, p.alice), connect(t, base, kind, p.bob)
		own := bob.session
		bob.session = alice.session
		if got := bob.ask("tools/list", map[string]any{}); got.status != http.StatusNotFound {
			t.Errorf("%s: bob was answered in the session of alice: %+v", kind, got)
		}
		if kind == "legacy" {
			for _, method := range []string{http.MethodGet, http.MethodDelete} {
				response, err := bob.web.Do(bob.request(t.Context(), method, "/mcp", nil, map[string]string{"Mcp-Session-Id": alice.session}))
				if err != nil {
					t.Fatal(err)
				}
				if _ = response.Body.Close(); response.StatusCode != http.StatusNotFound {
					t.Errorf("%s: %d", method, response.StatusCode)
				}
			}
		}
		bob.session = own
		for _, c := range []*caller{alice, bob} {
			if got := c.ask("tools/list", map[string]any{}); got.status != http.StatusOK {
				t.Errorf("%s: the own session of %s is gone: %+v", kind, c.who.name, got)
			}
		}
	}
	if strings.Count(printed.String(), "a caller used the session of another one") != 4 {
		t.Errorf("the log does not tell: %s", printed)
	}
}

// TestStrangersAreRefused before anything is kept for them.
func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	for mode, challenge := range map[string]string{"passthrough": `Bearer realm="robutler-mcp"`, "oidc": `/.well-known/oauth-protected-resource/mcp"`} {
		p := startPlatform(t)
		base, _ := startServer(t, p, mode)
		stranger := &caller{t: t, base: base, kind: "legacy", who: &user{name: "stranger", bearer: "rok_made_up_0123456789"}, web: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
		if got := stranger.ask("initialize", map[string]any{"protocolVersion": "2025-06-18"}); got.status != http.StatusUnauthorized ||
			stranger.session != "" || !strings.Contains(got.header.Get("WWW-Authenticate"), challenge) {
			t.Errorf("%s: %+v", mode, got)
		}
		stranger.kind = "modern"
		called := stranger.call("get_user", map[string]any{})
		if mode == "passthrough" && (called.failure.Code != "auth_invalid" || !strings.Contains(called.Content[0].Text, "as its bearer")) {
			t.Errorf("%+v", called)
		}
		if mode == "oidc" && called.answered.status != http.StatusUnauthorized {
			t.Errorf("%+v", called)
		}
		for path, status := range map[string]int{
			"/healthz": 200, "/readyz": 200, "/sse": 401, "/mcp": 401, "/message?sessionId=x": 401,
			"/.well-known/oauth-protected-resource": map[string]int{"oidc": 200, "passthrough": 404}[mode],
		} {
			request := stranger.request(t.Context(), http.MethodGet, path, nil, nil)
			request.Header.Del("Authorization")
			response, err := stranger.web.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if _ = response.Body.Close(); response.StatusCode != status {
				t.Errorf("%s: %s: %d", mode, path, response.StatusCode)
			}
		}
	}
}
