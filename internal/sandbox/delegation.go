package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// tokenTree shows how a token's value was handed on.
func (p *Platform) tokenTree(r *request) (any, error) {
	t, err := p.ownToken(r, p.database, r.PathValue("token"))
	if err != nil {
		return nil, err
	}
	tree, err := p.tree(r.Context(), t, nil)
	if err != nil {
		return nil, err
	}
	return members{"tree": tree}, nil
}

func (p *Platform) tree(ctx context.Context, t *paymentToken, chain []string) (members, error) {
	remaining, err := balanceOf(ctx, p.database, tokenAccount(t.id))
	if err != nil {
		return nil, err
	}
	rows, err := p.database.QueryContext(ctx, "SELECT "+paymentColumns+" FROM payment_tokens WHERE parent_id = ? ORDER BY created_at, id", t.id)
	if err != nil {
		return nil, err
	}
	var found []*paymentToken
	for rows.Next() {
		child, err := scanToken(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		found = append(found, child)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	below := append(append([]string{}, chain...), t.id)
	children := []members{}
	for _, child := range found {
		branch, err := p.tree(ctx, child, below)
		if err != nil {
			return nil, err
		}
		children = append(children, branch)
	}
	status := map[bool]string{true: "active", false: "settled"}[t.status == "active"]
	if t.status == "revoked" {
		status = "revoked"
	}
	return members{
		"id": t.id, "audience": t.audience, "status": status, "budgetCredits": formatCredits(t.budget),
		"spentCredits": formatCredits(t.budget - remaining), "remainingCredits": formatCredits(remaining), "chain": below, "children": children,
	}, nil
}

// delegateToken hands a part of a token on to another agent.
func (p *Platform) delegateToken(r *request) (any, error) {
	var input struct {
		ParentToken string          `json:"parentToken"`
		DelegateTo  string          `json:"delegateTo"`
		Amount      json.RawMessage `json:"amount"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	nano, err := positiveAmount(input.Amount)
	if err != nil {
		return nil, err
	}
	target, err := p.findAgent(r.Context(), r.caller, input.DelegateTo)
	if err != nil {
		return nil, err
	}
	var t *paymentToken
	var text string
	err = p.inLedger(r.Context(), func(tx *sql.Tx) error {
		parent, err := p.tokenFor(r.Context(), tx, r.caller, input.ParentToken)
		if err != nil {
			return err
		}
		if parent.maxDepth <= 0 {
			return badRequest("max_depth exhausted")
		}
		available, err := balanceOf(r.Context(), tx, tokenAccount(parent.id))
		if err != nil {
			return err
		}
		if available < nano {
			return badRequest("insufficient balance, available: %s", formatCredits(available))
		}
		t, text, err = p.mint(r.Context(), tx, origin(r.Request), minting{
			userID: parent.userID, parent: parent, audience: []string{target.id}, nano: nano, delegatedBy: r.caller.userID,
			life: time.UnixMilli(parent.expiresAt).Sub(p.now()),
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	credits := formatCredits(nano)
	return members{"token": text, "tokenId": t.id, "amountCredits": decimalNumber(credits), "amountDollars": decimalNumber(credits)}, nil
}
