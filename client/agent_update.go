package client

import (
	"context"
	"errors"
	"slices"
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

// Update changes an agent of the owner and gives it as it is then. Sent twice it changes nothing further. When the
// platform does not say whether it changed the agent, the agent is read back: if it is as it was to become, that is a
// success.
//
// Routes: PATCH /agents/{id or name} (2026), PUT /agents/{id} (2025).
func (s *AgentsService) Update(ctx context.Context, idOrName string, params AgentUpdateParams) (*Agent, error) {
	o := s.client.operation(agentUpdate)
	if params == (AgentUpdateParams{}) {
		return nil, invalidArgument(o.Name, "there is nothing to change")
	}
	agent, err := s.ask(ctx, o, idOrName, params)
	if errors.Is(err, ErrOutcomeUnknown) {
		if found, lookup := s.Get(ctx, idOrName); lookup == nil && params.fits(found) {
			return found, nil
		}
	}
	return agent, err
}

// fits reports whether an agent is as the change was to make it.
func (p *AgentUpdateParams) fits(agent *Agent) bool {
	for wanted, got := range map[*string]string{
		p.Name: agent.Name, p.Instructions: agent.Instructions, p.Model: agent.Model, p.Description: agent.Description,
		p.GreetingMessage: agent.GreetingMessage,
	} {
		if wanted != nil && *wanted != got {
			return false
		}
	}
	for wanted, got := range map[*bool]bool{
		p.IsPublic: agent.IsPublic, p.CanTalkToOtherAgents: agent.CanUseOtherAgents, p.OtherAgentsCanTalk: agent.OtherAgentsCanTalk,
	} {
		if wanted != nil && *wanted != got {
			return false
		}
	}
	return p.Intents == nil || slices.Equal(*p.Intents, agent.Intents)
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
