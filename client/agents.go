package client

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
)

// AgentsService lists, finds, changes and calls agents.
type AgentsService struct{ client *Client }

// AgentListOptions narrows [AgentsService.List].
type AgentListOptions struct {
	// Limit is the most rows of the page: 1 to 1000, 50 when 0.
	Limit int
	// Cursor is where the page starts, as [Page.Next] gave it.
	Cursor Cursor
}

// List gives a page of the agents of the key's owner.
//
// Route: GET /agents.
func (s *AgentsService) List(ctx context.Context, options AgentListOptions) (Page[Agent], error) {
	o := s.client.operation(agentList)
	limit := pageLimit(options.Limit)
	got, err := s.client.do(ctx, o, call{query: pageQuery(limit, options.Cursor)})
	if err != nil {
		return Page[Agent]{}, err
	}
	rows, total, err := decodeList[Agent](o, got, "agents")
	if err != nil {
		return Page[Agent]{}, err
	}
	return newPage(o, rows, total, limit, options.Cursor.Offset, options.Cursor, agentID)
}

// All walks every agent of the key's owner. It ends after the first error, which it yields.
func (s *AgentsService) All(ctx context.Context) iter.Seq2[Agent, error] {
	return all(ctx, func(ctx context.Context, from Cursor) (Page[Agent], error) {
		return s.List(ctx, AgentListOptions{Cursor: from})
	})
}

// Get gives the agent with an id or a name. It returns [ErrNotFound] when there is none that the key may see.
//
// Routes: GET /agents/{id or name} (2026), GET /agents/by-name/{name} (2025).
func (s *AgentsService) Get(ctx context.Context, idOrName string) (*Agent, error) {
	o := s.client.operation(agentGetByName)
	if isUUID(idOrName) {
		o = s.client.operation(agentGet)
	}
	return s.ask(ctx, o, idOrName, nil)
}

// GetByName gives the agent of a name, whatever the name looks like.
//
// Routes: GET /agents/{name} (2026), GET /agents/by-name/{name} (2025).
func (s *AgentsService) GetByName(ctx context.Context, name string) (*Agent, error) {
	o := s.client.operation(agentGetByName)
	got, err := s.client.do(ctx, o, call{identifiers: map[string]string{"agent": name}})
	if err != nil {
		return nil, err
	}
	return decodeAgent(o, got.body)
}

// ask sends an operation on an agent and refuses an answer about another one.
func (s *AgentsService) ask(ctx context.Context, o *operation, idOrName string, body any) (*Agent, error) {
	got, err := s.client.do(ctx, o, call{identifiers: map[string]string{"agent": idOrName}, body: body})
	if err != nil {
		return nil, err
	}
	agent, err := decodeAgent(o, got.body)
	if err != nil {
		return nil, err
	}
	if isUUID(idOrName) && agent.ID != "" && !strings.EqualFold(agent.ID, idOrName) {
		return nil, unusable(o, "the answer describes another agent")
	}
	return agent, nil
}

// AgentCreateParams describes a new agent.
type AgentCreateParams struct {
	// Name is the agent's name, unique to its owner. Required.
	Name string `json:"name"`
	// Instructions are the system instructions. Required.
	Instructions string `json:"instructions"`
	// Model is the language model; the platform's default (gpt-4o-mini) when empty.
	Model string `json:"model,omitempty"`
	// Description is what others find the agent by.
	Description string `json:"description,omitempty"`
	// Intents are the names of the intents to publish.
	Intents []string `json:"intents,omitempty"`
	// IsPublic makes the agent discoverable.
	IsPublic bool `json:"isPublic"`
	// CanTalkToOtherAgents lets the agent call others.
	CanTalkToOtherAgents bool `json:"canTalkToOtherAgents"`
	// OtherAgentsCanTalk lets others call the agent.
	OtherAgentsCanTalk bool `json:"otherAgentsCanTalk"`
}

// CreatedAgent is a new agent together with its own API key.
type CreatedAgent struct {
	Agent
	// RawAPIKey is the agent's own key. The platform shows it here and never again; empty where it gives none.
	RawAPIKey string
	// Reconciled says that the platform's answer was lost and the agent was found afterwards as it was to be made. Its
	// key was lost with the answer: see [AgentsService.RegenerateAPIKey].
	Reconciled bool
}

