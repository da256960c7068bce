package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
)

// The accounts of the ledger.
const (
	// externalAccount stands for everything outside the platform: what is paid in comes from it.
	externalAccount = "external"
	// platformAccount gathers the platform's commission.
	platformAccount = "platform"
)

func userAccount(id string) string  { return "user:" + id }
func tokenAccount(id string) string { return "token:" + id }
func lockAccount(id string) string  { return "lock:" + id }

// move is a part of an entry: what an account gains, in billionths of a credit; less than 0 is what it gives.
type move struct {
	account string
	nano    int64
}

// entry is a movement of value between accounts.
type entry struct {
	id          string
	kind        string // addition, usage or transfer
	description string
	source      string
	// agent is the one that the entry was charged for, if any.
	agent chargedAgent
	at    int64
	moves []move
}

// chargedAgent names an agent on an entry.
type chargedAgent struct{ id, name string }

// post writes an entry. The moves on one account are added up; what comes to nothing is left out. The database refuses
// a balance below zero.
func post(ctx context.Context, tx *sql.Tx, e entry) error {
	sum := int64(0)
	totals := map[string]int64{}
	var order []string
	for _, m := range e.moves {
		if _, seen := totals[m.account]; !seen {
			order = append(order, m.account)
		}
		totals[m.account] += m.nano
		sum += m.nano
	}
	if sum != 0 {
		return fmt.Errorf("post entry: its moves come to %d, not to zero", sum)
	}
	if e.id == "" {
		e.id = uuid.NewString()
	}
	result, err := tx.ExecContext(ctx, "INSERT INTO entries (id, kind, description, source, agent_id, agent_name, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		e.id, e.kind, e.description, e.source, e.agent.id, e.agent.name, e.at)
	if err != nil {
		return fmt.Errorf("post entry: %w", err)
	}
	sequence, err := result.LastInsertId()
	if err != nil {
		return fmt.Errorf("post entry: %w", err)
	}
	for _, account := range order {
		if totals[account] == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO postings (account, entry, nano) VALUES (?, ?, ?)",
			account, sequence, totals[account]); err != nil {
			return fmt.Errorf("post to %s: %w", account, err)
		}
	}
	return nil
}

// queryer is a database or a transaction.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, arguments ...any) *sql.Row
}

// balanceOf gives what an account holds.
func balanceOf(ctx context.Context, on queryer, account string) (int64, error) {
	var nano int64
	err := on.QueryRowContext(ctx, "SELECT nano FROM accounts WHERE name = ?", account).Scan(&nano)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return nano, err
}

// insufficient is the answer to a payment that a balance does not cover.
func insufficient(required, available int64) *failure {
	return fail(http.StatusPaymentRequired, "insufficient_credits", "insufficient credits: required: %s, available: %s",
		formatCredits(required), formatCredits(available))
}

// take checks that an account covers an amount.
func take(ctx context.Context, tx *sql.Tx, account string, nano int64) error {
	available, err := balanceOf(ctx, tx, account)
	if err != nil {
		return err
	}
	if available < nano {
		return insufficient(nano, available)
	}
	return nil
}

// transfer moves an amount between two accounts, if the first covers it.
func transfer(ctx context.Context, tx *sql.Tx, from, to string, nano int64, e entry) error {
	if err := take(ctx, tx, from, nano); err != nil {
		return err
	}
	e.moves = []move{{from, -nano}, {to, nano}}
	return post(ctx, tx, e)
}
