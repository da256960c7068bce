package sandbox

import (
	"context"
	"math"
	"strings"
)

// credits is what a user's account holds, ever gained and ever gave, in billionths of a credit.
type credits struct {
	held, added, used int64
}

func (c credits) available() int64 { return c.held }

// creditsOf adds up whole credits and the rest apart: value that goes to and fro comes to more than the ledger counts to.
func creditsOf(ctx context.Context, on queryer, userID string) (credits, error) {
	var gained, gainedRest, given, givenRest int64
	account := userAccount(userID)
	err := on.QueryRowContext(ctx, `SELECT coalesce(sum(max(nano, 0) / ?2), 0), coalesce(sum(max(nano, 0) % ?2), 0),
		coalesce(sum(-min(nano, 0) / ?2), 0), coalesce(sum(-min(nano, 0) % ?2), 0)
		FROM postings WHERE account = ?1`, account, nanoPerCredit).Scan(&gained, &gainedRest, &given, &givenRest)
	if err != nil {
		return credits{}, err
	}
	c := credits{added: saturated(gained, gainedRest), used: saturated(given, givenRest)}
	c.held, err = balanceOf(ctx, on, account)
	return c, err
}

// saturated is an amount in billionths, or the most that can be told.
func saturated(whole, rest int64) int64 {
	whole, rest = whole+rest/nanoPerCredit, rest%nanoPerCredit
	if whole >= math.MaxInt64/nanoPerCredit {
		return math.MaxInt64
	}
	return whole*nanoPerCredit + rest
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
