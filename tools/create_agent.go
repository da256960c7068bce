package tools

import (
	"context"
	"fmt"

	"github.com/robutlerai/robutler-mcp/client"
)

// CreateAgentInput holds the arguments of create_agent.
type CreateAgentInput struct {
	Name            string   `json:"name" jsonschema:"minLength=1,maxLength=30,pattern=^[a-z0-9][a-z0-9_-]*$" jsonschema_description:"Unique name: a-z 0-9 _ - only."`
	Instructions    string   `json:"instructions" jsonschema:"minLength=1,maxLength=50000" jsonschema_description:"System instructions."`
	Model           string   `json:"model,omitempty" jsonschema:"maxLength=100,default=gpt-4o-mini" jsonschema_description:"Language model."`
	Description     string   `json:"description,omitempty" jsonschema:"maxLength=2000" jsonschema_description:"What others find it by."`
	Intents         []string `json:"intents,omitempty" jsonschema:"maxItems=20,minLength=1,maxLength=200" jsonschema_description:"Tasks it offers, a phrase each."`
	IsPublic        bool     `json:"is_public,omitempty" jsonschema:"default=false" jsonschema_description:"Others can find it."`
	CanTalkToOthers bool     `json:"can_talk_to_other_agents,omitempty" jsonschema:"default=false" jsonschema_description:"It may call others."`
	OthersCanTalk   bool     `json:"other_agents_can_talk,omitempty" jsonschema:"default=false" jsonschema_description:"Others may call it."`
	Trial
}

// CreateAgentOutput is the result of create_agent.
type CreateAgentOutput struct {
	Agent AgentDetail `json:"agent"`
	// APIKey is the agent's own key, shown this once.
	APIKey string `json:"api_key,omitempty"`
	Notice string `json:"notice,omitempty"`
}

func (out CreateAgentOutput) attachments() []Attachment {
	return []Attachment{agentLink(out.Agent.AgentRow)}
}

// keptNotice stands where a result that was stored had a secret.
const keptNotice = "The secret was shown when this was done and is not kept."

// secretNotice goes with every secret that a result shows.
const secretNotice = "The api_key is a secret that is shown only here: hand it to the user, do not repeat it elsewhere." //nolint:gosec // holds none

func (t agentTools) createAgent() Tool {
	return defineMutation(t.platform, Spec{
		Name: "create_agent", Title: "Create an agent", Toolset: ToolsetAgents, Class: client.Create,
		ShowsSecret: true,
		Description: "Creates an agent: makes, adds, builds, sets up, spins up or launches a brand new bot, assistant or helper. " +
			"Takes instructions and a model; private at first; its secret is shown only once.",
		Example: `{"name":"data-helper","instructions":"You explain data clearly.","description":"Explains data"}`,
	}, previewCreateAgent, func(ctx context.Context, in CreateAgentInput) (CreateAgentOutput, error) {
		created, err := t.platform.Client.Agents.Create(ctx, client.AgentCreateParams{
			Name: in.Name, Instructions: in.Instructions, Model: in.Model, Description: in.Description,
			Intents: in.Intents, IsPublic: in.IsPublic,
			CanTalkToOtherAgents: in.CanTalkToOthers, OtherAgentsCanTalk: in.OthersCanTalk,
		})
		if err != nil {
			return CreateAgentOutput{}, err
		}
		out := CreateAgentOutput{Agent: t.platform.agentDetail(&created.Agent), APIKey: created.RawAPIKey}
		switch {
		case out.APIKey != "":
			out.Notice = secretNotice
		case created.Reconciled:
			out.Notice = "The platform's answer was lost and the agent's key with it: regenerate_agent_api_key makes a new one."
		}
		return out, nil
	})
}

func (out CreateAgentOutput) withoutSecrets() any {
	if out.APIKey != "" {
		out.APIKey, out.Notice = "", keptNotice
	}
	return out
}

func previewCreateAgent(_ context.Context, in CreateAgentInput) (Preview, error) {
	access := "private"
	if in.IsPublic {
		access = "public"
	}
	return Preview{
		Would: fmt.Sprintf("Create the %s agent %s on the model %s, owned by the user. It costs nothing by itself. Its own secret key is shown once.", access, in.Name, in.Model),
		After: map[string]any{"name": in.Name, "model": in.Model, "is_public": in.IsPublic},
	}, nil
}
