package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// UpdateAgentInput holds the arguments of update_agent. What is nil stays as it is.
type UpdateAgentInput struct {
	Agent           string    `json:"agent" jsonschema:"minLength=1,maxLength=128" jsonschema_description:"Agent id or name."`
	Name            *string   `json:"name,omitempty" jsonschema:"minLength=1,maxLength=30,pattern=^[a-z0-9][a-z0-9_-]*$" jsonschema_description:"A new name."`
	Instructions    *string   `json:"instructions,omitempty" jsonschema:"minLength=1,maxLength=50000" jsonschema_description:"System instructions."`
	Model           *string   `json:"model,omitempty" jsonschema:"minLength=1,maxLength=100" jsonschema_description:"Language model."`
	Description     *string   `json:"description,omitempty" jsonschema:"maxLength=2000" jsonschema_description:"What others find it by."`
	Greeting        *string   `json:"greeting_message,omitempty" jsonschema:"maxLength=2000" jsonschema_description:"What it says first."`
	Intents         *[]string `json:"intents,omitempty" jsonschema:"maxItems=20,minLength=1,maxLength=200" jsonschema_description:"Replaces all its intents."`
	IsPublic        *bool     `json:"is_public,omitempty" jsonschema_description:"Others can find it."`
	CanTalkToOthers *bool     `json:"can_talk_to_other_agents,omitempty" jsonschema_description:"It may call others."`
	OthersCanTalk   *bool     `json:"other_agents_can_talk,omitempty" jsonschema_description:"Others may call it."`
	Trial
}

// Check refuses a call that would change nothing.
func (in UpdateAgentInput) Check() []schema.Fault {
	if in.Name != nil || in.Instructions != nil || in.Model != nil || in.Description != nil || in.Greeting != nil ||
		in.Intents != nil || in.IsPublic != nil || in.CanTalkToOthers != nil || in.OthersCanTalk != nil {
		return nil
	}
	return []schema.Fault{{
		Problem:     "nothing to change is given; add at least one argument beside agent",
		ValidValues: []string{"name", "instructions", "model", "description", "greeting_message", "intents", "is_public", "can_talk_to_other_agents", "other_agents_can_talk"},
	}}
}

// UpdateAgentOutput is the result of update_agent.
type UpdateAgentOutput struct {
	Agent AgentDetail `json:"agent"`
}

func (out UpdateAgentOutput) attachments() []Attachment {
	return []Attachment{agentLink(out.Agent.AgentRow)}
}

func (t agentTools) updateAgent() Tool {
	return defineMutation(t.platform, Spec{
		Name: "update_agent", Title: "Update an agent", Toolset: ToolsetAgents, Class: client.Update,
		FindWith: []string{"list_agents"},
		Description: "Changes an agent: edits, adjusts, fixes or rewrites its instructions (system prompt) or description. " +
			"Also switches the model, renames it, makes it public or private, sets its permissions.",
		Example: `{"agent":"recipe-muse","description":"Suggests seasonal recipes."}`,
	}, t.previewUpdate, func(ctx context.Context, in UpdateAgentInput) (UpdateAgentOutput, error) {
		reference, err := t.platform.agreedReference(ctx, in.Agent)
		if err != nil {
			return UpdateAgentOutput{}, err
		}
		agent, err := t.platform.Client.Agents.Update(ctx, reference, client.AgentUpdateParams{
			Name: in.Name, Instructions: in.Instructions, Model: in.Model, Description: in.Description,
			GreetingMessage: in.Greeting, Intents: in.Intents, IsPublic: in.IsPublic,
			CanTalkToOtherAgents: in.CanTalkToOthers, OtherAgentsCanTalk: in.OthersCanTalk,
		})
		if err != nil {
			return UpdateAgentOutput{}, t.platform.missingAgent(ctx, in.Agent, err)
		}
		return UpdateAgentOutput{Agent: t.platform.agentDetail(agent)}, nil
	})
}

// AgentInput holds the argument of tools about one agent.
type AgentInput struct {
	Agent string `json:"agent" jsonschema:"minLength=1,maxLength=128" jsonschema_description:"Agent id or name."`
}

func (AgentInput) reference() string { return "agent" }

