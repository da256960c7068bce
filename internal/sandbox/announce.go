package sandbox

import (
	"database/sql"
	"errors"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"

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
	if sqlite.IsDuplicate(err) {
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

// deregister takes an agent's word that it is gone. It stays, as on the portal.
func (p *Platform) deregister(r *request) (any, error) {
	_, err := p.ownAgent(r)
	return members{"success": true}, err
}
