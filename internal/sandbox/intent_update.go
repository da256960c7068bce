package sandbox

import (
	"cmp"
	"database/sql"
	"net/http"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"
)

// updateIntent changes what the body names of an intent. The portal has the route; that the body looks like that of the
// other calls on intents is a guess.
func (p *Platform) updateIntent(r *request) (any, error) {
	var input struct {
		IntentID    string  `json:"intent_id"`
		Intent      string  `json:"intent"`
		Description *string `json:"description"`
		URL         *string `json:"url"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	err := p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		var agentID string
		var was intentInput
		if err := tx.QueryRowContext(r.Context(), `SELECT i.agent_id, i.text, i.description, i.url FROM intents i JOIN agents a ON a.id = i.agent_id
			WHERE i.id = ? AND a.user_id = ? AND ? IN ('', a.id)`, input.IntentID, r.caller.userID, r.caller.agentID).
			Scan(&agentID, &was.Text, &was.Description, &was.URL); err != nil {
			return orNotFound(err, "intent")
		}
		is := was
		is.Text = cmp.Or(input.Intent, was.Text)
		if input.Description != nil {
			is.Description = *input.Description
		}
		if input.URL != nil {
			is.URL = *input.URL
		}
		if err := is.check(); err != nil {
			return err
		}
		_, err := tx.ExecContext(r.Context(), "UPDATE intents SET text = ?, description = ?, url = ? WHERE id = ?",
			is.Text, is.Description, is.URL, input.IntentID)
		if sqlite.IsDuplicate(err) {
			return fail(http.StatusConflict, "intent_exists", "the agent has that intent already")
		}
		if err != nil || is.Text == was.Text {
			return err
		}
		// The agent may list the new text already; the search needs it once.
		_, err = tx.ExecContext(r.Context(), `UPDATE agents SET intents = (SELECT json_group_array(DISTINCT iif(value = ?1, ?2, value))
			FROM json_each(intents)) WHERE id = ?3`, was.Text, is.Text, agentID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return members{"success": true, "message": "updated", "data": members{"intent_id": input.IntentID}}, nil
}
