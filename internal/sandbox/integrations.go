package sandbox

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
)

const integrationColumns = "id, name, type, protocol, created_at, updated_at"

func (p *Platform) scanIntegration(r *request, from scanner) (members, error) {
	var id, name, kind, protocol string
	var created, updated int64
	if err := from.Scan(&id, &name, &kind, &protocol, &created, &updated); err != nil {
		return nil, err
	}
	return members{
		"id": id, "userId": r.caller.userID, "name": name, "type": kind, "protocol": protocol,
		"createdAt": timestamp(created), "updatedAt": timestamp(updated),
	}, nil
}

// createIntegration names another service that the user's agents work with.
func (p *Platform) createIntegration(r *request) (any, error) {
	input := struct {
		Name     string `json:"name"`
		Type     string `json:"type"`
		Protocol string `json:"protocol"`
	}{Type: "api", Protocol: "http"}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains([]string{"agent", "mcp", "api"}, input.Type):
		return nil, badRequest("type must be one of agent, mcp, api")
	case !slices.Contains([]string{"mcp", "a2a", "p2pmcp", "http"}, input.Protocol):
		return nil, badRequest("protocol must be one of mcp, a2a, p2pmcp, http")
	case len(input.Name) > 100:
		return nil, badRequest("name has at most 100 bytes")
	}
	id, now := uuid.NewString(), p.now().UnixMilli()
	if _, err := p.database.ExecContext(r.Context(), "INSERT INTO integrations (id, user_id, name, type, protocol, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		id, r.caller.userID, strings.TrimSpace(input.Name), input.Type, input.Protocol, now, now); err != nil {
		return nil, err
	}
	return p.showIntegration(r, id)
}

func (p *Platform) showIntegration(r *request, id string) (any, error) {
	row, err := p.scanIntegration(r, p.database.QueryRowContext(r.Context(),
		"SELECT "+integrationColumns+" FROM integrations WHERE id = ? AND user_id = ?", id, r.caller.userID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("integration")
	}
	return members{"integration": row}, err
}

func (p *Platform) getIntegration(r *request) (any, error) {
	return p.showIntegration(r, r.PathValue("integration"))
}

func (p *Platform) listIntegrations(r *request) (any, error) {
	rows, err := p.database.QueryContext(r.Context(),
		"SELECT "+integrationColumns+" FROM integrations WHERE user_id = ? ORDER BY created_at, id", r.caller.userID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	found := []members{}
	for rows.Next() {
		row, err := p.scanIntegration(r, rows)
		if err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return members{"integrations": found}, rows.Err()
}

func (p *Platform) deleteIntegration(r *request) (any, error) {
	if _, err := p.showIntegration(r, r.PathValue("integration")); err != nil {
		return nil, err
	}
	_, err := p.database.ExecContext(r.Context(), "DELETE FROM integrations WHERE id = ?", r.PathValue("integration"))
	return members{"success": true}, err
}
