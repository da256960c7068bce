package sandbox

import (
	"database/sql"
	"strings"
	"time"

	"github.com/google/uuid"
)

// subscriptionLife is how long the platform keeps a subscription, and maxSubscriptions how many of a user this one does.
const (
	subscriptionLife = 30 * 24 * time.Hour
	maxSubscriptions = 1000
)

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
	id, now := uuid.NewString(), p.now()
	err := p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(r.Context(), "DELETE FROM subscriptions WHERE created_at <= ?", now.Add(-subscriptionLife).UnixMilli()); err != nil {
			return err
		}
		var held int
		if err := tx.QueryRowContext(r.Context(), "SELECT count(*) FROM subscriptions WHERE user_id = ?", r.caller.userID).Scan(&held); err != nil {
			return err
		}
		if held >= maxSubscriptions {
			return badRequest("at most %d subscriptions are kept", maxSubscriptions)
		}
		_, err := tx.ExecContext(r.Context(), "INSERT INTO subscriptions (id, user_id, query, threshold, callback_url, created_at) VALUES (?, ?, ?, ?, ?, ?)",
			id, r.caller.userID, input.QueryText, float64(input.Threshold), input.CallbackURL, now.UnixMilli())
		return err
	})
	if err != nil {
		return nil, err
	}
	return members{"success": true, "id": id}, nil
}

func (p *Platform) listSubscriptions(r *request) (any, error) {
	rows, err := p.database.QueryContext(r.Context(),
		"SELECT id, query, threshold, callback_url, created_at FROM subscriptions WHERE user_id = ? AND created_at > ? ORDER BY created_at, id LIMIT ?",
		r.caller.userID, p.now().Add(-subscriptionLife).UnixMilli(), maxSubscriptions)
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
