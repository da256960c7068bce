package client

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// Intent is something that an agent offers to do.
type Intent struct {
	// ID is empty where the platform gives none.
	ID string
	// Text is the intent in natural words.
	Text string
	// AgentID and AgentName say who offers it.
	AgentID, AgentName string
	// Description is the agent's.
	Description string
	// URL is the agent's address.
	URL string
	// Similarity is how well it fits a query, from 0 to 1, or nil where it was not searched for.
	Similarity *float64
	// CreatedAt and ExpiresAt are nil where the platform does not tell them.
	CreatedAt, ExpiresAt *time.Time
}

// UnmarshalJSON reads an intent as any generation writes it, or a bare string.
func (i *Intent) UnmarshalJSON(data []byte) error {
	var bare string
	if json.Unmarshal(data, &bare) == nil {
		*i = Intent{Text: bare}
		return nil
	}
	var wire struct {
		ID               text   `json:"id"`
		IntentID         text   `json:"intent_id"`
		Intent           text   `json:"intent"`
		Text             text   `json:"text"`
		AgentIDSnake     text   `json:"agent_id"`
		AgentID          text   `json:"agentId"`
		Name             text   `json:"name"`
		AgentUsername    text   `json:"agent_username"`
		AgentDescription text   `json:"agent_description"`
		Description      text   `json:"description"`
		URL              text   `json:"url"`
		AgentURL         text   `json:"agentUrl"`
		Similarity       amount `json:"similarity"`
		Score            amount `json:"score"`
		CreatedAtSnake   moment `json:"created_at"`
		CreatedAt        moment `json:"createdAt"`
		ExpiresAt        moment `json:"expires_at"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	created := wire.CreatedAt.pointer()
	if created == nil {
		created = wire.CreatedAtSnake.pointer()
	}
	*i = Intent{
		ID: first(wire.ID, wire.IntentID), Text: first(wire.Intent, wire.Text), AgentID: first(wire.AgentID, wire.AgentIDSnake),
		AgentName: first(wire.Name, wire.AgentUsername), Description: first(wire.Description, wire.AgentDescription),
		URL: first(wire.URL, wire.AgentURL), CreatedAt: created, ExpiresAt: wire.ExpiresAt.pointer(),
		Similarity: similarityOf(wire.Similarity, wire.Score),
	}
	return nil
}

// similarityOf gives the first rank that is known, within 0 and 1.
func similarityOf(candidates ...amount) *float64 {
	for _, candidate := range candidates {
		if candidate.known {
			similarity := min(max(candidate.value.InexactFloat64(), 0), 1)
			return &similarity
		}
	}
	return nil
}

// IntentsService publishes and searches intents.
type IntentsService struct{ client *Client }

// IntentPublication is an intent to publish.
type IntentPublication struct {
	// Text is the intent in natural words. Required.
	Text string `json:"intent"`
	// AgentID says which agent offers it. Required.
	AgentID string `json:"agent_id"`
	// Description is what the agent does.
	Description string `json:"description,omitempty"`
	// URL is where the agent is called, where that is not on the platform.
	URL string `json:"url,omitempty"`
}

// PublishedIntent is the platform's word on one publication.
type PublishedIntent struct {
	Text, AgentID string
	// IntentID is empty where the platform gives none.
	IntentID string
	// Error says why this one was not published, or is empty.
	Error string
}

// UnmarshalJSON reads a row of the answer.
func (p *PublishedIntent) UnmarshalJSON(data []byte) error {
	var wire struct {
		Success  *bool `json:"success"`
		Intent   text  `json:"intent"`
		IntentID text  `json:"intent_id"`
		ID       text  `json:"id"`
		AgentID  text  `json:"agent_id"`
		Error    text  `json:"error"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*p = PublishedIntent{Text: string(wire.Intent), AgentID: string(wire.AgentID), IntentID: first(wire.IntentID, wire.ID)}
	if wire.Success != nil && !*wire.Success {
		p.Error = cleanText(first(wire.Error, "not published"), "")
	}
	return nil
}

// Publish publishes intents, those of one agent or of several. What is published already stays.
//
// Routes: POST /intents/publish (2025), POST /intents/create (2026, for the intents of one agent).
func (s *IntentsService) Publish(ctx context.Context, intents []IntentPublication) ([]PublishedIntent, error) {
	o := s.client.operation(intentPublish)
	if err := checkPublications(o, intents); err != nil {
		return nil, err
	}
	got, err := s.client.do(ctx, o, call{adapt: func(to Route) call {
		if to.Generation == Generation2026 {
			return call{body: createIntentsBody(intents)}
		}
		return call{body: map[string]any{"intents": intents}}
	}})
	if err != nil {
		return nil, err
	}
	var wire struct {
		Results rows[PublishedIntent] `json:"results"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if published := wire.Results.all(); len(published) > 0 {
		return published, nil
	}
	published := make([]PublishedIntent, 0, len(intents))
	for _, intent := range intents {
		published = append(published, PublishedIntent{Text: intent.Text, AgentID: intent.AgentID})
	}
	return published, nil
}

// Create publishes intents of one agent.
//
// Route: POST /intents/create (2026).
func (s *IntentsService) Create(ctx context.Context, agentID string, texts []string, description string) error {
	o := s.client.operation(intentCreate)
	intents := make([]IntentPublication, 0, len(texts))
	for _, text := range texts {
		intents = append(intents, IntentPublication{Text: text, AgentID: agentID, Description: description})
	}
	if err := checkPublications(o, intents); err != nil {
		return err
	}
	_, err := s.client.do(ctx, o, call{body: createIntentsBody(intents)})
	return err
}

func checkPublications(o *operation, intents []IntentPublication) error {
	if len(intents) == 0 {
		return invalidArgument(o.Name, "there is no intent to publish")
	}
	for _, intent := range intents {
		if strings.TrimSpace(intent.Text) == "" {
			return invalidArgument(o.Name, "an intent has no text")
		}
		if CheckIdentifier(intent.AgentID) != nil {
			return invalidArgument(o.Name, "an intent needs the id of its agent")
		}
		if intent.URL != "" {
			if u, err := url.Parse(intent.URL); err != nil || u.Host == "" {
				return invalidArgument(o.Name, "an intent's address is not a URL")
			}
		}
	}
	return nil
}

func createIntentsBody(intents []IntentPublication) map[string]any {
	texts := make([]string, 0, len(intents))
	for _, intent := range intents {
		texts = append(texts, intent.Text)
	}
	body := map[string]any{"intents": texts, "agentId": intents[0].AgentID}
	if intents[0].Description != "" {
		body["description"] = intents[0].Description
	}
	return body
}

// Search finds intents of other owners' agents that fit a query, at most limit of them: 1 to 100, 10 when 0.
//
// Route: POST /intents/search.
func (s *IntentsService) Search(ctx context.Context, query string, limit int) ([]Intent, error) {
	o := s.client.operation(intentSearch)
	if strings.TrimSpace(query) == "" {
		return nil, invalidArgument(o.Name, "the query is empty")
	}
	limit = resultLimit(limit)
	// Both generations' names: each platform reads its own.
	got, err := s.client.do(ctx, o, call{body: map[string]any{"query": query, "limit": limit, "intent": query, "top_k": limit}})
	if err != nil {
		return nil, err
	}
	var wire struct {
		Results rows[Intent] `json:"results"`
		Data    struct {
			Results rows[Intent] `json:"results"`
		} `json:"data"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if !wire.Results.found {
		wire.Results = wire.Data.Results
	}
	found, err := wire.Results.must(o)
	return found[:min(len(found), limit)], err
}
