package tools

import (
	"context"
	"fmt"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
)

// keyTools are the tools of the toolset keys.
type keyTools struct{ platform Platform }

// KeyRow describes an API key without the key itself.
type KeyRow struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Prefix     string     `json:"prefix,omitempty"`
	IsActive   bool       `json:"is_active"`
	CreatedAt  *time.Time `json:"created_at,omitempty"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"`
}

func keyRow(key *client.APIKey) KeyRow {
	return KeyRow{
		ID: shorten(key.ID, maxNameText), Name: shorten(key.Name, maxNameText), Prefix: shorten(key.Prefix, maxNameText),
		IsActive: key.IsActive, CreatedAt: key.CreatedAt, ExpiresAt: key.ExpiresAt, LastUsedAt: key.LastUsedAt,
	}
}

// KeyOutput is the result of the tools that show an API key.
type KeyOutput struct {
	Key KeyRow `json:"key"`
	// APIKey is the key itself, where the platform shows it.
	APIKey string `json:"api_key,omitempty"`
	Notice string `json:"notice"`
}

func (out KeyOutput) withoutSecrets() any {
	if out.APIKey != "" {
		out.APIKey, out.Notice = "", keptNotice
	}
	return out
}

func keyOutput(key *client.CreatedKey) KeyOutput {
	out := KeyOutput{Key: keyRow(&key.APIKey), APIKey: key.RawKey, Notice: secretNotice}
	if out.APIKey == "" {
		out.Notice = "This platform does not show the key again: regenerate_agent_api_key makes a new one."
	}
	return out
}

// ListAPIKeysOutput is the result of list_api_keys.
type ListAPIKeysOutput struct {
	Keys []KeyRow `json:"keys"`
	moreRows
}

func (t keyTools) listAPIKeys() Tool {
	return Define(Spec{
		Name: "list_api_keys", Title: "List API keys", Toolset: ToolsetKeys, Class: client.Read,
		Description: "Lists which API keys exist on the account: names, prefixes, when each access key was created and last used. " +
			"The secrets are not shown.",
		Example: `{}`,
	}, func(ctx context.Context, in Paging) (ListAPIKeysOutput, error) {
		keys, err := t.platform.Client.APIKeys.List(ctx)
		if err != nil {
			return ListAPIKeysOutput{}, err
		}
		rows, more, err := wholeListPage("api_keys", in, keys, keyRow)
		return ListAPIKeysOutput{Keys: rows, moreRows: more}, err
	})
}

// CreateAPIKeyInput holds the arguments of create_api_key.
type CreateAPIKeyInput struct {
	Name string `json:"name" jsonschema:"minLength=1,maxLength=100" jsonschema_description:"What the key is for."`
	Consent
}

func (t keyTools) createAPIKey() Tool {
	return defineMutation(t.platform, Spec{
		Name: "create_api_key", Title: "Create an API key", Toolset: ToolsetKeys, Class: client.Secret,
		ShowsSecret: true,
		Description: "Creates an API key for the account: generates or issues a new credential for a script, server or workflow. " +
			"The secret is shown only once.",
		Example: `{"name":"ci-runner"}`,
	}, previewCreateKey, func(ctx context.Context, in CreateAPIKeyInput) (KeyOutput, error) {
		key, err := t.platform.Client.APIKeys.Create(ctx, in.Name)
		if err != nil {
			return KeyOutput{}, err
		}
		return keyOutput(key), nil
	})
}

// DeleteAPIKeyInput holds the arguments of delete_api_key.
type DeleteAPIKeyInput struct {
	KeyID string `json:"key_id" jsonschema:"minLength=1,maxLength=128" jsonschema_description:"Key id, from list_api_keys."`
	Consent
}

func (t keyTools) deleteAPIKey() Tool {
	return defineMutation(t.platform, Spec{
		Name: "delete_api_key", Title: "Delete an API key", Toolset: ToolsetKeys, Class: client.Delete, FindWith: []string{"list_api_keys"},
		Description: "Revokes an API key of the account: deletes, disables or kills a leaked, old or unused one. " +
			"It stops working immediately.",
		Example: `{"key_id":"8dab9290-92bd-5d19-bbfb-03165e317179"}`,
	}, t.previewDeleteKey, func(ctx context.Context, in DeleteAPIKeyInput) (DeletedOutput, error) {
		name := ""
		if keys, err := t.platform.Client.APIKeys.List(ctx); err == nil {
			for i := range keys {
				if keys[i].ID == in.KeyID {
					name = shorten(keys[i].Name, maxNameText)
				}
			}
		}
		deletion, err := t.platform.Client.APIKeys.Delete(ctx, in.KeyID)
		if err != nil {
			return DeletedOutput{}, err
		}
		return DeletedOutput{ID: in.KeyID, Name: name, Deleted: true, AlreadyAbsent: deletion.AlreadyAbsent}, nil
	})
}

