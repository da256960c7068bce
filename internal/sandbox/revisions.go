package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// The portal keeps a history of each agent's configuration, and one of it can be made active again. That, and the two
// routes, are all that is known of it: the shape of a revision is this platform's own.

// The bounds of a history: how much of it is kept, and how much of it is a page. A revision carries all that is set of
// an agent.
const (
	maxRevisions    = 100
	maxRevisionPage = 20
)

// insertRevision keeps what is set of an agent now, unless that is what was set before. The name is left out: it is the agent's address, and who holds an
// older one by now may be another.
func insertRevision(ctx context.Context, on execer, agentID string, settings agentInput, restores string, at int64) error {
	settings.Name = ""
	for _, list := range []*[]string{&settings.Intents, &settings.Capabilities, &settings.SuggestedActions} {
		*list = present(*list)
	}
	encoded, err := json.Marshal(settings)
	if err != nil {
		return fmt.Errorf("keep revision: %w", err)
	}
	_, err = on.ExecContext(ctx, `INSERT INTO agent_revisions (id, agent_id, number, configuration, restored_from, created_at)
		SELECT ?1, ?2, (SELECT coalesce(max(number), 0) + 1 FROM agent_revisions WHERE agent_id = ?2), ?3, nullif(?4, ''), ?5
		WHERE ?4 <> '' OR ?3 IS NOT (SELECT configuration FROM agent_revisions WHERE agent_id = ?2 ORDER BY number DESC LIMIT 1)`,
		uuid.NewString(), agentID, string(encoded), restores, at)
	if err != nil {
		return fmt.Errorf("keep revision: %w", err)
	}
	_, err = on.ExecContext(ctx, `DELETE FROM agent_revisions WHERE agent_id = ?1 AND number <=
		(SELECT max(number) FROM agent_revisions WHERE agent_id = ?1) - ?2`, agentID, maxRevisions)
	if err != nil {
		return fmt.Errorf("keep revision: %w", err)
	}
	return nil
}

const revisionColumns = `id, agent_id, number, configuration, restored_from, created_at,
	number = (SELECT max(number) FROM agent_revisions o WHERE o.agent_id = r.agent_id)`

func revisionRow(from scanner) (members, error) {
	var id, agentID, configuration string
	var number, created int64
	var restored sql.NullString
	var active bool
	if err := from.Scan(&id, &agentID, &number, &configuration, &restored, &created, &active); err != nil {
		return nil, err
	}
	row := members{
		"id": id, "agentId": agentID, "number": number, "isActive": active, "configuration": json.RawMessage(configuration),
		"restoredFrom": nil, "createdAt": timestamp(created),
	}
	if restored.Valid {
		row["restoredFrom"] = restored.String
	}
	return row, nil
}

// listRevisions gives an agent's history, the newest first.
func (p *Platform) listRevisions(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	limit, err := bounded(r.URL.Query().Get("limit"), "limit", maxRevisionPage, 1, maxRevisionPage)
	if err != nil {
		return nil, err
	}
	offset, err := bounded(r.URL.Query().Get("offset"), "offset", 0, 0, 1<<30)
	if err != nil {
		return nil, err
	}
	var total int
	if err := p.database.QueryRowContext(r.Context(), "SELECT count(*) FROM agent_revisions WHERE agent_id = ?", a.id).Scan(&total); err != nil {
		return nil, err
	}
	rows, err := p.database.QueryContext(r.Context(), "SELECT "+revisionColumns+
		" FROM agent_revisions r WHERE agent_id = ? ORDER BY number DESC LIMIT ? OFFSET ?", a.id, limit, offset)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	found := []members{}
	for rows.Next() {
		row, err := revisionRow(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return members{"revisions": found, "total": total}, rows.Err()
}

// activateRevision sets an agent as it was. The history only grows: what is restored is its newest revision.
func (p *Platform) activateRevision(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	var revision members
	err = p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		var id, configuration string
		err := tx.QueryRowContext(r.Context(), "SELECT id, configuration FROM agent_revisions WHERE id = ? COLLATE NOCASE AND agent_id = ?",
			r.PathValue("revision"), a.id).Scan(&id, &configuration)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("revision")
		}
		if err != nil {
			return err
		}
		if err := p.changeAgent(r.Context(), tx, a.id, id, func(settings *agentInput) error {
			*settings = agentInput{Name: settings.Name}
			return json.Unmarshal([]byte(configuration), settings)
		}); err != nil {
			return err
		}
		revision, err = revisionRow(tx.QueryRowContext(r.Context(), "SELECT "+revisionColumns+
			" FROM agent_revisions r WHERE agent_id = ? ORDER BY number DESC LIMIT 1", a.id))
		return err
	})
	if err != nil {
		return nil, err
	}
	if a, err = p.findAgent(r.Context(), r.caller, a.id); err != nil {
		return nil, err
	}
	return members{"agent": a.body(r.caller), "revision": revision}, nil
}
