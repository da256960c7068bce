package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"

	"github.com/google/uuid"
)

// agentInput is what a client says about an agent. But for the name, a revision keeps it in this form.
type agentInput struct {
	Name                 string          `json:"name,omitempty"`
	Instructions         string          `json:"instructions"`
	Model                string          `json:"model"`
	Description          string          `json:"description"`
	Intents              []string        `json:"intents"`
	Capabilities         []string        `json:"capabilities"`
	IsPublic             bool            `json:"isPublic"`
	CanTalkToOtherAgents bool            `json:"canTalkToOtherAgents"`
	OtherAgentsCanTalk   bool            `json:"otherAgentsCanTalk"`
	GreetingMessage      string          `json:"greetingMessage"`
	SuggestedActions     []string        `json:"suggestedActions"`
	Skills               json.RawMessage `json:"skills"`
	AcceptFrom           json.RawMessage `json:"acceptFrom"`
	TalkTo               json.RawMessage `json:"talkTo"`
	EnabledTools         json.RawMessage `json:"enabledTools"`
}

func checkAgent(input *agentInput) error {
	var faults []string
	if fault := nameFault("name", input.Name); fault != "" {
		faults = append(faults, fault)
	}
	if strings.TrimSpace(input.Instructions) == "" || len(input.Instructions) > maxInstructions {
		faults = append(faults, fmt.Sprintf("instructions are required and have at most %d bytes", maxInstructions))
	}
	if len(input.Description) > maxDescription || len(input.GreetingMessage) > maxDescription {
		faults = append(faults, fmt.Sprintf("description and greetingMessage have at most %d bytes", maxDescription))
	}
	if len(input.Model) > 100 {
		faults = append(faults, "model has at most 100 bytes")
	}
	for _, list := range [][]string{input.Intents, input.Capabilities, input.SuggestedActions} {
		if len(list) > maxIntents {
			faults = append(faults, fmt.Sprintf("a list has at most %d items", maxIntents))
		}
		for _, item := range list {
			if strings.TrimSpace(item) == "" || len(item) > maxIntent {
				faults = append(faults, fmt.Sprintf("an item of a list has 1 to %d bytes", maxIntent))
				break
			}
		}
	}
	if len(faults) > 0 {
		return badRequest("%s", strings.Join(faults, "; "))
	}
	if input.Model == "" {
		input.Model = defaultModel
	}
	return nil
}

// agentExtras are members of an agent that this platform keeps as they are, in JSON.
type agentExtras struct {
	skills, acceptFrom, talkTo, enabledTools sql.NullString
}

// maxExtra bounds one of them, in bytes.
const maxExtra = 64_000

func (input *agentInput) extras() (extras agentExtras, err error) {
	for _, member := range []struct {
		name, starts string
		from         json.RawMessage
		to           *sql.NullString
	}{
		{"skills must be an object", "{", input.Skills, &extras.skills},
		// Rules are a list, or lists of what to allow and to deny.
		{"acceptFrom must be a list or an object", "[{", input.AcceptFrom, &extras.acceptFrom},
		{"talkTo must be a list or an object", "[{", input.TalkTo, &extras.talkTo},
		{"enabledTools must be an object", "{", input.EnabledTools, &extras.enabledTools},
	} {
		text := string(member.from)
		if text == "" || text == "null" {
			continue
		}
		if len(text) > maxExtra {
			return extras, badRequest("skills, acceptFrom, talkTo and enabledTools have at most %d bytes each", maxExtra)
		}
		if !strings.Contains(member.starts, text[:1]) {
			return extras, badRequest("%s", member.name)
		}
		*member.to = sql.NullString{String: text, Valid: true}
	}
	return extras, nil
}

// createAgent answers with the agent and its own key, which is shown this once.
func (p *Platform) createAgent(r *request) (any, error) {
	var input agentInput
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if err := checkAgent(&input); err != nil {
		return nil, err
	}
	extras, err := input.extras()
	if err != nil {
		return nil, err
	}
	now := p.now().UnixMilli()
	created := &agent{
		id: uuid.NewString(), userID: r.caller.userID, name: input.Name, description: input.Description,
		instructions: input.Instructions, model: input.Model, intents: input.Intents, capabilities: input.Capabilities,
		isPublic: input.IsPublic, canTalk: input.CanTalkToOtherAgents, othersTalk: input.OtherAgentsCanTalk,
		greeting: input.GreetingMessage, suggestedActions: input.SuggestedActions, agentExtras: extras,
		createdAt: now, updatedAt: now,
	}
	var key string
	err = p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		if err := insertAgent(r.Context(), tx, created); err != nil {
			return err
		}
		if key, err = agentKeyOf(r.Context(), tx, created.id); err != nil {
			return err
		}
		_, err = p.storeKey(r.Context(), tx, key, r.caller.userID, created.id, created.name)
		return err
	})
	if sqlite.IsDuplicate(err) {
		return nil, nameTaken()
	}
	if err != nil {
		return nil, err
	}
	return members{"agent": created.body(r.caller), "config": created.config(), "rawApiKey": key}, nil
}

// insertAgent keeps a new agent, and how it is set as the first of its revisions.
func insertAgent(ctx context.Context, on execer, a *agent) error {
	_, err := on.ExecContext(ctx, `INSERT INTO agents (id, user_id, name, description, instructions, model, intents,
		capabilities, is_public, can_talk_to_others, others_can_talk, credits_per_token_nano, minimum_balance_nano,
		pricing_percent, avatar_url, greeting_message, suggested_actions, skills, accept_from, talk_to, enabled_tools,
		created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.id, a.userID, a.name, a.description, a.instructions, a.model, encodeList(a.intents),
		encodeList(a.capabilities), a.isPublic, a.canTalk, a.othersTalk, a.creditsPerToken, a.minimum,
		a.pricingPercent, a.avatarURL, a.greeting, encodeList(a.suggestedActions), a.skills, a.acceptFrom, a.talkTo, a.enabledTools, a.createdAt, a.updatedAt)
	if err != nil {
		return fmt.Errorf("insert agent: %w", err)
	}
	return insertRevision(ctx, on, a.id, *a.input(), "", a.createdAt)
}
