package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
)

// The bounds of a search.
const (
	maxQueryLength = 10_000
	maxQueryTerms  = 32
	defaultResults = 10
	maxResults     = 100
)

// match is an agent with how well it fits a query, from 0 to 1.
type match struct {
	agent      *agent
	similarity float64
}

func (p *Platform) searchAgents(r *request) (any, error) {
	var input struct {
		Query         string          `json:"query"`
		Limit         count           `json:"limit"`
		MaxResults    count           `json:"maxResults"`
		Mode          string          `json:"mode"`
		MinSimilarity fraction        `json:"minSimilarity"`
		Fields        json.RawMessage `json:"fields"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	q, err := newSearchQuery(input.Query, input.Mode, int(cmp.Or(input.Limit, input.MaxResults)), float64(input.MinSimilarity))
	if err != nil {
		return nil, err
	}
	return p.answerSearch(r, q)
}

// searchAgentsByQuery is the older form of the search, with everything in the query.
func (p *Platform) searchAgentsByQuery(r *request) (any, error) {
	values := r.URL.Query()
	limit, err := bounded(values.Get("limit"), "limit", defaultResults, 1, maxResults)
	if err != nil {
		return nil, err
	}
	var least fraction
	if err := least.UnmarshalJSON([]byte(values.Get("min_similarity"))); err != nil {
		return nil, badRequest("min_similarity must be a number from 0 to 1")
	}
	q, err := newSearchQuery(values.Get("query"), values.Get("mode"), limit, float64(least))
	if err != nil {
		return nil, err
	}
	return p.answerSearch(r, q)
}

// answerSearch writes rows that clients of every year can read: nested and flat, with every name of the rank.
func (p *Platform) answerSearch(r *request, q searchQuery) (any, error) {
	matches, err := p.search(r.Context(), r.caller, q)
	if err != nil {
		return nil, err
	}
	return matchRows(matches, r.caller), nil
}

func matchRows(matches []match, viewer caller) members {
	rows := make([]members, 0, len(matches))
	for _, m := range matches {
		row := m.agent.body(viewer)
		row["agent"] = m.agent.body(viewer)
		row["agent_id"] = m.agent.id
		row["min_balance"] = row["minimumBalance"]
		row["similarity"], row["score"], row["similarity_score"] = m.similarity, m.similarity, m.similarity
		rows = append(rows, row)
	}
	return members{"agents": rows, "total": len(rows)}
}

// discoverAgents finds agents that have any of the capabilities asked for.
func (p *Platform) discoverAgents(r *request) (any, error) {
	values := r.URL.Query()
	limit, err := bounded(values.Get("limit"), "limit", defaultResults, 1, maxResults)
	if err != nil {
		return nil, err
	}
	q, err := newSearchQuery(strings.Join(values["capabilities"], " "), "", limit, 0)
	if err != nil {
		return nil, fail(http.StatusBadRequest, "bad_request", "capabilities is required")
	}
	return p.answerSearch(r, q)
}

// discoveryAgents is the search of the 2026 portal, which tells no rank.
func (p *Platform) discoveryAgents(r *request) (any, error) {
	values := r.URL.Query()
	limit, err := bounded(values.Get("limit"), "limit", defaultResults, 1, maxResults)
	if err != nil {
		return nil, err
	}
	found, err := p.discoverable(r, cmp.Or(values.Get("search"), values.Get("q")), limit)
	if err != nil {
		return nil, err
	}
	rows := make([]members, 0, len(found))
	for _, a := range found {
		rows = append(rows, members{
			"id": a.id, "username": a.name, "displayName": a.name, "bio": a.description, "reputationScore": 0,
			"trustLevel": "new", "tier": "free", "isOnline": true, "agentUrl": "/agents/" + a.name,
			"scalarReputation": 0, "trustflowScore": 0,
		})
	}
	return members{"agents": rows}, nil
}

// discoverable gives the agents that fit a text, best first, or without a text all by name.
func (p *Platform) discoverable(r *request, text string, limit int) ([]*agent, error) {
	if strings.TrimSpace(text) == "" {
		return p.queryAgents(r.Context(), "SELECT "+agentColumns+
			" FROM agents a WHERE a.is_public OR a.user_id = ? ORDER BY a.name LIMIT ?", r.caller.userID, limit)
	}
	q, err := newSearchQuery(text, "", limit, 0)
	if err != nil {
		return nil, err
	}
	matches, err := p.search(r.Context(), r.caller, q)
	if err != nil {
		return nil, err
	}
	found := make([]*agent, 0, len(matches))
	for _, m := range matches {
		found = append(found, m.agent)
	}
	return found, nil
}
