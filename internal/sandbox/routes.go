package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// action answers a request of a known caller with the body of a success, or with written when it wrote by itself.
type action func(*request) (any, error)

// written is the body of an answer that is sent already.
type written struct{}

// request is an HTTP request and who makes it.
type request struct {
	*http.Request
	writer http.ResponseWriter
	caller caller
}

// route is what a pattern leads to, who may come that way, and which generations of the platform have it.
type route struct {
	act    action
	admits admission
	eras   eras
}

// eras are the generations that serve a route.
type eras uint8

const (
	in2025 eras = 1 << iota
	in2026
	// aside is a route that neither generation's portal has, though clients ask for it: played only where both are.
	aside
	// session is one that the portal of 2026 has for browsers alone.
	session

	always = in2025 | in2026
)

// in says whether a profile plays the route at all.
func (e eras) in(profile Profile) bool {
	switch profile {
	case Profile2025:
		return e&in2025 != 0
	case Profile2026:
		return e&(in2026|session) != 0
	default:
		return true
	}
}

// table is every route. Both generations are served side by side.
func (p *Platform) table() map[string]route {
	all := map[string]route{}
	for _, part := range []map[string]route{
		p.agentRoutes(), p.agentWorkRoutes(), p.discoveryRoutes(), p.contentRoutes(), p.accountRoutes(), p.tokenRoutes(), p.paymentRoutes(),
	} {
		maps.Copy(all, part)
	}
	return all
}

// routes serves what the played generation has, and answers for the rest as a portal without it does.
func (p *Platform) routes() http.Handler {
	mux := http.NewServeMux()
	parts := agentParts{}
	all := p.table()
	played := map[string][]string{}
	for pattern, entry := range all {
		if method, path, _ := strings.Cut(pattern, " "); entry.eras.in(p.profile) {
			played[path] = append(played[path], method)
		}
	}
	for pattern, entry := range all {
		_, path, _ := strings.Cut(pattern, " ")
		handler := p.guarded(pattern, entry)
		switch {
		case !entry.eras.in(p.profile):
			handler = func(w http.ResponseWriter, _ *http.Request) { p.respondFailure(w, refuseMethod(w, played[path])) }
		case p.profile == Profile2026 && entry.eras&session != 0:
			handler = func(w http.ResponseWriter, _ *http.Request) { p.respondFailure(w, sessionRequired()) }
		}
		if !parts.take(pattern, handler) {
			mux.Handle(pattern, handler)
		}
	}
	mux.HandleFunc("/api/agents/{agent}/{part}", func(w http.ResponseWriter, r *http.Request) { parts.serve(p, w, r) })
	return p.framed(mux)
}

// refuseMethod tells the methods that a path does take, if any.
func refuseMethod(w http.ResponseWriter, allowed []string) *failure {
	if len(allowed) == 0 {
		return notFound("route")
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return fail(http.StatusMethodNotAllowed, "method_not_allowed", "method not allowed")
}

// sessionRequired is the portal's answer where it takes a browser's session alone.
func sessionRequired() *failure {
	return fail(http.StatusUnauthorized, "session_required", "this route takes a browser's session, not an API key")
}

// agentParts are the routes one level below an agent, by their part and method. The routes of 2025 put by-name in the
// place of the agent's id, which no pattern of the mux can tell from an agent of that name.
type agentParts map[string]map[string]http.Handler

const byName = "by-name"

// take keeps a route that stands one level below an agent.
func (parts agentParts) take(pattern string, handler http.Handler) bool {
	method, path, _ := strings.Cut(pattern, " ")
	part, below := strings.CutPrefix(path, "/api/agents/{agent}/")
	if path == "/api/agents/"+byName+"/{name}" {
		part, below = byName, true
	}
	if !below || strings.Contains(part, "/") {
		return false
	}
	if parts[part] == nil {
		parts[part] = map[string]http.Handler{}
	}
	parts[part][method] = handler
	return true
}

func (parts agentParts) serve(p *Platform, w http.ResponseWriter, r *http.Request) {
	part := r.PathValue("part")
	if r.PathValue("agent") == byName {
		r.SetPathValue("name", part)
		part = byName
	} else if part == byName {
		part = ""
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if handler, known := parts[part][method]; known {
		handler.ServeHTTP(w, r)
		return
	}
	p.respondFailure(w, refuseMethod(w, slices.Collect(maps.Keys(parts[part]))))
}
