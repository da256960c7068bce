package sandbox

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/google/uuid"
)

// announce replaces the whole set of intents of the agent whose key is used.
func (p *Platform) announce(r *request) (any, error) {
	var input struct {
		URL     string        `json:"url"`
		Intents []intentInput `json:"intents"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if r.caller.agentID == "" {
		return nil, badRequest("only an agent's own key announces")
	}
	if len(input.Intents) > maxIntents {
		return nil, badRequest("at most %d intents are announced", maxIntents)
	}
	err := p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		for _, statement := range []string{"DELETE FROM intents WHERE agent_id = ?", "UPDATE agents SET intents = '[]' WHERE id = ?"} {
			if _, err := tx.ExecContext(r.Context(), statement, r.caller.agentID); err != nil {
				return err
			}
		}
		for i := range input.Intents {
			if err := input.Intents[i].check(); err != nil {
				return err
			}
			input.Intents[i].URL = input.URL
			if _, err := p.storeIntent(r.Context(), tx, r.caller.agentID, &input.Intents[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return members{"success": true, "announced": len(input.Intents)}, err
}

// publishAgent makes an agent findable under a name: a new one, or one of the caller's.
func (p *Platform) publishAgent(r *request) (any, error) {
	if err := r.ownerOnly(); err != nil {
		return nil, err
	}
	var input struct {
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Intents     []string `json:"intents"`
		Visibility  string   `json:"visibility"`
		Content     any      `json:"content"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if input.Visibility != "" && input.Visibility != "internal" && input.Visibility != "public" {
		return nil, badRequest("visibility must be internal or public")
	}
	described := agentInput{
		Name: input.Name, Description: input.Description, Intents: input.Intents, IsPublic: input.Visibility != "internal",
		Instructions: "Published without instructions.", OtherAgentsCanTalk: true,
	}
	if err := checkAgent(&described); err != nil {
		return nil, err
	}
	err := p.inTransaction(r.Context(), func(tx *sql.Tx) error { return p.republish(r, tx, &described) })
	if isDuplicate(err) {
		return nil, nameTaken()
	}
	if err != nil {
		return nil, err
	}
	return members{"success": true, "url": origin(r.Request) + "/agents/" + described.Name}, nil
}

// republish brings an agent of the caller's up to date with what is published of it, or makes one.
func (p *Platform) republish(r *request, tx *sql.Tx, described *agentInput) error {
	var id string
	err := tx.QueryRowContext(r.Context(), "SELECT id FROM agents WHERE name = ? AND user_id = ?", described.Name, r.caller.userID).Scan(&id)
	if err == nil {
		return p.changeAgent(r.Context(), tx, id, "", func(input *agentInput) error {
			input.Description, input.Intents, input.IsPublic = described.Description, described.Intents, described.IsPublic
			return nil
		})
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	now := p.now().UnixMilli()
	return insertAgent(r.Context(), tx, &agent{
		id: uuid.NewString(), userID: r.caller.userID, name: described.Name, description: described.Description,
		instructions: described.Instructions, model: described.Model, intents: described.Intents, isPublic: described.IsPublic,
		othersTalk: true, createdAt: now, updatedAt: now,
	})
}

// subscribe keeps a query that the caller wants to hear of. Nothing here calls back.
func (p *Platform) subscribe(r *request) (any, error) {
	input := struct {
		QueryText   string   `json:"queryText"`
		Threshold   fraction `json:"threshold"`
		CallbackURL string   `json:"callbackUrl"`
	}{Threshold: 0.7}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if strings.TrimSpace(input.QueryText) == "" || len(input.QueryText) > maxQueryLength || input.Threshold < 0.5 || input.Threshold > 1 || len(input.CallbackURL) > 2000 {
		return nil, badRequest("queryText is required, and threshold is from 0.5 to 1.0")
	}
	id := uuid.NewString()
	_, err := p.database.ExecContext(r.Context(), "INSERT INTO subscriptions (id, user_id, query, threshold, callback_url, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		id, r.caller.userID, input.QueryText, float64(input.Threshold), input.CallbackURL, p.now().UnixMilli())
	return members{"success": true, "id": id}, err
}

func (p *Platform) listSubscriptions(r *request) (any, error) {
	rows, err := p.database.QueryContext(r.Context(),
		"SELECT id, query, threshold, callback_url, created_at FROM subscriptions WHERE user_id = ? ORDER BY created_at, id", r.caller.userID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	found := []members{}
	for rows.Next() {
		var id, query, callback string
		var threshold float64
		var created int64
		if err := rows.Scan(&id, &query, &threshold, &callback, &created); err != nil {
			return nil, err
		}
		found = append(found, members{"id": id, "queryText": query, "threshold": threshold, "callbackUrl": callback, "createdAt": timestamp(created)})
	}
	return members{"subscriptions": found}, rows.Err()
}

func (p *Platform) unsubscribe(r *request) (any, error) {
	id := r.URL.Query().Get("id")
	if id == "" {
		var input struct {
			ID string `json:"id"`
		}
		if err := r.decode(&input); err != nil {
			return nil, err
		}
		id = input.ID
	}
	result, err := p.database.ExecContext(r.Context(), "DELETE FROM subscriptions WHERE id = ? AND user_id = ?", id, r.caller.userID)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return nil, notFound("subscription")
	}
	return members{"success": true}, nil
}

// deregister takes an agent's word that it is gone. It stays, as on the portal.
func (p *Platform) deregister(r *request) (any, error) {
	_, err := p.ownAgent(r)
	return members{"success": true}, err
}
