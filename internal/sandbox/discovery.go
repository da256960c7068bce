package sandbox

import (
	"cmp"
	"slices"
)

// discoveryKinds are what the 2026 portal can be searched for. This platform has agents, intents and users.
func discoveryKinds() []string {
	return []string{"agents", "intents", "posts", "channels", "tags", "users"}
}

// discover is the portal's search over everything.
func (p *Platform) discover(r *request) (any, error) {
	var input struct {
		Query string   `json:"query"`
		Limit count    `json:"limit"`
		Types []string `json:"types"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	for _, kind := range input.Types {
		if !slices.Contains(discoveryKinds(), kind) {
			return nil, badRequest("types must be of agents, intents, posts, channels, tags, users")
		}
	}
	if input.Limit > 50 {
		return nil, badRequest("limit must be a whole number from 1 to 50")
	}
	q, err := newSearchQuery(input.Query, "", int(input.Limit), 0)
	if err != nil {
		return nil, err
	}
	results, total := members{}, 0
	for _, kind := range discoveryKinds() {
		if len(input.Types) > 0 && !slices.Contains(input.Types, kind) {
			continue
		}
		found, err := p.discoverKind(r, kind, q)
		if err != nil {
			return nil, err
		}
		results[kind] = found
		total += len(found)
	}
	return members{"results": results, "total_results": total}, nil
}

func (p *Platform) discoverKind(r *request, kind string, q searchQuery) ([]members, error) {
	switch kind {
	case "agents":
		matches, err := p.search(r.Context(), r.caller, q)
		if err != nil {
			return nil, err
		}
		rows := make([]members, 0, len(matches))
		for _, m := range matches {
			rows = append(rows, members{"username": m.agent.name, "display_name": m.agent.name, "reputation": 0})
		}
		return rows, nil
	case "intents":
		ranked, err := p.rankIntents(r.Context(), r.caller, q, true)
		if err != nil {
			return nil, err
		}
		rows := make([]members, 0, len(ranked))
		for _, intent := range ranked {
			rows = append(rows, members{
				"agent_username": intent["name"], "agent_id": intent["agent_id"], "intent": intent["intent"],
				"description": intent["description"], "similarity": intent["similarity"],
			})
		}
		return rows, nil
	default:
		return []members{}, nil
	}
}

// discoverNothing answers for what this platform does not have: posts, channels, tags.
func (p *Platform) discoverNothing(r *request) (any, error) {
	if _, err := bounded(r.URL.Query().Get("limit"), "limit", defaultResults, 1, maxResults); err != nil {
		return nil, err
	}
	kind := cmp.Or(r.PathValue("kind"), "results")
	if !slices.Contains([]string{"posts", "channels", "users", "tags"}, kind) {
		return nil, notFound("route")
	}
	return members{kind: []members{}, "results": []members{}}, nil
}
