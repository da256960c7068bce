package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"

	"github.com/google/uuid"
)

// What a settlement keeps back, in thousandths: the platform's commission, and that of everybody who delegated the
// token on its way. The real platform's figures are not documented; these are this platform's own.
const (
	platformPerMille   = 50
	delegationPerMille = 10
)

// settleInput is what a client asks to charge.
type settleInput struct {
	LockID         string          `json:"lockId"`
	Token          string          `json:"token"`
	Amount         json.RawMessage `json:"amount"`
	Usage          []usageRecord   `json:"usage"`
	Description    string          `json:"description"`
	Resource       string          `json:"resource"`
	ChargeType     string          `json:"chargeType"`
	Release        bool            `json:"release"`
	IdempotencyKey string          `json:"idempotencyKey"`
	x402Request
}

// settlePayment charges a lock or a token in the caller's favor.
func (p *Platform) settlePayment(r *request) (any, error) {
	raw, err := r.body()
	if err != nil {
		return nil, err
	}
	var input settleInput
	if err := decodeObject(raw, &input); err != nil {
		return nil, err
	}
	if input.present() {
		return p.settleHeader(r, input.x402Request)
	}
	if header := r.Header.Get("Idempotency-Key"); header != "" {
		input.IdempotencyKey = header
	}
	charge, err := p.newCharge(&input)
	if err != nil {
		return nil, err
	}
	return p.once(r, input.IdempotencyKey, input.LockID, raw, func(tx *sql.Tx) (members, error) {
		return p.charge(r.Context(), tx, r.caller, charge)
	})
}

// charge is a checked request to charge.
type charge struct {
	lockID, token string
	// paid is the token itself where that is checked already.
	paid        *paymentToken
	nano        int64
	release     bool
	fromUsage   bool
	description string
}

func (p *Platform) newCharge(input *settleInput) (charge, error) {
	c := charge{lockID: input.LockID, token: input.Token, description: input.Description}
	if c.description == "" {
		c.description = "payment"
	}
	switch input.ChargeType {
	case "", "platform_fee", "platform_llm", "agent_fee", "byok_llm", "byok_mcp_sampling":
	default:
		return c, badRequest("chargeType is not one that can be settled")
	}
	if (c.lockID == "") == (c.token == "") {
		return c, badRequest("either lockId or token is required")
	}
	if err := c.price(input); err != nil {
		return c, err
	}
	// Release counts only when nothing is charged.
	c.release = input.Release && c.nano == 0
	if c.nano == 0 && !c.release && !c.fromUsage {
		return c, badRequest("amount must be more than 0")
	}
	return c, nil
}

// price takes what is charged from the amount or from the usage. Clients that report usage may send an amount of 0 with it.
func (c *charge) price(input *settleInput) error {
	named, err := int64(0), error(nil)
	if len(input.Usage) == 0 || (input.Amount != nil && string(input.Amount) != "null") {
		if named, err = amount(input.Amount); err != nil {
			return err
		}
	}
	used, err := priceOf(input.Usage)
	switch {
	case err != nil:
		return err
	case named < 0 || used < 0:
		return badRequest("amount must be more than 0")
	case named > 0 && used > 0:
		return badRequest("amount and usage both say what to charge; send one of them")
	}
	c.nano, c.fromUsage = named+used, named == 0 && len(input.Usage) > 0
	return nil
}

// charge moves value to the payee in one transaction. A lock that holds less than is asked is charged what it holds.
func (p *Platform) charge(ctx context.Context, tx *sql.Tx, payee caller, c charge) (members, error) {
	if c.nano == 0 && c.lockID == "" {
		// Usage that costs nothing: the token is looked at, and not charged.
		_, err := p.tokenToCharge(ctx, tx, payee, c.token)
		return settlement(0, 0, 0, c), err
	}
	lock, t, err := p.chargedLock(ctx, tx, payee, &c)
	if err != nil {
		return nil, err
	}
	if c.release {
		if err := p.releaseLock(ctx, tx, lock.id); err != nil {
			return nil, err
		}
		return settlement(0, 0, 0, c), nil
	}
	held, err := balanceOf(ctx, tx, lockAccount(lock.id))
	if err != nil {
		return nil, err
	}
	if c.nano == 0 {
		return settlement(0, held, 0, c), nil
	}
	charged := min(c.nano, held)
	if charged <= 0 {
		return nil, insufficient(c.nano, held)
	}
	moves, err := p.shares(ctx, tx, t, payee.userID, charged)
	if err != nil {
		return nil, err
	}
	agent, err := agentOf(ctx, tx, payee)
	if err != nil {
		return nil, err
	}
	if err := post(ctx, tx, entry{
		kind: "usage", description: c.description, source: "settle", agent: agent, at: p.now().UnixMilli(),
		moves: append(moves, move{lockAccount(lock.id), -charged}),
	}); err != nil {
		return nil, err
	}
	if held == charged {
		if _, err := tx.ExecContext(ctx, "UPDATE locks SET status = 'settled' WHERE id = ?", lock.id); err != nil {
			return nil, err
		}
	}
	return settlement(charged, held-charged, c.nano-charged, c), nil
}

