package sandbox

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/google/uuid"
)

// entry is a change of a balance.
type entry struct {
	id          string
	userID      string
	kind        string // addition, usage or transfer
	nano        int64  // with its sign
	description string
	source      string
	at          int64
}

// post writes an entry. It must run in a transaction that has checked the balance.
func post(ctx context.Context, tx execer, e entry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO transactions (id, user_id, type, amount_nano, description, source, status, created_at)
		VALUES (?, ?, ?, ?, ?, ?, 'completed', ?)`, e.id, e.userID, e.kind, e.nano, e.description, e.source, e.at)
	if err != nil {
		return fmt.Errorf("post transaction: %w", err)
	}
	return nil
}

// debit takes an amount off a balance that covers it, in one transaction.
func (p *Platform) debit(ctx context.Context, userID string, nano int64, kind, description, source string) (entry, error) {
	e := entry{
		id: uuid.NewString(), userID: userID, kind: kind, nano: -nano, description: description, source: source,
		at: p.now().UnixMilli(),
	}
	err := p.inTransaction(ctx, func(tx *sql.Tx) error {
		credits, err := balanceOf(ctx, tx, userID)
		if err != nil {
			return err
		}
		if credits.available() < nano {
			return fail(http.StatusPaymentRequired, "insufficient_credits", "insufficient credits: required: %s, available: %s",
				formatCredits(nano), formatCredits(credits.available()))
		}
		return post(ctx, tx, e)
	})
	return e, err
}

func (e entry) body() members {
	return members{
		"id": e.id, "type": e.kind, "amount": formatCredits(e.nano), "description": e.description,
		"source": e.source, "status": "completed", "createdAt": timestamp(e.at),
	}
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
	const where = " FROM transactions WHERE user_id = ?1 AND (?2 = '' OR type = ?2)"
	var total int
	if err := p.database.QueryRowContext(r.Context(), "SELECT count(*)"+where, r.caller.userID, kind).Scan(&total); err != nil {
		return nil, err
	}
	rows, err := p.database.QueryContext(r.Context(), "SELECT id, type, amount_nano, description, source, created_at"+where+
		" ORDER BY created_at DESC, sequence DESC LIMIT ?3 OFFSET ?4", r.caller.userID, kind, limit, offset)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	transactions := []members{}
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.id, &e.kind, &e.nano, &e.description, &e.source, &e.at); err != nil {
			return nil, err
		}
		transactions = append(transactions, e.body())
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
	nano, err := parseCredits(string(bytes.Trim(bytes.TrimSpace(input.Amount), `"`)))
	switch {
	case err != nil:
		return nil, badRequest("amount: %s", err)
	case nano == 0:
		return nil, badRequest("amount must be more than 0")
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
	e, err := p.debit(r.Context(), r.caller.userID, nano, "usage", input.Description, input.Source)
	if err != nil {
		return nil, err
	}
	return members{"success": true, "transaction": e.body()}, nil
}
