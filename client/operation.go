package client

import "net/http"

// Generation names a wire generation of the platform.
type Generation int

// The generations that this client speaks.
const (
	// Generation2025 is the platform of autumn 2025, which the Robutler Python SDK was written for.
	Generation2025 Generation = 2025
	// Generation2026 is the platform since March 2026.
	Generation2026 Generation = 2026
)

// route is one way to ask for an operation. Path placeholders stand in braces and fill whole segments.
type route struct {
	generation Generation
	method     string
	path       string
}

// operation is a call of the platform: what it is called in errors, what it does, and its routes, preferred first.
type operation struct {
	index  int
	name   string
	class  Class
	routes []route
}

// operations is the client's whole table, in the order of their indexes.
type operations struct {
	agentList, agentGet, agentGetByName, agentCreate, agentSearch operation
	contentList, contentUpload                                    operation
	userGet, creditsGet, transactionList                          operation
	apiKeyList                                                    operation
	count                                                         int
}

func newOperations() *operations {
	next := 0
	declare := func(name string, class Class, routes ...route) operation {
		next++
		return operation{index: next - 1, name: name, class: class, routes: routes}
	}
	get := func(g Generation, path string) route { return route{g, http.MethodGet, path} }
	post := func(g Generation, path string) route { return route{g, http.MethodPost, path} }

	o := &operations{
		agentList: declare("list agents", Read, get(Generation2026, "/agents")),
		agentGet:  declare("get agent", Read, get(Generation2026, "/agents/{agent}")),
		agentGetByName: declare("get agent", Read,
			get(Generation2026, "/agents/{agent}"), get(Generation2025, "/agents/by-name/{agent}")),
		agentCreate: declare("create agent", Create, post(Generation2026, "/agents")),
		// The 2026 portal's own agent search gives no similarity, so the ranked 2025 route goes first.
		agentSearch: declare("search agents", Read,
			post(Generation2025, "/agents/search"), get(Generation2026, "/discovery/agents")),
		contentList: declare("list content", Read, get(Generation2025, "/content")),
		contentUpload: declare("upload content", Create,
			post(Generation2026, "/content/upload"), post(Generation2025, "/content")),
		userGet: declare("get user", Read, get(Generation2026, "/user")),
		creditsGet: declare("get credits", Read,
			get(Generation2026, "/balance"), get(Generation2025, "/user/credits")),
		transactionList: declare("list transactions", Read,
			get(Generation2026, "/balance/transactions"), get(Generation2025, "/user/transactions")),
		apiKeyList: declare("list API keys", Read, get(Generation2026, "/api-keys")),
	}
	o.count = next
	return o
}