func (t keyTools) getAgentAPIKey() Tool {
	return defineMutation(t.platform, Spec{
		Name: "get_agent_api_key", Title: "Get an agent's API key", Toolset: ToolsetKeys, Class: client.Secret, NoEffect: true,
		FindWith:    []string{"list_agents"},
		ShowsSecret: true,
		Description: "Shows or reveals the secret API key that already belongs to an agent and which it uses to sign in. " +
			"Does not change it.",
		Example: `{"agent":"recipe-muse"}`,
	}, t.previewShow, func(ctx context.Context, in AgentKeyInput) (KeyOutput, error) {
		agent, err := t.platform.agreedReference(ctx, in.Agent)
		if err != nil {
			return KeyOutput{}, err
		}
		key, err := t.platform.Client.Agents.APIKey(ctx, agent)
		if err != nil {
			return KeyOutput{}, t.platform.missingAgent(ctx, in.Agent, err)
		}
		out := keyOutput(key)
		if out.APIKey != "" {
			out.Notice = "The api_key is a secret: hand it to the user, do not repeat it elsewhere."
		}
		return out, nil
	})
}

// AgentKeyInput holds the arguments of the tools about an agent's key.
type AgentKeyInput struct {
	AgentInput
	Consent
}

func (t keyTools) regenerateAgentAPIKey() Tool {
	return defineMutation(t.platform, Spec{
		Name: "regenerate_agent_api_key", Title: "Regenerate an agent's API key", Toolset: ToolsetKeys, Class: client.Secret,
		FindWith:    []string{"list_agents"},
		ShowsSecret: true,
		Description: "Rotates the key of an agent: regenerates, renews, swaps or replaces an exposed or old secret by a new one. " +
			"It is shown only once and the old key stops working.",
		Example: `{"agent":"recipe-muse"}`,
	}, t.previewRegenerate, func(ctx context.Context, in AgentKeyInput) (KeyOutput, error) {
		agent, err := t.platform.agreedReference(ctx, in.Agent)
		if err != nil {
			return KeyOutput{}, err
		}
		key, err := t.platform.Client.Agents.RegenerateAPIKey(ctx, agent)
		if err != nil {
			return KeyOutput{}, t.platform.missingAgent(ctx, in.Agent, err)
		}
		return keyOutput(key), nil
	})
}

func previewCreateKey(_ context.Context, in CreateAPIKeyInput) (Preview, error) {
	return Preview{
		Would: fmt.Sprintf("Create an API key named %q for the user's account, which can do everything that the user can. The secret is shown once.", visible(in.Name)),
		After: map[string]any{"name": in.Name},
	}, nil
}

func (t keyTools) previewDeleteKey(ctx context.Context, in DeleteAPIKeyInput) (Preview, error) {
	keys, err := t.platform.Client.APIKeys.List(ctx)
	if err != nil {
		return Preview{}, err
	}
	for i := range keys {
		if row := keyRow(&keys[i]); keys[i].ID == in.KeyID {
			return Preview{
				Target: row.ID,
				Would:  fmt.Sprintf("Revoke the API key %s for good. Whatever uses it stops working at once.", named(row.Name, row.ID)),
				Before: map[string]any{"id": row.ID, "name": row.Name, "last_used_at": row.LastUsedAt},
			}, nil
		}
	}
	return Preview{}, &Error{
		Code: CodeNotFound, Message: "delete API key: the account has no such key", NextStep: findStep(nil),
	}
}

func (t keyTools) previewShow(ctx context.Context, in AgentKeyInput) (Preview, error) {
	agent, err := t.platform.findAgent(ctx, in.Agent)
	if err != nil {
		return Preview{}, err
	}
	row := agentRow(agent)
	return Preview{Target: row.ID, Would: fmt.Sprintf("Show the secret API key of the agent %s to the model. Nothing changes.", named(row.Name, row.ID))}, nil
}

func (t keyTools) previewRegenerate(ctx context.Context, in AgentKeyInput) (Preview, error) {
	agent, err := t.platform.findAgent(ctx, in.Agent)
	if err != nil {
		return Preview{}, err
	}
	row := agentRow(agent)
	return Preview{
		Target: row.ID,
		Would:  fmt.Sprintf("Replace the API key of the agent %s by a new one, which is shown once. The old key stops working at once.", named(row.Name, row.ID)),
	}, nil
}
