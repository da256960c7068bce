package sandbox

import (
	"bytes"
	"database/sql"
	"encoding/json"

	"github.com/google/uuid"
)

// transactionRow is an entry as a user sees it whose account gained nano.
func transactionRow(e *entry, nano int64) members {
	row := members{
		"id": e.id, "type": e.kind, "amount": formatCredits(nano), "description": e.description,
		"source": e.source, "status": "completed", "createdAt": timestamp(e.at),
	}
	if e.agent.id != "" {
		row["agentId"], row["agentName"] = e.agent.id, e.agent.name
	}
	return row
}

func (p *Platform) listTransactions(r *request) (any, error) {
	limit, offset, err := r.window(50)
	if err != nil {
		return nil, err
	}
	kind := r.URL.Query().Get("type")
	switch kind {
	case "", "addition", "usage", "transfer":
	default:
		return nil, badRequest("type must be one of addition, usage, transfer")
	}
	const from = ` FROM postings p JOIN entries e ON e.sequence = p.entry
		WHERE p.account = ?1 AND (?2 = '' OR e.kind = ?2)`
	account := userAccount(r.caller.userID)
	var total int
	if err := p.database.QueryRowContext(r.Context(), "SELECT count(*)"+from, account, kind).Scan(&total); err != nil {
		return nil, err
	}
	rows, err := p.database.QueryContext(r.Context(), "SELECT e.id, e.kind, e.description, e.source, e.agent_id, e.agent_name, p.nano, e.created_at"+
		from+" ORDER BY e.created_at DESC, e.sequence DESC LIMIT ?3 OFFSET ?4", account, kind, limit, offset)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	transactions := []members{}
	for rows.Next() {
		var e entry
		var nano int64
		if err := rows.Scan(&e.id, &e.kind, &e.description, &e.source, &e.agent.id, &e.agent.name, &nano, &e.at); err != nil {
			return nil, err
		}
		transactions = append(transactions, transactionRow(&e, nano))
	}
	return members{"transactions": transactions, "total": total}, rows.Err()
}

// trackUsage charges the caller for usage that a client reports.
func (p *Platform) trackUsage(r *request) (any, error) {
	var input struct {
		Amount      json.RawMessage `json:"amount"`
		Type        string          `json:"type"`
		Description string          `json:"description"`
		Source      string          `json:"source"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	nano, err := positiveAmount(input.Amount)
	switch {
	case err != nil:
		return nil, err
	case input.Type != "" && input.Type != "usage":
		return nil, badRequest("type must be usage")
	case len(input.Description) > maxDescription || len(input.Source) > 100:
		return nil, badRequest("description or source is too long")
	}
	if input.Description == "" {
		input.Description = "API usage"
	}
	if input.Source == "" {
		input.Source = "api_usage"
	}
	e := entry{id: uuid.NewString(), kind: "usage", description: input.Description, source: input.Source, at: p.now().UnixMilli()}
	err = p.inLedger(r.Context(), func(tx *sql.Tx) error {
		if err := p.spend(r.Context(), tx, r.caller, nano); err != nil {
			return err
		}
		return transfer(r.Context(), tx, userAccount(r.caller.userID), externalAccount, nano, e)
	})
	if err != nil {
		return nil, err
	}
	return members{"success": true, "transaction": transactionRow(&e, -nano)}, nil
}

// amount reads an amount of credits as a JSON number or string.
func amount(raw json.RawMessage) (int64, error) {
	nano, err := parseCredits(string(bytes.Trim(bytes.TrimSpace(raw), `"`)))
	if err != nil {
		return 0, badRequest("amount: %s", err)
	}
	return nano, nil
}

// positiveAmount reads an amount of more than nothing.
func positiveAmount(raw json.RawMessage) (int64, error) {
	nano, err := amount(raw)
	if err == nil && nano == 0 {
		return 0, badRequest("amount must be more than 0")
	}
	return nano, err
}
