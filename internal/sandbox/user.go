package sandbox

import (
	"context"
	"strings"
)

// credits is what a user's account gained and gave, in billionths of a credit.
type credits struct {
	added, used int64
}

func (c credits) available() int64 { return c.added - c.used }

func creditsOf(ctx context.Context, on queryer, userID string) (credits, error) {
	var c credits
	err := on.QueryRowContext(ctx, `SELECT coalesce(sum(max(nano, 0)), 0), coalesce(-sum(min(nano, 0)), 0)
		FROM postings WHERE account = ?`, userAccount(userID)).Scan(&c.added, &c.used)
	return c, err
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
	c, err := creditsOf(r.Context(), p.database, r.caller.userID)
	if err != nil {
		return nil, err
	}
	username, _, _ := strings.Cut(email, "@")
	return members{"user": members{
		"id": r.caller.userID, "name": name, "username": username, "email": email, "role": role, "planName": plan,
		"totalCredits": formatCredits(c.added), "usedCredits": formatCredits(c.used),
		"referralCode": referral, "createdAt": timestamp(created),
	}}, nil
}

// getCredits is the balance as 2025 tells it: flat, and nested for the clients before.
func (p *Platform) getCredits(r *request) (any, error) {
	c, err := creditsOf(r.Context(), p.database, r.caller.userID)
	if err != nil {
		return nil, err
	}
	flat := members{
		"availableCredits": formatCredits(c.available()), "totalCredits": formatCredits(c.added),
		"usedCredits": formatCredits(c.used),
	}
	return members{
		"availableCredits": flat["availableCredits"], "totalCredits": flat["totalCredits"], "usedCredits": flat["usedCredits"],
		"credits": flat,
	}, nil
}

// getBalance is the balance as 2026 tells it.
func (p *Platform) getBalance(r *request) (any, error) {
	c, err := creditsOf(r.Context(), p.database, r.caller.userID)
	if err != nil {
		return nil, err
	}
	return members{"availableBalance": c.available(), "availableDollars": decimalNumber(formatCredits(c.available()))}, nil
}

// decimalNumber is a decimal that is written as a JSON number, digit by digit.
type decimalNumber string

// MarshalJSON writes the digits as they are.
func (n decimalNumber) MarshalJSON() ([]byte, error) { return []byte(n), nil }
