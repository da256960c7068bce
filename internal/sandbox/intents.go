package sandbox

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// intentInput is an intent to publish: a bare text, or an object.
type intentInput struct {
	Text        string
	AgentID     string
	Description string
	URL         string
}

// UnmarshalJSON reads either form.
func (i *intentInput) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &i.Text) == nil {
		return nil
	}
	var object struct {
		Intent      string `json:"intent"`
		AgentID     string `json:"agent_id"`
		AgentCamel  string `json:"agentId"`
		Description string `json:"description"`
		URL         string `json:"url"`
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*i = intentInput{object.Intent, cmp.Or(object.AgentID, object.AgentCamel), object.Description, object.URL}
	return nil
}

func (i *intentInput) check() error {
	if strings.TrimSpace(i.Text) == "" || len(i.Text) > maxIntent {
		return badRequest("an intent has 1 to %d bytes", maxIntent)
	}
	if len(i.Description) > maxDescription || len(i.URL) > 2000 {
		return badRequest("an intent's description or url is too long")
	}
	return nil
}

// publishIntents is the call of 2025: each intent names its agent.
func (p *Platform) publishIntents(r *request) (any, error) {
	var input struct {
		Intents []intentInput `json:"intents"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	return p.publish(r, input.Intents)
}

// createIntents is the call of 2026, for one agent, and that of mid 2025, for one intent.
func (p *Platform) createIntents(r *request) (any, error) {
	var input struct {
		Intents     []intentInput `json:"intents"`
		Intent      string        `json:"intent"`
		AgentID     string        `json:"agentId"`
		AgentSnake  string        `json:"agent_id"`
		Description string        `json:"description"`
		Older       string        `json:"agent_description"`
		URL         string        `json:"url"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if input.Intent != "" {
		input.Intents = append(input.Intents, intentInput{Text: input.Intent, URL: input.URL})
	}
	for i := range input.Intents {
		input.Intents[i].AgentID = cmp.Or(input.Intents[i].AgentID, input.AgentID, input.AgentSnake)
		input.Intents[i].Description = cmp.Or(input.Intents[i].Description, input.Description, input.Older)
	}
	return p.publish(r, input.Intents)
}

func (p *Platform) publish(r *request, intents []intentInput) (any, error) {
	if len(intents) == 0 || len(intents) > maxIntents {
		return nil, badRequest("1 to %d intents are published at once", maxIntents)
	}
	results := make([]members, 0, len(intents))
	err := p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		for i := range intents {
			intent := &intents[i]
			if err := intent.check(); err != nil {
				return err
			}
			agentID, err := ownAgentID(r.Context(), tx, r.caller, intent.AgentID)
			if err != nil {
				return err
			}
			id, err := p.storeIntent(r.Context(), tx, agentID, intent)
			if err != nil {
				return err
			}
			results = append(results, members{"success": true, "intent": intent.Text, "intent_id": id, "agent_id": agentID})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return members{"success": true, "message": "published", "results": results, "data": results[0]}, nil
}

// ownAgentID resolves the id or name of one of the caller's agents; an agent's own key stands for itself.
func ownAgentID(ctx context.Context, tx *sql.Tx, who caller, idOrName string) (string, error) {
	idOrName = cmp.Or(idOrName, who.agentID)
	var id string
	err := tx.QueryRowContext(ctx, "SELECT id FROM agents WHERE (id = ?1 COLLATE NOCASE OR name = ?1) AND user_id = ?2",
		idOrName, who.userID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && who.agentID != "" && who.agentID != id) {
		return "", badRequest("agent_id is not one of the caller's agents")
	}
	return id, err
}

// storeIntent keeps an intent; one that the agent has already is brought up to date.
func (p *Platform) storeIntent(ctx context.Context, tx *sql.Tx, agentID string, intent *intentInput) (string, error) {
	var id string
	err := tx.QueryRowContext(ctx, `INSERT INTO intents (id, agent_id, text, description, url, created_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (agent_id, text) DO UPDATE SET description = excluded.description, url = excluded.url RETURNING id`,
		uuid.NewString(), agentID, intent.Text, intent.Description, intent.URL, p.now().UnixMilli()).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("store intent: %w", err)
	}
	// The agent's own list is what the search looks at.
	_, err = tx.ExecContext(ctx, `UPDATE agents SET intents = json_insert(intents, '$[#]', ?1)
		WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM json_each(intents) WHERE value = ?1)`, intent.Text, agentID)
	if err != nil {
		return "", fmt.Errorf("list intent: %w", err)
	}
	return id, nil
}

// offeredIntent is an intent with the agent that offers it.
type offeredIntent struct {
	id, text, description, url string
	at                         int64
	agent                      *agent
}

func (o *offeredIntent) body() members {
	return members{
		"id": o.id, "intent_id": o.id, "intent": o.text, "agent_id": o.agent.id, "agentId": o.agent.id, "name": o.agent.name,
		"agent_description": o.agent.description, "description": cmp.Or(o.description, o.agent.description), "url": o.url,
		"agentUrl": cmp.Or(o.url, "/agents/"+o.agent.name), "protocol": "openai/completions", "subpath": "/chat/completions",
		"latitude": nil, "longitude": nil, "created_at": o.at / 1000, "createdAt": timestamp(o.at), "rank": 0.0, "has_location": false,
	}
}

// intentsOf gives what an agent offers: what it declares, and what was published for it.
func (p *Platform) intentsOf(ctx context.Context, a *agent) ([]*offeredIntent, error) {
	rows, err := p.database.QueryContext(ctx,
		"SELECT id, text, description, url, created_at FROM intents WHERE agent_id = ? ORDER BY created_at, id", a.id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var offered []*offeredIntent
	published := map[string]bool{}
	for rows.Next() {
		o := &offeredIntent{agent: a}
		if err := rows.Scan(&o.id, &o.text, &o.description, &o.url, &o.at); err != nil {
			return nil, err
		}
		published[o.text] = true
		offered = append(offered, o)
	}
	for _, text := range a.intents {
		if !published[text] {
			offered = append(offered, &offeredIntent{id: seedID("intent", a.id+text), text: text, at: a.createdAt, agent: a})
		}
	}
	return offered, rows.Err()
}

func (p *Platform) agentIntents(r *request) (any, error) {
	a, err := p.findAgent(r.Context(), r.caller, r.PathValue("agent"))
	if err != nil {
		return nil, err
	}
	return p.answerIntents(r.Context(), []*agent{a})
}

func (p *Platform) answerIntents(ctx context.Context, agents []*agent) (any, error) {
	bodies := []members{}
	for _, a := range agents {
		offered, err := p.intentsOf(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, o := range offered {
			bodies = append(bodies, o.body())
		}
	}
	return members{"success": true, "intents": bodies, "data": members{"intents": bodies}}, nil
}

// listIntents lists the caller's own, of one agent or of all; with an agent's key those of the agent.
func (p *Platform) listIntents(r *request) (any, error) {
	var input struct {
		AgentID string `json:"agent_id"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	agents, err := p.queryAgents(r.Context(), "SELECT "+agentColumns+
		" FROM agents a WHERE a.user_id = ?1 AND ?2 IN ('', a.id, a.name) AND ?3 IN ('', a.id) ORDER BY a.created_at, a.id",
		r.caller.userID, input.AgentID, r.caller.agentID)
	if err != nil {
		return nil, err
	}
	return p.answerIntents(r.Context(), agents)
}

func (p *Platform) deleteIntent(r *request) (any, error) {
	var input struct {
		IntentID string `json:"intent_id"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	err := p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		var agentID, text string
		err := tx.QueryRowContext(r.Context(), `DELETE FROM intents WHERE id = ? AND agent_id IN
			(SELECT id FROM agents WHERE user_id = ? AND ? IN ('', id)) RETURNING agent_id, text`,
			input.IntentID, r.caller.userID, r.caller.agentID).Scan(&agentID, &text)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("intent")
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(r.Context(), `UPDATE agents SET intents = (SELECT json_group_array(value) FROM json_each(intents) WHERE value <> ?)
			WHERE id = ?`, text, agentID)
		return err
	})
	if err != nil {
		return nil, err
	}
	data := members{"deleted_count": 1, "intent_id": input.IntentID}
	return members{"success": true, "message": "deleted", "data": data}, nil
}

func (p *Platform) intentsHealth(*request) (any, error) {
	return members{
		"status": "healthy", "service": "intents", "embedding_provider": "fts5", "collection": "intents", "ready": true,
		"timestamp": timestamp(p.now().UnixMilli()),
	}, nil
}