// agentOf names the agent whose key a caller came with, if it is one's.
func agentOf(ctx context.Context, on queryer, who caller) (chargedAgent, error) {
	if who.agentID == "" {
		return chargedAgent{}, nil
	}
	agent := chargedAgent{id: who.agentID}
	err := on.QueryRowContext(ctx, "SELECT name FROM agents WHERE id = ?", who.agentID).Scan(&agent.name)
	return agent, err
}

// chargedLock gives the lock to charge; for a token it makes one of the amount.
func (p *Platform) chargedLock(ctx context.Context, tx *sql.Tx, payee caller, c *charge) (*lockRow, *paymentToken, error) {
	if c.lockID == "" {
		t, err := c.paid, error(nil)
		if t == nil {
			t, err = p.tokenToCharge(ctx, tx, payee, c.token)
		}
		if err != nil {
			return nil, nil, err
		}
		id := uuid.NewString()
		if err := p.openLock(ctx, tx, id, t, payee.userID, c.nano); err != nil {
			return nil, nil, err
		}
		return &lockRow{id: id, tokenID: t.id, payeeID: payee.userID, status: "active"}, t, nil
	}
	lock, err := findLock(ctx, tx, c.lockID)
	if err != nil {
		return nil, nil, err
	}
	if lock.payeeID != payee.userID {
		return nil, nil, notFound("lock")
	}
	if lock.status != "active" {
		return nil, nil, badRequest("lock is %s", lock.status)
	}
	t, err := scanToken(tx.QueryRowContext(ctx, "SELECT "+paymentColumns+" FROM payment_tokens WHERE id = ?", lock.tokenID))
	return lock, t, err
}

// shares splits a charge: the platform's commission, that of each delegation, and the rest for the payee. Fractions of
// the smallest unit stay with the payee.
func (p *Platform) shares(ctx context.Context, tx *sql.Tx, t *paymentToken, payeeID string, nano int64) ([]move, error) {
	rest := nano
	var moves []move
	keep := func(account string, perMille int64) {
		share := nano / 1000 * perMille
		share += nano % 1000 * perMille / 1000
		if share > 0 {
			moves = append(moves, move{account, share})
			rest -= share
		}
	}
	keep(platformAccount, platformPerMille)
	for link := t; link.parentID != ""; {
		keep(userAccount(link.delegatedBy), delegationPerMille)
		var err error
		link, err = scanToken(tx.QueryRowContext(ctx, "SELECT "+paymentColumns+" FROM payment_tokens WHERE id = ?", link.parentID))
		if err != nil {
			return nil, err
		}
	}
	return append(moves, move{userAccount(payeeID), rest}), nil
}

// settlement is the answer to a charge: billionths as decimal strings, credits beside them.
func settlement(charged, remaining, unbilled int64, c charge) members {
	body := members{
		"success": true, "charged": decimalText(charged), "chargedDollars": decimalNumber(formatCredits(charged)),
		"remaining": decimalText(remaining), "remainingDollars": decimalNumber(formatCredits(remaining)),
		"transaction": "robutler-tx-" + uuid.NewString(), "network": "robutler",
	}
	body["transactionHash"] = body["transaction"]
	if c.fromUsage {
		body["computedFromUsage"] = true
	}
	if unbilled > 0 {
		maps.Copy(body, members{
			"partial": true, "requested": decimalText(c.nano), "requestedDollars": decimalNumber(formatCredits(c.nano)),
			"unbilled": decimalText(unbilled), "unbilledDollars": decimalNumber(formatCredits(unbilled)),
		})
	}
	return body
}