// DeletedOutput is the result of the tools that delete something.
type DeletedOutput struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// Deleted is true; AlreadyAbsent says that an earlier attempt had done it.
	Deleted       bool `json:"deleted"`
	AlreadyAbsent bool `json:"already_absent,omitempty"`
}

// DeleteAgentInput holds the arguments of delete_agent.
type DeleteAgentInput struct {
	AgentInput
	Consent
}

func (t agentTools) deleteAgent() Tool {
	return defineMutation(t.platform, Spec{
		Name: "delete_agent", Title: "Delete an agent", Toolset: ToolsetAgents, Class: client.Delete,
		FindWith: []string{"list_agents"},
		Description: "Deletes an agent permanently: removes, wipes out, retires or gets rid of a bot that is no longer needed. " +
			"Cannot be undone; update_agent can hide it instead.",
		Example: `{"agent":"dana-assistant"}`,
	}, t.previewDelete, func(ctx context.Context, in DeleteAgentInput) (DeletedOutput, error) {
		agent, err := t.platform.agreedAgent(ctx, in.Agent)
		if err != nil {
			return DeletedOutput{}, err
		}
		deletion, err := t.platform.Client.Agents.Delete(ctx, agent.ID)
		if err != nil {
			return DeletedOutput{}, err
		}
		return DeletedOutput{
			ID: agent.ID, Name: shorten(agent.Name, maxNameText), Deleted: true, AlreadyAbsent: deletion.AlreadyAbsent,
		}, nil
	})
}

func (t agentTools) previewDelete(ctx context.Context, in DeleteAgentInput) (Preview, error) {
	agent, err := t.platform.findAgent(ctx, in.Agent)
	if err != nil {
		return Preview{}, err
	}
	row := agentRow(agent)
	return Preview{
		Target: row.ID,
		Would:  fmt.Sprintf("Delete the agent %s for good, with its intents and its API key. It cannot be undone.", named(row.Name, row.ID)),
		Before: map[string]any{"id": row.ID, "name": row.Name, "is_public": row.IsPublic, "intents": len(agent.Intents)},
	}, nil
}

// previewUpdate compares what is set with what would be.
func (t agentTools) previewUpdate(ctx context.Context, in UpdateAgentInput) (Preview, error) {
	agent, err := t.platform.findAgent(ctx, in.Agent)
	if err != nil {
		return Preview{}, err
	}
	found := Preview{Target: agent.ID, Before: map[string]any{}, After: map[string]any{}}
	var changed []string
	compare(&found, &changed, "name", agent.Name, in.Name)
	compare(&found, &changed, "instructions", agent.Instructions, in.Instructions)
	compare(&found, &changed, "model", agent.Model, in.Model)
	compare(&found, &changed, "description", agent.Description, in.Description)
	compare(&found, &changed, "greeting_message", agent.GreetingMessage, in.Greeting)
	compare(&found, &changed, "is_public", agent.IsPublic, in.IsPublic)
	compare(&found, &changed, "can_talk_to_other_agents", agent.CanUseOtherAgents, in.CanTalkToOthers)
	compare(&found, &changed, "other_agents_can_talk", agent.OtherAgentsCanTalk, in.OthersCanTalk)
	if in.Intents != nil && !slices.Equal(agent.Intents, *in.Intents) {
		found.Before["intents"], found.After["intents"] = shortenAll(agent.Intents), *in.Intents
		changed = append(changed, "intents")
	}
	row := agentRow(agent)
	found.Terms = strings.Join(changed, ", ")
	found.Would = fmt.Sprintf("Change %s of the agent %s. The rest stays as it is.", strings.Join(changed, ", "), named(row.Name, row.ID))
	if len(changed) == 0 {
		found.Would = fmt.Sprintf("Change nothing of the agent %s: it is set so already.", named(row.Name, row.ID))
	}
	return found, nil
}

// compare notes a member that would change.
func compare[T comparable](found *Preview, changed *[]string, name string, before T, after *T) {
	if after == nil || *after == before {
		return
	}
	found.Before[name], found.After[name] = shortenValue(before), shortenValue(*after)
	*changed = append(*changed, name)
}

func shortenValue(value any) any {
	if text, ok := value.(string); ok {
		return shorten(text, maxRowText)
	}
	return value
}

// named writes a thing as people and models know it.
func named(name, id string) string {
	if name == "" || name == id {
		return visible(id)
	}
	return visible(name) + " (" + visible(id) + ")"
}
