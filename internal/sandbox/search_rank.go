package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// searchWindow is how many candidates are ranked in full.
const searchWindow = 200

// bm25Share is the part of the similarity that BM25 gives; bm25Half is the BM25 that gives half of it.
const (
	bm25Share = 0.15
	bm25Half  = 5
)

// search ranks the agents that the caller may see. The similarity is the share of the query's terms that an agent
// has, each weighed by how rare it is, with a small part for how often it has them (BM25).
func (p *Platform) search(ctx context.Context, who caller, q searchQuery) ([]match, error) {
	terms := queryTerms(q.text)
	if len(terms) == 0 {
		return []match{}, nil
	}
	candidates, err := p.candidates(ctx, who, terms)
	if err != nil {
		return nil, err
	}
	if q.everyTerm {
		candidates = slices.DeleteFunc(candidates, func(c candidate) bool { return c.terms < len(terms) })
	}
	if len(candidates) > searchWindow {
		slices.SortFunc(candidates, func(a, b candidate) int {
			if a.coverage != b.coverage {
				return cmp.Compare(b.coverage, a.coverage)
			}
			return cmp.Compare(a.row, b.row)
		})
		candidates = candidates[:searchWindow]
	}
	ranked, err := p.rank(ctx, candidates, terms)
	if err != nil {
		return nil, err
	}
	ranked = slices.DeleteFunc(ranked, func(r rankedAgent) bool { return r.similarity < q.minSimilarity || r.similarity <= 0 })
	slices.SortFunc(ranked, func(a, b rankedAgent) int {
		return cmp.Or(cmp.Compare(b.similarity, a.similarity), strings.Compare(a.name, b.name))
	})
	return p.loadMatches(ctx, who, ranked[:min(len(ranked), q.limit)])
}

// candidate is a row of an agent that has at least one of the terms.
type candidate struct {
	row int64
	// terms is how many of them it has, and coverage the share of their weight.
	terms    int
	coverage float64
}

// candidates finds the agents that have any of the terms. A term weighs by how few agents have it; one that none has counts
// half: it may be a name or a word for something else. Only agents that the caller may see count: else a rank would tell
// what others keep private.
func (p *Platform) candidates(ctx context.Context, who caller, terms []string) ([]candidate, error) {
	hidden, total, err := p.hiddenAgents(ctx, who)
	if err != nil {
		return nil, err
	}
	var found []candidate
	at := make(map[int64]int, total/4)
	whole := 0.0
	for _, term := range terms {
		having, err := p.rowsOf(ctx, "SELECT json_group_array(rowid) FROM agents_search WHERE agents_search MATCH ?", term)
		if err != nil {
			return nil, fmt.Errorf("find a term: %w", err)
		}
		having = slices.DeleteFunc(having, func(row int64) bool { return hidden[row] })
		weight := math.Log(1 + float64(total+1)/float64(len(having)+1))
		if len(having) == 0 {
			weight /= 2
		}
		whole += weight
		for _, row := range having {
			place, known := at[row]
			if !known {
				place = len(found)
				at[row] = place
				found = append(found, candidate{row: row})
			}
			found[place].terms++
			found[place].coverage += weight
		}
	}
	for i := range found {
		found[i].coverage /= whole
	}
	return found, nil
}

// hiddenAgents gives the rows of the agents that the caller may not see, and how many there are that it may.
func (p *Platform) hiddenAgents(ctx context.Context, who caller) (hidden map[int64]bool, total int, err error) {
	rows, err := p.rowsOf(ctx, "SELECT json_group_array(row) FROM agents WHERE NOT is_public AND user_id <> ?", who.userID)
	if err != nil {
		return nil, 0, fmt.Errorf("find hidden agents: %w", err)
	}
	if err := p.database.QueryRowContext(ctx, "SELECT count(*) FROM agents").Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count agents: %w", err)
	}
	hidden = make(map[int64]bool, len(rows))
	for _, row := range rows {
		hidden[row] = true
	}
	return hidden, max(total-len(rows), 0), nil
}

// rowsOf gives the rows that a query groups into one JSON array: that is much quicker than to fetch thousands one by one.
func (p *Platform) rowsOf(ctx context.Context, query string, arguments ...any) ([]int64, error) {
	var encoded string
	if err := p.database.QueryRowContext(ctx, query, arguments...).Scan(&encoded); err != nil {
		return nil, err
	}
	rows := make([]int64, 0, strings.Count(encoded, ",")+1)
	for number := range strings.SplitSeq(strings.Trim(encoded, "[]"), ",") {
		if number == "" {
			continue
		}
		row, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// rankedAgent is an agent's row with how well it fits.
type rankedAgent struct {
	row        int64
	name       string
	similarity float64
}

// rank works out the similarity of candidates. The index is walked once for all of them: looking each one up in it would
// take longer, and BM25 is what costs, so that only the candidates get it.
func (p *Platform) rank(ctx context.Context, candidates []candidate, terms []string) ([]rankedAgent, error) {
	coverage := make(map[int64]float64, len(candidates))
	for _, c := range candidates {
		coverage[c.row] = c.coverage
	}
	wanted := make([]int64, 0, len(candidates))
	for _, c := range candidates {
		wanted = append(wanted, c.row)
	}
	rows, err := p.database.QueryContext(ctx, `SELECT a.row, a.name, -bm25(agents_search, 4, 2, 3, 2)
		FROM agents_search CROSS JOIN agents a ON a.row = agents_search.rowid
		WHERE agents_search MATCH ? AND +agents_search.rowid IN (SELECT value FROM json_each(?))`,
		strings.Join(terms, " OR "), encodeRows(wanted))
	if err != nil {
		return nil, fmt.Errorf("rank agents: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	ranked := make([]rankedAgent, 0, len(candidates))
	for rows.Next() {
		var r rankedAgent
		var bm25 float64
		if err := rows.Scan(&r.row, &r.name, &bm25); err != nil {
			return nil, err
		}
		bm25 = max(bm25, 0)
		similarity := (1-bm25Share)*coverage[r.row] + bm25Share*bm25/(bm25+bm25Half)
		r.similarity = math.Round(min(similarity, 1)*1e4) / 1e4
		ranked = append(ranked, r)
	}
	return ranked, rows.Err()
}

// loadMatches reads the agents that were ranked, in their order. One that was deleted or hidden meanwhile is left out.
func (p *Platform) loadMatches(ctx context.Context, who caller, ranked []rankedAgent) ([]match, error) {
	wanted := make([]int64, 0, len(ranked))
	for _, r := range ranked {
		wanted = append(wanted, r.row)
	}
	loaded, err := p.queryAgents(ctx, "SELECT "+agentColumns+
		" FROM agents a WHERE a.row IN (SELECT value FROM json_each(?)) AND (a.is_public OR a.user_id = ?)", encodeRows(wanted), who.userID)
	if err != nil {
		return nil, fmt.Errorf("read agents: %w", err)
	}
	matches := make([]match, 0, len(ranked))
	for _, r := range ranked {
		at := slices.IndexFunc(loaded, func(a *agent) bool { return a.row == r.row })
		if at >= 0 {
			matches = append(matches, match{agent: loaded[at], similarity: r.similarity})
		}
	}
	return matches, nil
}

// encodeRows writes rows as the JSON array that json_each reads.
func encodeRows(rows []int64) string {
	encoded, _ := json.Marshal(rows) // numbers are always encoded
	return string(encoded)
}
