package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"
)

// input is what can be set of an agent, as it is set.
func (a *agent) input() *agentInput {
	input := &agentInput{
		Name: a.name, Instructions: a.instructions, Model: a.model, Description: a.description, Intents: a.intents,
		Capabilities: a.capabilities, IsPublic: a.isPublic, CanTalkToOtherAgents: a.canTalk, OtherAgentsCanTalk: a.othersTalk,
		GreetingMessage: a.greeting, SuggestedActions: a.suggestedActions,
	}
	for _, member := range []struct {
		from sql.NullString
		to   *json.RawMessage
	}{{a.skills, &input.Skills}, {a.acceptFrom, &input.AcceptFrom}, {a.talkTo, &input.TalkTo}, {a.enabledTools, &input.EnabledTools}} {
		if member.from.Valid {
			*member.to = json.RawMessage(member.from.String)
		}
	}
	return input
}

// changeAgent applies a change to an agent as it stands, and keeps the outcome as a revision.
func (p *Platform) changeAgent(ctx context.Context, tx *sql.Tx, id, restores string, change func(*agentInput) error) error {
	a, err := scanAgent(tx.QueryRowContext(ctx, "SELECT "+agentColumns+" FROM agents a WHERE a.id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return notFound("agent") // it was deleted between its owner's check and here
	}
	if err != nil {
		return err
	}
	input := a.input()
	if err := change(input); err != nil {
		return err
	}
	if err := checkAgent(input); err != nil {
		return err
	}
	extras, err := input.extras()
	if err != nil {
		return err
	}
	now := p.now().UnixMilli()
	_, err = tx.ExecContext(ctx, `UPDATE agents SET name = ?, description = ?, instructions = ?, model = ?,
		intents = ?, capabilities = ?, is_public = ?, can_talk_to_others = ?, others_can_talk = ?, greeting_message = ?,
		suggested_actions = ?, skills = ?, accept_from = ?, talk_to = ?, enabled_tools = ?, updated_at = ? WHERE id = ?`,
		input.Name, input.Description, input.Instructions, input.Model, encodeList(input.Intents), encodeList(input.Capabilities),
		input.IsPublic, input.CanTalkToOtherAgents, input.OtherAgentsCanTalk, input.GreetingMessage,
		encodeList(input.SuggestedActions), extras.skills, extras.acceptFrom, extras.talkTo, extras.enabledTools, now, id)
	if sqlite.IsDuplicate(err) {
		return nameTaken()
	}
	if err != nil {
		return err
	}
	return insertRevision(ctx, tx, id, *input, restores, now)
}

// updateAgent changes what the body names and leaves the rest.
func (p *Platform) updateAgent(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	body, err := r.body()
	if err != nil {
		return nil, err
	}
	err = p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		return p.changeAgent(r.Context(), tx, a.id, "", func(input *agentInput) error {
			name := input.Name
			if err := decodeObject(body, input); err != nil || input.Name == name {
				return err
			}
			return owners.admit(r.caller) // a name is the agent's address
		})
	})
	if err != nil {
		return nil, err
	}
	return p.showAgent(r, a.id)
}

func (p *Platform) agentUsername(r *request) (any, error) {
	a, err := p.findAgent(r.Context(), r.caller, r.PathValue("agent"))
	if err != nil {
		return nil, err
	}
	return members{"username": a.name}, nil
}

// changeAgentUsername gives an agent another name, at once and without a trace of the old one. The body's member is not
// known; it is called as the agent's own.
func (p *Platform) changeAgentUsername(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	var input struct {
		Username string `json:"username"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if fault := nameFault("username", input.Username); fault != "" {
		return nil, badRequest("%s", fault)
	}
	_, err = p.database.ExecContext(r.Context(), "UPDATE agents SET name = ?, updated_at = ? WHERE id = ?", input.Username, p.now().UnixMilli(), a.id)
	if sqlite.IsDuplicate(err) {
		return nil, nameTaken()
	}
	return members{"username": input.Username}, err
}

// nameFault says what keeps a text from being an agent's name, or nothing.
func nameFault(field, name string) string {
	if !regexp.MustCompile(agentNameShape).MatchString(name) {
		return field + " must have 1 to 30 of a-z, 0-9, _ and -, and start with a letter or digit"
	}
	switch name {
	case "by-name", "search", "discover", "unreads", "heartbeat", "publish", "sync", "personal":
		return field + " is reserved"
	}
	return ""
}

func nameTaken() *failure {
	return fail(http.StatusConflict, "name_taken", "an agent of that name exists")
}
