package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// agent is a row of the table agents.
type agent struct {
	row                           int64
	id, userID, name              string
	description, instructions     string
	model                         string
	intents, capabilities         []string
	isPublic, canTalk, othersTalk bool
	creditsPerToken, minimum      sql.NullInt64
	pricingPercent                sql.NullString
	avatarURL, greeting           string
	suggestedActions              []string
	agentExtras
	createdAt, updatedAt int64
}

// agentColumns is what scanAgent reads, of a table that is called a.
const agentColumns = `a.row, a.id, a.user_id, a.name, a.description, a.instructions, a.model, a.intents, a.capabilities,
	a.is_public, a.can_talk_to_others, a.others_can_talk, a.credits_per_token_nano, a.minimum_balance_nano,
	a.pricing_percent, a.avatar_url, a.greeting_message, a.suggested_actions, a.skills, a.accept_from, a.talk_to,
	a.enabled_tools, a.created_at, a.updated_at`

// scanner is a row or rows.
type scanner interface{ Scan(...any) error }

func scanAgent(from scanner, further ...any) (*agent, error) {
	var a agent
	var intents, capabilities, actions string
	targets := []any{
		&a.row, &a.id, &a.userID, &a.name, &a.description, &a.instructions, &a.model, &intents, &capabilities,
		&a.isPublic, &a.canTalk, &a.othersTalk, &a.creditsPerToken, &a.minimum,
		&a.pricingPercent, &a.avatarURL, &a.greeting, &actions, &a.skills, &a.acceptFrom, &a.talkTo,
		&a.enabledTools, &a.createdAt, &a.updatedAt,
	}
	if err := from.Scan(append(targets, further...)...); err != nil {
		return nil, err
	}
	a.intents, a.capabilities, a.suggestedActions = stringList(intents), stringList(capabilities), stringList(actions)
	return &a, nil
}

func (p *Platform) queryAgents(ctx context.Context, query string, arguments ...any) ([]*agent, error) {
	rows, err := p.database.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	agents := []*agent{}
	for rows.Next() {
		a, err := scanAgent(rows)
		if err != nil {
			return nil, err
		}
		agents = append(agents, a)
	}
	return agents, rows.Err()
}

// body is the agent as the platform writes it. What only its owner may see is left out for others.
func (a *agent) body(viewer caller) members {
	body := members{
		"id": a.id, "agentId": a.id, "name": a.name, "username": a.name, "displayName": a.name,
		"description": a.description, "model": a.model, "intents": present(a.intents), "capabilities": present(a.capabilities),
		"isPublic": a.isPublic, "canTalkToOtherAgents": a.canTalk, "otherAgentsCanTalk": a.othersTalk,
		"creditsPerToken": creditsOrNull(a.creditsPerToken), "minimumBalance": creditsOrNull(a.minimum),
		"agentPricingPercent": nil, "avatarUrl": nil, "greetingMessage": nil, "suggestedActions": present(a.suggestedActions),
		"greetingImageMobile": nil, "greetingImageDesktop": nil, "skills": nil, "apiKey": nil,
		"createdAt": timestamp(a.createdAt), "updatedAt": timestamp(a.updatedAt),
	}
	if a.pricingPercent.Valid {
		body["agentPricingPercent"] = a.pricingPercent.String
	}
	if a.avatarURL != "" {
		body["avatarUrl"] = a.avatarURL
	}
	if a.greeting != "" {
		body["greetingMessage"] = a.greeting
	}
	if a.ownedBy(viewer) {
		body["instructions"] = a.instructions
		body["skills"], body["acceptFrom"], body["talkTo"] = jsonOrNull(a.skills), jsonOrNull(a.acceptFrom), jsonOrNull(a.talkTo)
	}
	return body
}

// config is the agent's configuration as clients of 2026 read it, beside the agent.
func (a *agent) config() members {
	return members{
		"skills": jsonOrNull(a.skills), "acceptFrom": jsonOrNull(a.acceptFrom), "talkTo": jsonOrNull(a.talkTo),
		"enabledTools": jsonOrNull(a.enabledTools),
	}
}

func jsonOrNull(text sql.NullString) any {
	if !text.Valid {
		return nil
	}
	return json.RawMessage(text.String)
}

// present gives an empty list in place of none: clients iterate over it.
func present(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func creditsOrNull(nano sql.NullInt64) any {
	if !nano.Valid {
		return nil
	}
	return formatCredits(nano.Int64)
}

func timestamp(milliseconds int64) string {
	return time.UnixMilli(milliseconds).UTC().Format(time.RFC3339Nano)
}

func (p *Platform) listAgents(r *request) (any, error) {
	limit, offset, err := r.window(1000)
	if err != nil {
		return nil, err
	}
	var total int
	if err := p.database.QueryRowContext(r.Context(),
		"SELECT count(*) FROM agents WHERE user_id = ?1 AND ?2 IN ('', id)", r.caller.userID, r.caller.agentID).Scan(&total); err != nil {
		return nil, err
	}
	agents, err := p.queryAgents(r.Context(), "SELECT "+agentColumns+
		" FROM agents a WHERE a.user_id = ?1 AND ?2 IN ('', a.id) ORDER BY a.created_at, a.id LIMIT ?3 OFFSET ?4",
		r.caller.userID, r.caller.agentID, limit, offset)
	if err != nil {
		return nil, err
	}
	rows := make([]members, 0, len(agents))
	for _, a := range agents {
		rows = append(rows, a.body(r.caller))
	}
	return members{"agents": rows, "total": total}, nil
}

func (p *Platform) getAgent(r *request) (any, error) {
	return p.showAgent(r, r.PathValue("agent"))
}

func (p *Platform) getAgentByName(r *request) (any, error) {
	return p.showAgent(r, r.PathValue("name"))
}

// ownedBy reports whether a caller acts for the agent: its owner, or the agent itself.
func (a *agent) ownedBy(who caller) bool {
	return a.userID == who.userID && (who.agentID == "" || who.agentID == a.id)
}

// findAgent finds an agent by id or name that a caller may see: public ones, the owner's, and with an agent's own key
// itself.
func (p *Platform) findAgent(ctx context.Context, who caller, idOrName string) (*agent, error) {
	a, err := scanAgent(p.database.QueryRowContext(ctx, "SELECT "+agentColumns+
		" FROM agents a WHERE (a.id = ?1 COLLATE NOCASE OR a.name = ?1) AND (a.is_public OR (a.user_id = ?2 AND ?3 IN ('', a.id)))",
		idOrName, who.userID, who.agentID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("agent")
	}
	return a, err
}

// showAgent answers with an agent that the caller may see; of others' private agents nobody learns that they exist.
func (p *Platform) showAgent(r *request, idOrName string) (any, error) {
	a, err := p.findAgent(r.Context(), r.caller, idOrName)
	if err != nil {
		return nil, err
	}
	answer := members{"agent": a.body(r.caller)}
	if a.ownedBy(r.caller) {
		answer["config"] = a.config()
	}
	return answer, nil
}

// The bounds of an agent's fields, in bytes.
const (
	maxDescription  = 10_000
	maxInstructions = 100_000
	maxIntents      = 50
	maxIntent       = 256
	defaultModel    = "gpt-4o-mini"
)

// agentName is the local part of a name as the platform takes it.
const agentNameShape = `^[a-z0-9][a-z0-9_-]{0,29}$`
