package sandbox

import (
	"context"
	"database/sql"
	"strings"
)

// balance is the sums of a user's transactions, in billionths of a credit.
type balance struct {
	added, used int64
}

func (b balance) available() int64 { return b.added - b.used }

// queryer is a database or a transaction.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, arguments ...any) *sql.Row
}

func balanceOf(ctx context.Context, on queryer, userID string) (balance, error) {
	var b balance
	err := on.QueryRowContext(ctx, `SELECT coalesce(sum(max(amount_nano, 0)), 0), coalesce(-sum(min(amount_nano, 0)), 0)
		FROM transactions WHERE user_id = ?`, userID).Scan(&b.added, &b.used)
	return b, err
}

func (p *Platform) getUser(r *request) (any, error) {
	var name, email, role, plan, referral string
	var created int64
	err := p.database.QueryRowContext(r.Context(),
		"SELECT name, email, role, plan_name, referral_code, created_at FROM users WHERE id = ?", r.caller.userID,
	).Scan(&name, &email, &role, &plan, &referral, &created)
	if err != nil {
		return nil, err
	}
	credits, err := balanceOf(r.Context(), p.database, r.caller.userID)
	if err != nil {
		return nil, err
	}
	username, _, _ := strings.Cut(email, "@")
	return members{"user": members{
		"id": r.caller.userID, "name": name, "username": username, "email": email, "role": role, "planName": plan,
		"totalCredits": formatCredits(credits.added), "usedCredits": formatCredits(credits.used),
		"referralCode": referral, "createdAt": timestamp(created),
	}}, nil
}

// getCredits is the balance as 2025 tells it: flat, and nested for the clients before.
func (p *Platform) getCredits(r *request) (any, error) {
	credits, err := balanceOf(r.Context(), p.database, r.caller.userID)
	if err != nil {
		return nil, err
	}
	flat := members{
		"availableCredits": formatCredits(credits.available()), "totalCredits": formatCredits(credits.added),
		"usedCredits": formatCredits(credits.used),
	}
	return members{
		"availableCredits": flat["availableCredits"], "totalCredits": flat["totalCredits"], "usedCredits": flat["usedCredits"],
		"credits": flat,
	}, nil
}

// getBalance is the balance as 2026 tells it.
func (p *Platform) getBalance(r *request) (any, error) {
	credits, err := balanceOf(r.Context(), p.database, r.caller.userID)
	if err != nil {
		return nil, err
	}
	return members{"availableBalance": credits.available(), "availableDollars": decimalNumber(formatCredits(credits.available()))}, nil
}

// decimalNumber is a decimal that is written as a JSON number, digit by digit.
type decimalNumber string

// MarshalJSON writes the digits as they are.
func (n decimalNumber) MarshalJSON() ([]byte, error) { return []byte(n), nil }
