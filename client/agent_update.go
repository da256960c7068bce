package client

import (
	"context"
	"errors"
)

// AgentUpdateParams changes an agent. What is nil stays as it is.
type AgentUpdateParams struct {
	// Name renames the agent (2026); names are unique.
	Name *string `json:"name,omitempty"`
	// Instructions are the system instructions.
	Instructions *string `json:"instructions,omitempty"`
	// Model is the language model.
	Model *string `json:"model,omitempty"`
	// Description is what others find the agent by.
	Description *string `json:"description,omitempty"`
	// Intents replaces the names of the published intents.
	Intents *[]string `json:"intents,omitempty"`
	// IsPublic makes the agent discoverable or hides it.
	IsPublic *bool `json:"isPublic,omitempty"`
	// CanTalkToOtherAgents lets the agent call others or not.
	CanTalkToOtherAgents *bool `json:"canTalkToOtherAgents,omitempty"`
	// OtherAgentsCanTalk lets others call the agent or not.
	OtherAgentsCanTalk *bool `json:"otherAgentsCanTalk,omitempty"`
	// GreetingMessage is what the agent says first.
	GreetingMessage *string `json:"greetingMessage,omitempty"`
}

// Update changes an agent of the owner and gives it as it is then. Sent twice it changes nothing further.
//
// Routes: PATCH /agents/{id or name} (2026), PUT /agents/{id} (2025).
func (s *AgentsService) Update(ctx context.Context, idOrName string, params AgentUpdateParams) (*Agent, error) {
	o := s.client.operation(agentUpdate)
	if params == (AgentUpdateParams{}) {
		return nil, invalidArgument(o.Name, "there is nothing to change")
	}
	got, err := s.client.do(ctx, o, call{identifiers: map[string]string{"agent": idOrName}, body: params})
	if err != nil {
		return nil, err
	}
	agent, err := decodeAgent(o, got.body)
	if err != nil {
		return nil, err
	}
	if err := sameAgent(o, agent, idOrName); err != nil {
		return nil, err
	}
	return agent, nil
}

// Deletion is the result of deleting something.
type Deletion struct {
	// AlreadyAbsent says that there was nothing to delete any more: an attempt before may have deleted it.
	AlreadyAbsent bool
}

// Delete removes an agent of the owner for good. When the platform does not say whether it did, the agent is looked
// up: if it is gone, the deletion counts as done.
//
// Route: DELETE /agents/{id or name}.
func (s *AgentsService) Delete(ctx context.Context, idOrName string) (*Deletion, error) {
	o := s.client.operation(agentDelete)
	_, err := s.client.do(ctx, o, call{identifiers: map[string]string{"agent": idOrName}})
	if err == nil {
		return &Deletion{}, nil
	}
	if !errors.Is(err, ErrOutcomeUnknown) {
		return nil, err
	}
	if _, lookup := s.Get(ctx, idOrName); errors.Is(lookup, ErrNotFound) {
		return &Deletion{AlreadyAbsent: true}, nil
	}
	return nil, err
}
