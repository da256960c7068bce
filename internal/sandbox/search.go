package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
)

// The bounds of a search.
const (
	maxQueryLength = 10_000
	maxQueryTerms  = 32
	searchWindow   = 500 // candidates that are ranked
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

// search ranks the agents that the caller may see. The similarity is the share of the query's terms that an agent
// has, each weighed by how rare it is, with a small part for how often it has them (BM25).
func (p *Platform) search(ctx context.Context, who caller, q searchQuery) ([]match, error) {
	terms := queryTerms(q.text)
	if len(terms) == 0 {
		return []match{}, nil
	}
	weights, err := p.termWeights(ctx, who, terms)
	if err != nil {
		return nil, err
	}
	candidates, err := p.candidates(ctx, who, terms)
	if err != nil {
		return nil, err
	}
	if err := p.coverage(ctx, candidates, terms, weights, q.everyTerm); err != nil {
		return nil, err
	}
	matches := make([]match, 0, len(candidates))
	for _, c := range candidates {
		if c.similarity >= q.minSimilarity && c.similarity > 0 {
			matches = append(matches, c.match)
		}
	}
	slices.SortFunc(matches, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.similarity, a.similarity), strings.Compare(a.agent.name, b.agent.name))
	})
	return matches[:min(len(matches), q.limit)], nil
}

// candidate is an agent that has at least one of the terms, with its BM25.
type candidate struct {
	match
	bm25 float64
}

func (p *Platform) candidates(ctx context.Context, who caller, terms []string) (map[int64]*candidate, error) {
	rows, err := p.database.QueryContext(ctx, "SELECT "+agentColumns+`, -bm25(agents_search, 4, 2, 3, 2) AS rank
		FROM agents_search JOIN agents a ON a.row = agents_search.rowid
		WHERE agents_search MATCH ? AND (a.is_public OR a.user_id = ?)
		ORDER BY rank DESC, a.name LIMIT ?`, strings.Join(terms, " OR "), who.userID, searchWindow)
	if err != nil {
		return nil, fmt.Errorf("search agents: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	found := map[int64]*candidate{}
	for rows.Next() {
		c := &candidate{}
		if c.agent, err = scanAgent(rows, &c.bm25); err != nil {
			return nil, err
		}
		found[c.agent.row] = c
	}
	return found, rows.Err()
}

// termWeights weighs each term by how few agents have it. A term that none has counts half: it may be a name or a
// word for something else. Only agents that the caller may see count: else a rank would tell what others keep private.
func (p *Platform) termWeights(ctx context.Context, who caller, terms []string) ([]float64, error) {
	var total float64
	if err := p.database.QueryRowContext(ctx, "SELECT count(*) FROM agents WHERE is_public OR user_id = ?", who.userID).Scan(&total); err != nil {
		return nil, err
	}
	weights := make([]float64, len(terms))
	for i, term := range terms {
		var having float64
		if err := p.database.QueryRowContext(ctx,
			`SELECT count(*) FROM agents_search JOIN agents a ON a.row = agents_search.rowid
			WHERE agents_search MATCH ? AND (a.is_public OR a.user_id = ?)`, term, who.userID).Scan(&having); err != nil {
			return nil, fmt.Errorf("weigh a term: %w", err)
		}
		weights[i] = math.Log(1 + (total+1)/(having+1))
		if having == 0 {
			weights[i] /= 2
		}
	}
	return weights, nil
}

// bm25Share is the part of the similarity that BM25 gives; bm25Half is the BM25 that gives half of it.
const (
	bm25Share = 0.15
	bm25Half  = 5
)

// coverage sets the similarity of the candidates.
func (p *Platform) coverage(ctx context.Context, candidates map[int64]*candidate, terms []string, weights []float64, everyTerm bool) error {
	whole := 0.0
	covered := make(map[int64]float64, len(candidates))
	hits := make(map[int64]int, len(candidates))
	for i, term := range terms {
		whole += weights[i]
		having, err := p.rowsHaving(ctx, term)
		if err != nil {
			return err
		}
		for _, row := range having {
			covered[row] += weights[i]
			hits[row]++
		}
	}
	for row, c := range candidates {
		if everyTerm && hits[row] < len(terms) {
			continue
		}
		rank := max(c.bm25, 0)
		similarity := (1-bm25Share)*covered[row]/whole + bm25Share*rank/(rank+bm25Half)
		c.similarity = math.Round(min(similarity, 1)*1e4) / 1e4
	}
	return nil
}

func (p *Platform) rowsHaving(ctx context.Context, term string) ([]int64, error) {
	rows, err := p.database.QueryContext(ctx, "SELECT rowid FROM agents_search WHERE agents_search MATCH ?", term)
	if err != nil {
		return nil, fmt.Errorf("find a term: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var having []int64
	for rows.Next() {
		var row int64
		if err := rows.Scan(&row); err != nil {
			return nil, err
		}
		having = append(having, row)
	}
	return having, rows.Err()
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