// Create adds an agent. It returns [ErrConflict] when the name is taken. When the platform does not say whether it made
// the agent, it is not asked again: the agent is looked up by its name, and if it is not there as it was to be made, the
// result is [ErrOutcomeUnknown].
//
// Route: POST /agents.
func (s *AgentsService) Create(ctx context.Context, params AgentCreateParams) (*CreatedAgent, error) {
	o := s.client.operation(agentCreate)
	if strings.TrimSpace(params.Name) == "" || strings.TrimSpace(params.Instructions) == "" {
		return nil, invalidArgument(o.Name, "an agent needs a name and instructions")
	}
	created, err := s.create(ctx, o, params)
	if errors.Is(err, ErrOutcomeUnknown) {
		if agent, lookup := s.GetByName(ctx, params.Name); lookup == nil && agent.Instructions == params.Instructions {
			return &CreatedAgent{Agent: *agent, Reconciled: true}, nil
		}
	}
	return created, err
}

func (s *AgentsService) create(ctx context.Context, o *operation, params AgentCreateParams) (*CreatedAgent, error) {
	got, err := s.client.do(ctx, o, call{body: params})
	if err != nil {
		return nil, err
	}
	agent, err := decodeAgent(o, got.body)
	if err != nil {
		return nil, err
	}
	var secret struct {
		RawAPIKey text `json:"rawApiKey"`
	}
	if err := decodeAnswer(o, got.body, &secret); err != nil {
		return nil, err
	}
	return &CreatedAgent{Agent: *agent, RawAPIKey: string(secret.RawAPIKey)}, nil
}

// The defaults of a search, as the Robutler SDK documents them.
const (
	DefaultSearchResults = 10
	DefaultMinSimilarity = 0.7
	SearchModeSemantic   = "semantic"
	maxSearchResults     = 100
)

// AgentSearchOptions narrows [AgentsService.Search].
type AgentSearchOptions struct {
	// MaxResults is the most rows: 1 to 100, 10 when 0.
	MaxResults int
	// Mode is how to search; "semantic" when empty, the only mode that the platform documents.
	Mode string
	// MinSimilarity is the least similarity, from 0 to 1; 0.7 when nil.
	MinSimilarity *float64
}

// Search finds public agents, and the owner's own, by what they do. Rows below the minimum similarity are left out
// here too, since not every platform does; rows without a rank are kept.
//
// Routes: POST /agents/search (2025), GET /discovery/agents (2026, without ranks).
func (s *AgentsService) Search(ctx context.Context, query string, options AgentSearchOptions) ([]AgentMatch, error) {
	o := s.client.operation(agentSearch)
	limit, minimum, mode := resultLimit(options.MaxResults), DefaultMinSimilarity, SearchModeSemantic
	if options.MinSimilarity != nil {
		minimum = *options.MinSimilarity
	}
	if options.Mode != "" {
		mode = options.Mode
	}
	if strings.TrimSpace(query) == "" {
		return nil, invalidArgument(o.Name, "the query is empty")
	}
	if minimum < 0 || minimum > 1 {
		return nil, invalidArgument(o.Name, "the minimum similarity must be between 0 and 1")
	}

	got, err := s.client.do(ctx, o, call{adapt: func(to Route) call { return searchCall(to, query, limit, mode, minimum) }})
	if err != nil {
		return nil, err
	}
	return decodeMatches(o, got.body, minimum, limit)
}

func keepSimilar(rows []AgentMatch, minimum float64, limit int) []AgentMatch {
	kept := make([]AgentMatch, 0, min(len(rows), limit))
	for i := range rows {
		if len(kept) == limit {
			break
		}
		if rows[i].Similarity == nil || *rows[i].Similarity >= minimum {
			kept = append(kept, rows[i])
		}
	}
	return kept
}

func decodeAgent(o *operation, body []byte) (*Agent, error) {
	agent := new(Agent)
	if err := decodeAnswer(o, body, agent); err != nil {
		return nil, err
	}
	if agent.ID == "" && agent.Name == "" {
		return nil, unusable(o, "the answer holds no agent")
	}
	return agent, nil
}

func agentID(a *Agent) string { return a.ID }

// pageQuery is the query of a list that pages by offset.
func pageQuery(limit int, from Cursor) string {
	query := "limit=" + strconv.Itoa(limit)
	if from.Offset > 0 {
		query += "&offset=" + strconv.Itoa(from.Offset)
	}
	return query
}
