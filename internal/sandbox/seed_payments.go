package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"time"
)

// seedKey is an API key of the demo user that is listed and that nobody holds.
type seedKey struct {
	Name    string `json:"name"`
	DaysAgo int    `json:"days_ago"`
}

// seedToken is a payment token that another user gave the demo user. Its id and those of its locks follow from the
// names, and an id is enough to use a token.
type seedToken struct {
	Name    string `json:"name"`
	From    string `json:"from"`
	Credits string `json:"credits"`
	Days    int    `json:"days"`
	Locks   []struct {
		Name    string `json:"name"`
		Credits string `json:"credits"`
	} `json:"locks"`
}

func seedKeys(ctx context.Context, tx *sql.Tx, data *seedFile, now time.Time) error {
	for _, k := range data.Keys {
		hash := sha256.Sum256([]byte(rand.Text()))
		if _, err := tx.ExecContext(ctx,
			"INSERT INTO api_keys (id, user_id, name, prefix, hash, created_at) VALUES (?, ?, ?, 'rok_seeded', ?, ?)",
			seedID("key", k.Name), demoUserID, k.Name, hash[:], now.AddDate(0, 0, -k.DaysAgo).UnixMilli()); err != nil {
			return fmt.Errorf("insert API key: %w", err)
		}
	}
	return nil
}

func seedPayments(ctx context.Context, tx *sql.Tx, data *seedFile, now time.Time) error {
	for _, t := range data.PaymentTokens {
		nano, err := parseCredits(t.Credits)
		if err != nil {
			return fmt.Errorf("read seed amount %q: %w", t.Credits, err)
		}
		id, expires := seedID("payment-token", t.Name), now.AddDate(0, 0, t.Days).UnixMilli()
		if _, err := tx.ExecContext(ctx, `INSERT INTO payment_tokens (id, user_id, audience, max_depth, budget_nano, status,
			created_at, expires_at) VALUES (?, ?, '[]', ?, ?, 'active', ?, ?)`,
			id, seedID("user", t.From), defaultMaxDepth, nano, now.UnixMilli(), expires); err != nil {
			return fmt.Errorf("insert payment token: %w", err)
		}
		if err := post(ctx, tx, entry{
			kind: "addition", description: "payment token " + t.Name, source: "seed", at: now.UnixMilli(),
			moves: []move{{externalAccount, -nano}, {tokenAccount(id), nano}},
		}); err != nil {
			return err
		}
		for _, l := range t.Locks {
			if err := seedLock(ctx, tx, id, seedID("lock", l.Name), l.Credits, now, expires); err != nil {
				return err
			}
		}
	}
	return nil
}

func seedLock(ctx context.Context, tx *sql.Tx, token, id, credits string, now time.Time, expires int64) error {
	nano, err := parseCredits(credits)
	if err != nil {
		return fmt.Errorf("read seed amount %q: %w", credits, err)
	}
	if _, err := tx.ExecContext(ctx,
		"INSERT INTO locks (id, token_id, payee_id, status, created_at, expires_at) VALUES (?, ?, ?, 'active', ?, ?)",
		id, token, demoUserID, now.UnixMilli(), expires); err != nil {
		return fmt.Errorf("insert lock: %w", err)
	}
	return transfer(ctx, tx, tokenAccount(token), lockAccount(id), nano, entry{
		kind: "transfer", description: "payment locked", source: "seed", at: now.UnixMilli(),
	})
}
