package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"modernc.org/sqlite"
	sqlitecodes "modernc.org/sqlite/lib"
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
	skills                        sql.NullString
	createdAt, updatedAt          int64
}

// agentColumns is what scanAgent reads, of a table that is called a.
const agentColumns = `a.row, a.id, a.user_id, a.name, a.description, a.instructions, a.model, a.intents, a.capabilities,
	a.is_public, a.can_talk_to_others, a.others_can_talk, a.credits_per_token_nano, a.minimum_balance_nano,
	a.pricing_percent, a.avatar_url, a.greeting_message, a.suggested_actions, a.skills, a.created_at, a.updated_at`

// scanner is a row or rows.
type scanner interface{ Scan(...any) error }

func scanAgent(from scanner, further ...any) (*agent, error) {
	var a agent
	var intents, capabilities, actions string
	targets := []any{
		&a.row, &a.id, &a.userID, &a.name, &a.description, &a.instructions, &a.model, &intents, &capabilities,
		&a.isPublic, &a.canTalk, &a.othersTalk, &a.creditsPerToken, &a.minimum,
		&a.pricingPercent, &a.avatarURL, &a.greeting, &actions, &a.skills, &a.createdAt, &a.updatedAt,
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
func (a *agent) body(viewer string) members {
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
	if a.userID == viewer {
		body["instructions"] = a.instructions
		if a.skills.Valid {
			body["skills"] = json.RawMessage(a.skills.String)
		}
	}
	return body
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
		"SELECT count(*) FROM agents WHERE user_id = ?", r.caller.userID).Scan(&total); err != nil {
		return nil, err
	}
	agents, err := p.queryAgents(r.Context(), "SELECT "+agentColumns+
		" FROM agents a WHERE a.user_id = ? ORDER BY a.created_at, a.id LIMIT ? OFFSET ?", r.caller.userID, limit, offset)
	if err != nil {
		return nil, err
	}
	rows := make([]members, 0, len(agents))
	for _, a := range agents {
		rows = append(rows, a.body(r.caller.userID))
	}
	return members{"agents": rows, "total": total}, nil
}

func (p *Platform) getAgent(r *request) (any, error) {
	return p.showAgent(r, r.PathValue("agent"))
}

func (p *Platform) getAgentByName(r *request) (any, error) {
	return p.showAgent(r, r.PathValue("name"))
}

// findAgent finds an agent by id or name that a user may see.
func (p *Platform) findAgent(ctx context.Context, userID, idOrName string) (*agent, error) {
	a, err := scanAgent(p.database.QueryRowContext(ctx, "SELECT "+agentColumns+
		" FROM agents a WHERE (a.id = ?1 COLLATE NOCASE OR a.name = ?1) AND (a.is_public OR a.user_id = ?2)", idOrName, userID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("agent")
	}
	return a, err
}

// showAgent answers with an agent that the caller may see; of others' private agents nobody learns that they exist.
func (p *Platform) showAgent(r *request, idOrName string) (any, error) {
	a, err := p.findAgent(r.Context(), r.caller.userID, idOrName)
	if err != nil {
		return nil, err
	}
	return members{"agent": a.body(r.caller.userID)}, nil
}

// The bounds of an agent's fields, in bytes.
const (
	maxDescription  = 10_000
	maxInstructions = 100_000
	maxIntents      = 50
	maxIntent       = 256
	defaultModel    = "gpt-4o-mini"
)

// agentInput is what a client says about a new agent.
type agentInput struct {
	Name                 string          `json:"name"`
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
}

// agentName is the local part of a name as the platform takes it.
const agentNameShape = `^[a-z0-9][a-z0-9_-]{0,29}$`

func checkAgent(input *agentInput) error {
	var faults []string
	if !regexp.MustCompile(agentNameShape).MatchString(input.Name) {
		faults = append(faults, "name must have 1 to 30 of a-z, 0-9, _ and -, and start with a letter or digit")
	}
	switch input.Name {
	case "by-name", "search", "discover", "unreads", "heartbeat", "publish", "sync", "personal":
		faults = append(faults, "name is reserved")
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

// skills gives the agent's skills as the database keeps them.
func (input *agentInput) skills() (sql.NullString, error) {
	text := string(input.Skills)
	skills := sql.NullString{String: text, Valid: text != "" && text != "null"}
	if skills.Valid && text[0] != '{' {
		return skills, badRequest("skills must be an object")
	}
	return skills, nil
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
	skills, err := input.skills()
	if err != nil {
		return nil, err
	}
	now := p.now().UnixMilli()
	created := &agent{
		id: uuid.NewString(), userID: r.caller.userID, name: input.Name, description: input.Description,
		instructions: input.Instructions, model: input.Model, intents: input.Intents, capabilities: input.Capabilities,
		isPublic: input.IsPublic, canTalk: input.CanTalkToOtherAgents, othersTalk: input.OtherAgentsCanTalk,
		greeting: input.GreetingMessage, suggestedActions: input.SuggestedActions, skills: skills,
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
	if isDuplicate(err) {
		return nil, fail(http.StatusConflict, "name_taken", "an agent of that name exists")
	}
	if err != nil {
		return nil, err
	}
	return members{"agent": created.body(r.caller.userID), "rawApiKey": key}, nil
}

func insertAgent(ctx context.Context, on execer, a *agent) error {
	_, err := on.ExecContext(ctx, `INSERT INTO agents (id, user_id, name, description, instructions, model, intents,
		capabilities, is_public, can_talk_to_others, others_can_talk, credits_per_token_nano, minimum_balance_nano,
		pricing_percent, avatar_url, greeting_message, suggested_actions, skills, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.id, a.userID, a.name, a.description, a.instructions, a.model, encodeList(a.intents),
		encodeList(a.capabilities), a.isPublic, a.canTalk, a.othersTalk, a.creditsPerToken, a.minimum,
		a.pricingPercent, a.avatarURL, a.greeting, encodeList(a.suggestedActions), a.skills, a.createdAt, a.updatedAt)
	if err != nil {
		return fmt.Errorf("insert agent: %w", err)
	}
	return nil
}

// isDuplicate reports whether an error is the database's refusal of a second row of the same key.
func isDuplicate(err error) bool {
	var refused *sqlite.Error
	return errors.As(err, &refused) &&
		(refused.Code() == sqlitecodes.SQLITE_CONSTRAINT_UNIQUE || refused.Code() == sqlitecodes.SQLITE_CONSTRAINT_PRIMARYKEY)
}
