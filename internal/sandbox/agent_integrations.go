package sandbox

import "database/sql"

// The portal keeps MCP servers and connectors for each agent. Its rows are not known; these are those of a user's
// integrations, which have a member for the agent.

func (p *Platform) listAgentIntegrations(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	return p.answerIntegrations(r, a.id)
}

// createAgentIntegration names a service for one agent.
func (p *Platform) createAgentIntegration(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	return p.storeIntegration(r, a.id)
}

// updateAgentIntegration changes what the body names and leaves the rest.
func (p *Platform) updateAgentIntegration(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	body, err := r.body()
	if err != nil {
		return nil, err
	}
	id := r.PathValue("integration")
	err = p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		var input integrationInput
		if err := tx.QueryRowContext(r.Context(), "SELECT name, type, protocol"+ofHolder+" AND id = ?3", r.caller.userID, a.id, id).
			Scan(&input.Name, &input.Type, &input.Protocol); err != nil {
			return orNotFound(err, "integration")
		}
		if err := decodeObject(body, &input); err != nil {
			return err
		}
		if err := input.check(); err != nil {
			return err
		}
		_, err := tx.ExecContext(r.Context(), "UPDATE integrations SET name = ?, type = ?, protocol = ?, updated_at = ? WHERE id = ?",
			input.Name, input.Type, input.Protocol, p.now().UnixMilli(), id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.showIntegration(r, a.id, id)
}

func (p *Platform) deleteAgentIntegration(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	return p.removeIntegration(r, a.id)
}
