package sandbox

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// searchIntents ranks the agents for the query and each one's intents by the words that they share with it. The
// caller's own are left out unless asked for.
func (p *Platform) searchIntents(r *request) (any, error) {
	var input struct {
		Query       string `json:"query"`
		Intent      string `json:"intent"`
		Limit       count  `json:"limit"`
		TopK        count  `json:"top_k"`
		IncludeSelf bool   `json:"includeSelf"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	q, err := newSearchQuery(cmp.Or(input.Query, input.Intent), "", int(cmp.Or(input.Limit, input.TopK)), 0)
	if err != nil {
		return nil, err
	}
	results, err := p.rankIntents(r.Context(), r.caller, q, input.IncludeSelf)
	if err != nil {
		return nil, err
	}
	return members{"success": true, "message": "found", "results": results, "data": members{"results": results}}, nil
}

func (p *Platform) rankIntents(ctx context.Context, who caller, q searchQuery, includeSelf bool) ([]members, error) {
	limit := q.limit
	q.limit = maxResults
	matches, err := p.search(ctx, who, q)
	if err != nil {
		return nil, err
	}
	ranked := []members{}
	terms := queryTerms(q.text)
	for _, m := range matches {
		if m.agent.userID == who.userID && !includeSelf {
			continue
		}
		offered, err := p.intentsOf(ctx, m.agent)
		if err != nil {
			return nil, err
		}
		for _, o := range offered {
			shared := sharedTerms(terms, o.text)
			if shared == 0 {
				continue
			}
			row := o.body()
			similarity := float64(int(1e4*m.similarity*float64(1+shared)/float64(1+len(terms)))) / 1e4
			row["similarity"], row["score"] = similarity, similarity
			ranked = append(ranked, row)
		}
	}
	slices.SortStableFunc(ranked, func(a, b members) int {
		x, _ := a["similarity"].(float64)
		y, _ := b["similarity"].(float64)
		return cmp.Compare(y, x)
	})
	return ranked[:min(len(ranked), limit)], nil
}

// sharedTerms counts the terms of a query whose stem a text has.
func sharedTerms(terms []string, text string) int {
	folded := " " + strings.ToLower(text)
	shared := 0
	for _, term := range terms {
		stem := strings.Trim(term, `"`)
		if len(stem) > 5 {
			stem = stem[:len(stem)-2]
		}
		if strings.Contains(folded, " "+stem) {
			shared++
		}
	}
	return shared
}
