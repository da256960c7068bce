package tools

import (
	"context"

	"github.com/robutlerai/robutler-mcp/client"
)

// SearchAgentsInput holds the arguments of search_agents.
type SearchAgentsInput struct {
	Query         string   `json:"query" jsonschema:"minLength=1,maxLength=1000" jsonschema_description:"What the agent should do, in natural words."`
	MinSimilarity *float64 `json:"min_similarity,omitempty" jsonschema:"minimum=0,maximum=1,default=0.3" jsonschema_description:"Leaves out rows that fit less."`
	Mode          string   `json:"mode,omitempty" jsonschema:"enum=semantic,default=semantic" jsonschema_description:"Search mode."`
	Paging
}

// AgentMatchRow is an agent that a search found.
type AgentMatchRow struct {
	AgentRow
	Similarity *float64 `json:"similarity,omitempty"`
}

// AgentMatchesOutput is the result of the tools that rank agents.
type AgentMatchesOutput struct {
	Agents []AgentMatchRow `json:"agents"`
	moreRows
	Notice string `json:"notice"`
}

func (t agentTools) searchAgents() Tool {
	return Define(Spec{
		Name: "search_agents", Title: "Search agents", Toolset: ToolsetAgents, Class: client.Read, OpenWorld: true,
		Description: "Finds publicly available agents that can do a task, best fit first, with prices. " +
			"Searches the public directory: who helps, writes, plans, reviews, translates, is for hire.",
		Example: `{"query":"translate a contract"}`,
	}, func(ctx context.Context, in SearchAgentsInput) (AgentMatchesOutput, error) {
		return rankedAgents(listOf("search_agents", in.Query), in.Paging, "Try other words or a lower min_similarity.",
			func(limit int) ([]client.AgentMatch, error) {
				return t.platform.Client.Agents.Search(ctx, in.Query, client.AgentSearchOptions{
					MaxResults: limit, Mode: in.Mode, MinSimilarity: in.MinSimilarity,
				})
			})
	})
}

// DiscoverAgentsInput holds the arguments of discover_agents.
type DiscoverAgentsInput struct {
	Capabilities []string `json:"capabilities" jsonschema:"minItems=1,maxItems=20,minLength=1,maxLength=100" jsonschema_description:"Capability words, e.g. translation."`
	Paging
}

func (t agentTools) discoverAgents() Tool {
	return Define(Spec{
		Name: "discover_agents", Title: "Discover agents by capability", Toolset: ToolsetAgents, Class: client.Read, OpenWorld: true,
		Description: "Discovers agents by declared capability, skill or tag, such as ocr or charts. " +
			"For a task in words use search_agents.",
		Example: `{"capabilities":["translation"]}`,
	}, func(ctx context.Context, in DiscoverAgentsInput) (AgentMatchesOutput, error) {
		return rankedAgents(listOf("discover_agents", in.Capabilities...), in.Paging, "Try fewer or other capabilities.",
			func(limit int) ([]client.AgentMatch, error) {
				return t.platform.Client.Agents.Discover(ctx, in.Capabilities, limit)
			})
	})
}

// FindSimilarAgentsInput holds the arguments of find_similar_agents.
type FindSimilarAgentsInput struct {
	Agent string `json:"agent" jsonschema:"minLength=1,maxLength=128" jsonschema_description:"Agent id or name to compare with."`
	Paging
}

func (t agentTools) findSimilarAgents() Tool {
	return Define(Spec{
		Name: "find_similar_agents", Title: "Find similar agents", Toolset: ToolsetAgents, Class: client.Read, OpenWorld: true,
		FindWith: []string{"list_agents", "search_agents"},
		Description: "Finds agents similar to a given one: alternatives that resemble it, are comparable or like it. " +
			"A substitute, a competitor.",
		Example: `{"agent":"legal-translator"}`,
	}, func(ctx context.Context, in FindSimilarAgentsInput) (AgentMatchesOutput, error) {
		return rankedAgents(listOf("find_similar_agents", in.Agent), in.Paging, "No other agent resembles it.",
			func(limit int) ([]client.AgentMatch, error) {
				matches, err := t.platform.Client.Agents.FindSimilar(ctx, in.Agent, limit)
				return matches, t.platform.missingAgent(ctx, in.Agent, err)
			})
	})
}

// rankedAgents gives a page of agents that a platform ranks and does not page.
func rankedAgents(list string, paging Paging, none string, ask func(limit int) ([]client.AgentMatch, error)) (AgentMatchesOutput, error) {
	matches, from, next, err := rankedPage(list, paging, ask)
	if err != nil {
		return AgentMatchesOutput{}, err
	}
	rows := make([]AgentMatchRow, 0, len(matches))
	for i := range matches {
		rows = append(rows, AgentMatchRow{AgentRow: agentRow(&matches[i].Agent), Similarity: matches[i].Similarity})
	}
	rows, next = fitPage(rows, next, from, func(row AgentMatchRow) string { return row.ID })
	out := AgentMatchesOutput{Agents: rows, moreRows: moreAfter(list, next), Notice: thirdPartyNotice}
	switch {
	case len(rows) == 0:
		out.Notice = "No agent fits. " + none
	case cutOff(from, len(rows), next):
		out.Complete, out.Notice = false, cutNotice+out.Notice
	}
	return out, nil
}
