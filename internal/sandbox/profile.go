package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Profile says which generation of the platform is played.
type Profile string

// The profiles.
const (
	// ProfileBoth serves the routes of both generations side by side.
	ProfileBoth Profile = ""
	// Profile2025 serves what clients of autumn 2025 know.
	Profile2025 Profile = "2025"
	// Profile2026 serves what the portal of 2026 does.
	Profile2026 Profile = "2026"
)

// ParseProfile reads a profile's name: 2025, 2026 or both.
func ParseProfile(name string) (Profile, error) {
	switch name {
	case "", "both":
		return ProfileBoth, nil
	case string(Profile2025), string(Profile2026):
		return Profile(name), nil
	default:
		return "", fmt.Errorf("%q is none of 2025, 2026, both", name)
	}
}

// since2026 are the routes that the platform of 2025 did not have.
func since2026() []string {
	return []string{
		"/api/balance", "/api/payments/", "/api/content/upload", "/api/discovery", "/api/users/me", "/api/access-tokens",
		"/api/auth/", "/.well-known/", "/api/spending-overrides", "/api/intents/create", "/api/intents/update", "/api/intents/subscribe", "/api/llm/",
	}
}

// agentPartsSince2026 are what agents did not have below them in 2025.
func agentPartsSince2026() []string {
	return []string{"content", "conversations", "functions", "integrations", "revisions", "username"}
}

// agentPartOf gives what a path names below an agent, such as content, or nothing.
func agentPartOf(path string) string {
	rest, isAgent := strings.CutPrefix(path, "/api/agents/")
	agent, part, _ := strings.Cut(rest, "/")
	part, _, _ = strings.Cut(part, "/")
	if !isAgent || agent == "by-name" {
		return ""
	}
	return part
}

// until2026 are the routes that the portal of 2026 does not have any more.
func until2026() []string {
	return []string{
		"/api/agents/by-name/", "/api/agents/search", "/api/agents/discover", "/api/content/agent-access", "/api/user/credits",
		"/api/user/transactions", "/api/user/integrations", "/api/credits/transfer", "/api/config", "/api/content/agent", "/api/user/tokens", "/api/token/", "/api/tokens/", "/api/x402/", "/api/intents/publish",
	}
}

// lacks says how the played generation refuses a request, or nothing.
func (profile Profile) lacks(r *http.Request) *failure {
	has := func(prefixes []string) bool {
		for _, prefix := range prefixes {
			if r.URL.Path == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(r.URL.Path, strings.TrimSuffix(prefix, "/")+"/") {
				return true
			}
		}
		return false
	}
	switch profile {
	case Profile2025:
		if r.Method == http.MethodPatch {
			return fail(http.StatusMethodNotAllowed, "method_not_allowed", "method not allowed")
		}
		if has(since2026()) || slices.Contains(agentPartsSince2026(), agentPartOf(r.URL.Path)) {
			return notFound("route")
		}
	case Profile2026:
		switch {
		case r.URL.Path == "/api/content" && r.Method == http.MethodPost,
			strings.HasPrefix(r.URL.Path, "/api/agents/") && r.Method == http.MethodPut && agentPartOf(r.URL.Path) != "username":
			return fail(http.StatusMethodNotAllowed, "method_not_allowed", "method not allowed")
		case r.URL.Path == "/api/content" || (strings.HasPrefix(r.URL.Path, "/api/content/") && r.Method == http.MethodDelete):
			return fail(http.StatusUnauthorized, "session_required", "this route takes a browser's session, not an API key")
		case has(until2026()), agentPartOf(r.URL.Path) == "similar":
			return notFound("route")
		}
	case ProfileBoth:
	}
	return nil
}
