package sandbox

import (
	"database/sql"
	"net/http"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"

	"github.com/google/uuid"
)

// Overrides limit what an agent spends of its owner's credits with its own key. The portal has the routes; the members
// are those of an access token's limits, in the same unit, which is a guess.

// overrideInput is an override to set.
type overrideInput struct {
	AgentID     string `json:"agentId"`
	LimitDaily  *int64 `json:"limitDaily"`
	LimitTotal  *int64 `json:"limitTotal"`
	LimitPerUse *int64 `json:"limitPerUse"`
}

func (i *overrideInput) check() error {
	return spendingLimits{i.LimitDaily, i.LimitTotal, i.LimitPerUse}.check()
}

const overrideColumns = "id, agent_id, limit_daily, limit_total, limit_per_use, created_at, updated_at"

// overrideRow is an override without what was spent.
func overrideRow(from scanner) (row members, agentID string, err error) {
	var id string
	var daily, total, use sql.NullInt64
	var created, updated int64
	if err := from.Scan(&id, &agentID, &daily, &total, &use, &created, &updated); err != nil {
		return nil, "", err
	}
	return members{
		"id": id, "agentId": agentID, "limitDaily": nullable(daily), "limitTotal": nullable(total), "limitPerUse": nullable(use),
		"createdAt": timestamp(created), "updatedAt": timestamp(updated),
	}, agentID, nil
}

func (p *Platform) listOverrides(r *request) (any, error) {
	limit, offset, err := r.window(1000)
	if err != nil {
		return nil, err
	}
	var total int
	if err := p.database.QueryRowContext(r.Context(), "SELECT count(*) FROM spending_overrides WHERE user_id = ?", r.caller.userID).Scan(&total); err != nil {
		return nil, err
	}
	rows, err := p.database.QueryContext(r.Context(), "SELECT "+overrideColumns+
		" FROM spending_overrides WHERE user_id = ? ORDER BY created_at, id LIMIT ? OFFSET ?", r.caller.userID, limit, offset)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	found := []members{}
	for rows.Next() {
		row, _, err := overrideRow(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return members{"overrides": found, "total": total}, rows.Err()
}

// createOverride limits an agent that has no limits yet.
func (p *Platform) createOverride(r *request) (any, error) {
	var input overrideInput
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if err := input.check(); err != nil {
		return nil, err
	}
	id, now := uuid.NewString(), p.now().UnixMilli()
	err := p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		agentID, err := ownAgentID(r.Context(), tx, r.caller, input.AgentID)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(r.Context(), `INSERT INTO spending_overrides (id, user_id, agent_id, limit_daily, limit_total, limit_per_use,
			created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			id, r.caller.userID, agentID, input.LimitDaily, input.LimitTotal, input.LimitPerUse, now, now)
		return err
	})
	if sqlite.IsDuplicate(err) {
		return nil, fail(http.StatusConflict, "override_exists", "the agent has limits already; change them")
	}
	if err != nil {
		return nil, err
	}
	return p.showOverride(r, id)
}

// showOverride answers with an override and what its agent has spent.
func (p *Platform) showOverride(r *request, id string) (any, error) {
	row, agentID, err := overrideRow(p.database.QueryRowContext(r.Context(),
		"SELECT "+overrideColumns+" FROM spending_overrides WHERE id = ? AND user_id = ?", id, r.caller.userID))
	if err != nil {
		return nil, orNotFound(err, "spending override")
	}
	today, ever, err := p.spent(r.Context(), p.database, agentPurse(), agentID)
	row["spentDaily"], row["spentTotal"] = today/nanoPerLimitUnit, ever/nanoPerLimitUnit
	return members{"override": row}, err
}

// updateOverride changes the limits that the body names; null takes one away.
func (p *Platform) updateOverride(r *request) (any, error) {
	body, err := r.body()
	if err != nil {
		return nil, err
	}
	id := r.PathValue("override")
	err = p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		var input overrideInput
		if err := tx.QueryRowContext(r.Context(), "SELECT limit_daily, limit_total, limit_per_use FROM spending_overrides WHERE id = ? AND user_id = ?",
			id, r.caller.userID).Scan(&input.LimitDaily, &input.LimitTotal, &input.LimitPerUse); err != nil {
			return orNotFound(err, "spending override")
		}
		if err := decodeObject(body, &input); err != nil {
			return err
		}
		if err := input.check(); err != nil {
			return err
		}
		_, err := tx.ExecContext(r.Context(), "UPDATE spending_overrides SET limit_daily = ?, limit_total = ?, limit_per_use = ?, updated_at = ? WHERE id = ?",
			input.LimitDaily, input.LimitTotal, input.LimitPerUse, p.now().UnixMilli(), id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.showOverride(r, id)
}

func (p *Platform) deleteOverride(r *request) (any, error) {
	if _, err := p.showOverride(r, r.PathValue("override")); err != nil {
		return nil, err
	}
	_, err := p.database.ExecContext(r.Context(), "DELETE FROM spending_overrides WHERE id = ?", r.PathValue("override"))
	return members{"success": true}, err
}
