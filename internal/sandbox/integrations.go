package sandbox

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
)

const integrationColumns = "id, name, type, protocol, agent_id, created_at, updated_at"

// ofHolder chooses the integrations of a user or, with an agent's id, those of one of the user's agents.
const ofHolder = " FROM integrations WHERE user_id = ?1 AND coalesce(agent_id, '') = ?2"

func scanIntegration(r *request, from scanner) (members, error) {
	var id, name, kind, protocol string
	var agentID sql.NullString
	var created, updated int64
	if err := from.Scan(&id, &name, &kind, &protocol, &agentID, &created, &updated); err != nil {
		return nil, err
	}
	row := members{
		"id": id, "userId": r.caller.userID, "agentId": nil, "name": name, "type": kind, "protocol": protocol,
		"createdAt": timestamp(created), "updatedAt": timestamp(updated),
	}
	if agentID.Valid {
		row["agentId"] = agentID.String
	}
	return row, nil
}

// integrationInput is another service that agents work with.
type integrationInput struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Protocol string `json:"protocol"`
}

func (i *integrationInput) check() error {
	i.Name = strings.TrimSpace(i.Name)
	switch {
	case !slices.Contains([]string{"agent", "mcp", "api"}, i.Type):
		return badRequest("type must be one of agent, mcp, api")
	case !slices.Contains([]string{"mcp", "a2a", "p2pmcp", "http"}, i.Protocol):
		return badRequest("protocol must be one of mcp, a2a, p2pmcp, http")
	case len(i.Name) > 100:
		return badRequest("name has at most 100 bytes")
	}
	return nil
}

// createIntegration names a service for all of the user's agents.
func (p *Platform) createIntegration(r *request) (any, error) { return p.storeIntegration(r, "") }

func (p *Platform) storeIntegration(r *request, agentID string) (any, error) {
	input := integrationInput{Type: "api", Protocol: "http"}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if err := input.check(); err != nil {
		return nil, err
	}
	id, now := uuid.NewString(), p.now().UnixMilli()
	if _, err := p.database.ExecContext(r.Context(), `INSERT INTO integrations (id, user_id, agent_id, name, type, protocol, created_at, updated_at)
		VALUES (?, ?, nullif(?, ''), ?, ?, ?, ?, ?)`, id, r.caller.userID, agentID, input.Name, input.Type, input.Protocol, now, now); err != nil {
		return nil, err
	}
	return p.showIntegration(r, agentID, id)
}

func (p *Platform) showIntegration(r *request, agentID, id string) (any, error) {
	row, err := scanIntegration(r, p.database.QueryRowContext(r.Context(),
		"SELECT "+integrationColumns+ofHolder+" AND id = ?3", r.caller.userID, agentID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("integration")
	}
	return members{"integration": row}, err
}

func (p *Platform) getIntegration(r *request) (any, error) {
	return p.showIntegration(r, "", r.PathValue("integration"))
}

func (p *Platform) listIntegrations(r *request) (any, error) { return p.answerIntegrations(r, "") }

func (p *Platform) answerIntegrations(r *request, agentID string) (any, error) {
	limit, offset, err := r.window(1000)
	if err != nil {
		return nil, err
	}
	var total int
	if err := p.database.QueryRowContext(r.Context(), "SELECT count(*)"+ofHolder, r.caller.userID, agentID).Scan(&total); err != nil {
		return nil, err
	}
	rows, err := p.database.QueryContext(r.Context(), "SELECT "+integrationColumns+ofHolder+" ORDER BY created_at, id LIMIT ?3 OFFSET ?4",
		r.caller.userID, agentID, limit, offset)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	found := []members{}
	for rows.Next() {
		row, err := scanIntegration(r, rows)
		if err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return members{"integrations": found, "total": total}, rows.Err()
}

func (p *Platform) deleteIntegration(r *request) (any, error) { return p.removeIntegration(r, "") }

func (p *Platform) removeIntegration(r *request, agentID string) (any, error) {
	result, err := p.database.ExecContext(r.Context(), "DELETE"+ofHolder+" AND id = ?3", r.caller.userID, agentID, r.PathValue("integration"))
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return nil, errors.Join(notFound("integration"), err)
	}
	return members{"success": true}, nil
}
