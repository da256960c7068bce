package tools

import (
	"context"
	"fmt"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
)

// intentTools are the tools of the toolset intents.
type intentTools struct{ platform Platform }

// IntentRow is something that an agent offers to do.
type IntentRow struct {
	ID          string     `json:"id,omitempty"`
	Intent      string     `json:"intent"`
	AgentID     string     `json:"agent_id,omitempty"`
	AgentName   string     `json:"agent_name,omitempty"`
	Description string     `json:"description,omitempty"`
	URL         string     `json:"url,omitempty"`
	Similarity  *float64   `json:"similarity,omitempty"`
	CreatedAt   *time.Time `json:"created_at,omitempty"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
}

func (p Platform) intentRow(intent *client.Intent) IntentRow {
	return IntentRow{
		ID: shorten(intent.ID, maxNameText), Intent: shorten(intent.Text, maxRowText), AgentID: shorten(intent.AgentID, maxNameText),
		AgentName: shorten(intent.AgentName, maxNameText), Description: shorten(intent.Description, maxRowText),
		URL: p.absolute(intent.URL), Similarity: intent.Similarity, CreatedAt: intent.CreatedAt, ExpiresAt: intent.ExpiresAt,
	}
}

// IntentsOutput is the result of the tools that list intents.
type IntentsOutput struct {
	Intents []IntentRow `json:"intents"`
	moreRows
	Notice string `json:"notice"`
}

// AgentIntentsInput holds the arguments of list_agent_intents.
type AgentIntentsInput struct {
	AgentInput
	Paging
}

func (t agentTools) listAgentIntents() Tool {
	return Define(Spec{
		Name: "list_agent_intents", Title: "List an agent's intents", Toolset: ToolsetAgents, Class: client.Read, OpenWorld: true,
		FindWith: []string{"list_agents", "search_agents"},
		Description: "Lists the intents of an agent: what it has published, advertises or announces so far, active still. " +
			"To find who offers something use search_intents.",
		Example: `{"agent":"recipe-muse"}`,
	}, func(ctx context.Context, in AgentIntentsInput) (IntentsOutput, error) {
		intents, err := t.platform.Client.Agents.Intents(ctx, in.Agent)
		if err != nil {
			return IntentsOutput{}, t.platform.missingAgent(ctx, in.Agent, err)
		}
		rows, more, err := wholeListPage(listOf("intents", in.Agent), in.Paging, intents, t.platform.intentRow)
		return IntentsOutput{Intents: rows, moreRows: more, Notice: thirdPartyNotice}, err
	})
}

// PublishIntentsInput holds the arguments of publish_intents.
type PublishIntentsInput struct {
	AgentInput
	Intents     []string `json:"intents" jsonschema:"minItems=1,maxItems=20,minLength=1,maxLength=256" jsonschema_description:"What it offers, a phrase each."`
	Description string   `json:"description,omitempty" jsonschema:"maxLength=2000" jsonschema_description:"What the agent does."`
	Trial
}

// PublishedIntentRow is the platform's word on one intent.
type PublishedIntentRow struct {
	Intent    string `json:"intent"`
	IntentID  string `json:"intent_id,omitempty"`
	Published bool   `json:"published"`
	Error     string `json:"error,omitempty"`
}

// PublishIntentsOutput is the result of publish_intents.
type PublishIntentsOutput struct {
	AgentID   string               `json:"agent_id"`
	AgentName string               `json:"agent_name"`
	Results   []PublishedIntentRow `json:"results"`
}

func (t intentTools) publishIntents() Tool {
	return defineMutation(t.platform, Spec{
		Name: "publish_intents", Title: "Publish intents", Toolset: ToolsetIntents, Class: client.Create, OpenWorld: true,
		FindWith: []string{"list_agents"},
		Description: "Publishes intents of an agent: announces, broadcasts or advertises to the network what it handles, can do or offers. " +
			"Other agents then find and match it. Adds to earlier ones.",
		Example: `{"agent":"recipe-muse","intents":["plan a week of dinners"]}`,
	}, t.previewPublish, func(ctx context.Context, in PublishIntentsInput) (PublishIntentsOutput, error) {
		agent, err := t.platform.agreedAgent(ctx, in.Agent)
		if err != nil {
			return PublishIntentsOutput{}, err
		}
		publications := make([]client.IntentPublication, 0, len(in.Intents))
		for _, intent := range in.Intents {
			publications = append(publications, client.IntentPublication{Text: intent, AgentID: agent.ID, Description: in.Description})
		}
		published, err := t.platform.Client.Intents.Publish(ctx, publications)
		if err != nil {
			return PublishIntentsOutput{}, err
		}
		out := PublishIntentsOutput{AgentID: agent.ID, AgentName: shorten(agent.Name, maxNameText), Results: []PublishedIntentRow{}}
		for _, row := range published {
			out.Results = append(out.Results, PublishedIntentRow{
				Intent: shorten(row.Text, maxRowText), IntentID: shorten(row.IntentID, maxNameText),
				Published: row.Error == "", Error: shorten(row.Error, maxRowText),
			})
		}
		return out, nil
	})
}

func (t intentTools) previewPublish(ctx context.Context, in PublishIntentsInput) (Preview, error) {
	agent, err := t.platform.findAgent(ctx, in.Agent)
	if err != nil {
		return Preview{}, err
	}
	row := agentRow(agent)
	return Preview{
		Target: row.ID,
		Would:  fmt.Sprintf("Publish %d intents of the agent %s, for everybody to find. Those published before stay.", len(in.Intents), named(row.Name, row.ID)),
		After:  map[string]any{"intents": in.Intents},
	}, nil
}

// SearchIntentsInput holds the arguments of search_intents.
type SearchIntentsInput struct {
	Query string `json:"query" jsonschema:"minLength=1,maxLength=1000" jsonschema_description:"What is wanted, in natural words."`
	Paging
}

func (t intentTools) searchIntents() Tool {
	return Define(Spec{
		Name: "search_intents", Title: "Search intents", Toolset: ToolsetIntents, Class: client.Read, OpenWorld: true,
		Description: "Searches among the published intents for those that match or fit a wish: who offers it, has it announced or advertised. " +
			"With the agent that offers each. The user's own are left out.",
		Example: `{"query":"translate a contract"}`,
	}, func(ctx context.Context, in SearchIntentsInput) (IntentsOutput, error) {
		list := listOf("search_intents", in.Query)
		found, from, next, err := rankedPage(list, in.Paging, func(limit int) ([]client.Intent, error) {
			return t.platform.Client.Intents.Search(ctx, in.Query, limit)
		})
		if err != nil {
			return IntentsOutput{}, err
		}
		rows := make([]IntentRow, 0, len(found))
		for i := range found {
			rows = append(rows, t.platform.intentRow(&found[i]))
		}
		rows, next = fitPage(rows, next, from, func(row IntentRow) string { return row.ID })
		out := IntentsOutput{Intents: rows, moreRows: moreAfter(list, next), Notice: thirdPartyNotice}
		switch {
		case len(rows) == 0:
			out.Notice = "No published intent of others matches; the user's own are left out. Try other words, or search_agents."
		case cutOff(from, len(rows), next):
			out.Complete, out.Notice = false, cutNotice+out.Notice
		}
		return out, nil
	})
}
