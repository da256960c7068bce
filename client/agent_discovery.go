package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Discover finds agents that have any of some capabilities, at most limit of them: 1 to 100, 10 when 0.
//
// Routes: GET /agents/discover (2025), GET /discovery/agents (2026, as a search for the words).
func (s *AgentsService) Discover(ctx context.Context, capabilities []string, limit int) ([]AgentMatch, error) {
	o := s.client.operation(agentDiscover)
	if len(capabilities) == 0 {
		return nil, invalidArgument(o.Name, "at least one capability is needed")
	}
	limit = resultLimit(limit)
	got, err := s.client.do(ctx, o, call{adapt: func(to Route) call {
		query := url.Values{"limit": {strconv.Itoa(limit)}}
		if to.Generation == Generation2026 {
			query.Set("search", strings.Join(capabilities, " "))
			query.Set("type", "agent")
		} else {
			query["capabilities"] = capabilities
		}
		return call{query: query.Encode()}
	}})
	if err != nil {
		return nil, err
	}
	return decodeMatches(o, got.body, 0, limit)
}

// FindSimilar finds agents that are like another, at most limit of them: 1 to 100, 10 when 0.
//
// Route: GET /agents/{id or name}/similar (2025).
func (s *AgentsService) FindSimilar(ctx context.Context, idOrName string, limit int) ([]AgentMatch, error) {
	o := s.client.operation(agentSimilar)
	limit = resultLimit(limit)
	got, err := s.client.do(ctx, o, call{
		identifiers: map[string]string{"agent": idOrName}, query: url.Values{"limit": {strconv.Itoa(limit)}}.Encode(),
	})
	if err != nil {
		return nil, err
	}
	return decodeMatches(o, got.body, 0, limit)
}

// Intents gives the intents that an agent has published.
//
// Route: GET /agents/{id or name}/intents.
func (s *AgentsService) Intents(ctx context.Context, idOrName string) ([]Intent, error) {
	o := s.client.operation(agentIntents)
	got, err := s.client.do(ctx, o, call{identifiers: map[string]string{"agent": idOrName}})
	if err != nil {
		return nil, err
	}
	var wire struct {
		Intents rows[Intent] `json:"intents"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	return wire.Intents.must(o)
}

// searchCall is a search in the form that a route wants.
func searchCall(to Route, query string, limit int, mode string, minimum float64) call {
	if to.Method == http.MethodGet {
		return call{query: url.Values{"search": {query}, "type": {"agent"}, "limit": {strconv.Itoa(limit)}}.Encode()}
	}
	return call{body: map[string]any{
		"query": query, "fields": []string{"name", "description", "intents"},
		"limit": limit, "mode": mode, "minSimilarity": minimum,
	}}
}

func resultLimit(limit int) int {
	if limit <= 0 {
		return DefaultSearchResults
	}
	return min(limit, maxSearchResults)
}

// decodeMatches reads the rows of a search and keeps those that are similar enough.
func decodeMatches(o *operation, body []byte, minimum float64, limit int) ([]AgentMatch, error) {
	var wire struct {
		Agents  rows[AgentMatch] `json:"agents"`
		Results rows[AgentMatch] `json:"results"`
	}
	if err := decodeAnswer(o, body, &wire); err != nil {
		return nil, err
	}
	if !wire.Agents.found {
		wire.Agents = wire.Results
	}
	found, err := wire.Agents.must(o)
	if err != nil {
		return nil, err
	}
	return keepSimilar(found, minimum, limit), nil
}
