package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"net/http"

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
		return p.charge(r.Context(), tx, r.caller.userID, charge)
	})
}

// charge is a checked request to charge.
type charge struct {
	lockID, token string
	nano          int64
	release       bool
	fromUsage     bool
	description   string
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
	switch {
	case len(input.Usage) > 0 && input.Amount == nil:
		nano, err := priceOf(input.Usage)
		if err != nil {
			return c, err
		}
		c.nano, c.fromUsage = nano, true
	default:
		nano, err := amount(input.Amount)
		if err != nil {
			return c, err
		}
		c.nano = nano
	}
	// Release counts only when nothing is charged.
	c.release = input.Release && c.nano == 0
	if c.nano == 0 && !c.release {
		return c, badRequest("amount must be more than 0")
	}
	return c, nil
}

// charge moves value to the payee in one transaction. A lock that holds less than is asked is charged what it holds.
func (p *Platform) charge(ctx context.Context, tx *sql.Tx, payeeID string, c charge) (members, error) {
	lock, t, err := p.chargedLock(ctx, tx, payeeID, &c)
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
	charged := min(c.nano, held)
	if charged == 0 {
		return nil, insufficient(c.nano, held)
	}
	moves, err := p.shares(ctx, tx, t, payeeID, charged)
	if err != nil {
		return nil, err
	}
	moves = append(moves, move{lockAccount(lock.id), -charged})
	if err := post(ctx, tx, entry{kind: "usage", description: c.description, source: "settle", at: p.now().UnixMilli(), moves: moves}); err != nil {
		return nil, err
	}
	if held == charged {
		if _, err := tx.ExecContext(ctx, "UPDATE locks SET status = 'settled' WHERE id = ?", lock.id); err != nil {
			return nil, err
		}
	}
	return settlement(charged, held-charged, c.nano-charged, c), nil
}

// chargedLock gives the lock to charge; for a token it makes one of the amount.
func (p *Platform) chargedLock(ctx context.Context, tx *sql.Tx, payeeID string, c *charge) (*lockRow, *paymentToken, error) {
	if c.lockID == "" {
		t, err := p.usableToken(ctx, tx, c.token)
		if err != nil {
			return nil, nil, err
		}
		id := uuid.NewString()
		if err := p.openLock(ctx, tx, id, t, payeeID, c.nano); err != nil {
			return nil, nil, err
		}
		return &lockRow{id: id, tokenID: t.id, payeeID: payeeID, status: "active"}, t, nil
	}
	lock, err := findLock(ctx, tx, c.lockID)
	if err != nil {
		return nil, nil, err
	}
	if lock.payeeID != payeeID {
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

// once makes work take effect once for an idempotency key: a repeat gets the first answer, another request under the
// same key is refused, with 409 when it names another lock and with 422 otherwise.
func (p *Platform) once(r *request, key, target string, raw []byte, work func(*sql.Tx) (members, error)) (any, error) {
	if key != "" && !validIdempotencyKey(key) {
		return nil, badRequest("Idempotency-Key must be 1 to 255 printable ASCII characters")
	}
	digest := sha256.Sum256(append([]byte(r.URL.Path+"\n"), canonical(raw)...))
	var answer members
	replayed := false
	err := p.inLedger(r.Context(), func(tx *sql.Tx) error {
		if key != "" {
			stored, err := storedAnswer(r, tx, key, target, digest[:])
			if stored != nil || err != nil {
				answer, replayed = stored, stored != nil
				return err
			}
		}
		var err error
		if answer, err = work(tx); err != nil || key == "" || answer["success"] == false {
			return err
		}
		encoded, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(r.Context(),
			"INSERT INTO idempotency (user_id, key, digest, target, answer, created_at) VALUES (?, ?, ?, ?, ?, ?)",
			r.caller.userID, key, digest[:], target, string(encoded), p.now().UnixMilli())
		return err
	})
	if err != nil {
		return nil, err
	}
	if replayed {
		r.writer.Header().Set("Idempotent-Replayed", "true")
		answer["replayed"] = true
	}
	return answer, nil
}

func storedAnswer(r *request, tx *sql.Tx, key, target string, digest []byte) (members, error) {
	var storedDigest []byte
	var storedTarget, encoded string
	err := tx.QueryRowContext(r.Context(), "SELECT digest, target, answer FROM idempotency WHERE user_id = ? AND key = ?",
		r.caller.userID, key).Scan(&storedDigest, &storedTarget, &encoded)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil //nolint:nilnil // nothing is stored
	case err != nil:
		return nil, err
	case storedTarget != target:
		return nil, fail(http.StatusConflict, "idempotency_conflict", "this idempotency key belongs to another lock")
	case !bytes.Equal(storedDigest, digest):
		return nil, fail(http.StatusUnprocessableEntity, "idempotency_mismatch", "this idempotency key was used with another request")
	}
	var answer members
	if err := json.Unmarshal([]byte(encoded), &answer); err != nil {
		return nil, err
	}
	return answer, nil
}

func validIdempotencyKey(key string) bool {
	if len(key) > 255 {
		return false
	}
	for i := range len(key) {
		if key[i] < 0x21 || key[i] > 0x7e {
			return false
		}
	}
	return true
}

// canonical is a JSON object with its members in order and without the key that names it.
func canonical(raw []byte) []byte {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return raw
	}
	delete(object, "idempotencyKey")
	encoded, err := json.Marshal(object)
	if err != nil {
		return raw
	}
	return encoded
}

// redeemToken is the charge of 2025: from a token to the caller.
func (p *Platform) redeemToken(r *request) (any, error) {
	raw, err := r.body()
	if err != nil {
		return nil, err
	}
	var input struct {
		Token  string          `json:"token"`
		Amount json.RawMessage `json:"amount"`
	}
	if err := decodeObject(raw, &input); err != nil {
		return nil, err
	}
	return p.once(r, r.Header.Get("Idempotency-Key"), "", raw, func(tx *sql.Tx) (members, error) {
		nano, err := p.redeemable(r.Context(), tx, input.Token, input.Amount)
		if err != nil {
			return nil, err
		}
		return p.charge(r.Context(), tx, r.caller.userID, charge{token: input.Token, nano: nano, description: "payment token redeemed"})
	})
}

// redeemable is the amount to redeem: all that the token holds where none is given.
func (p *Platform) redeemable(ctx context.Context, tx *sql.Tx, token string, raw json.RawMessage) (int64, error) {
	t, err := p.usableToken(ctx, tx, token)
	if err != nil {
		return 0, asPaymentRequired(err)
	}
	available, err := balanceOf(ctx, tx, tokenAccount(t.id))
	if err != nil {
		return 0, err
	}
	nano := available
	if raw != nil && string(raw) != "null" {
		if nano, err = positiveAmount(raw); err != nil {
			return 0, err
		}
	}
	if nano > available || nano == 0 {
		return 0, insufficient(nano, available)
	}
	return nano, nil
}

// asPaymentRequired answers 402 for a token that cannot be used, as the routes of 2025 did.
func asPaymentRequired(err error) error {
	if told, ok := errors.AsType[*failure](err); ok && told.status == http.StatusBadRequest {
		return fail(http.StatusPaymentRequired, "invalid_token", "%s", told.message)
	}
	return err
}
