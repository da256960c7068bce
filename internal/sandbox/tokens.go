package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// The bounds of payment tokens.
const (
	defaultTokenLife = 24 * time.Hour
	maxTokenHours    = 24 * 365
	defaultMaxDepth  = 5
)

// paymentToken is a row of the table payment_tokens. What it holds is the balance of its account.
type paymentToken struct {
	id, userID, parentID string
	audience             []string
	maxDepth             int
	budget               int64
	status               string
	secretHash           []byte
	delegatedBy          string
	createdAt, expiresAt int64
}

const paymentColumns = `id, user_id, coalesce(parent_id, ''), audience, max_depth, budget_nano, status, secret_hash,
	coalesce(delegated_by, ''), created_at, expires_at`

func scanToken(from scanner, further ...any) (*paymentToken, error) {
	var t paymentToken
	var audience string
	err := from.Scan(append([]any{&t.id, &t.userID, &t.parentID, &audience, &t.maxDepth, &t.budget, &t.status, &t.secretHash,
		&t.delegatedBy, &t.createdAt, &t.expiresAt}, further...)...)
	if err != nil {
		return nil, err
	}
	t.audience = stringList(audience)
	return &t, nil
}

// minting is what a new token is made of.
type minting struct {
	userID      string
	parent      *paymentToken
	audience    []string
	nano        int64
	life        time.Duration
	opaque      bool
	delegatedBy string
}

// mint moves value into a new token and gives the row with the token itself.
func (p *Platform) mint(ctx context.Context, tx *sql.Tx, issuer string, m minting) (*paymentToken, string, error) {
	now := p.now()
	t := &paymentToken{
		id: uuid.NewString(), userID: m.userID, audience: present(m.audience), maxDepth: defaultMaxDepth, budget: m.nano,
		status: "active", delegatedBy: m.delegatedBy, createdAt: now.UnixMilli(), expiresAt: now.Add(m.life).UnixMilli(),
	}
	source, description := userAccount(m.userID), "payment token"
	if m.parent != nil {
		t.parentID, t.maxDepth = m.parent.id, m.parent.maxDepth-1
		t.expiresAt = min(t.expiresAt, m.parent.expiresAt)
		source, description = tokenAccount(m.parent.id), "delegated payment token"
	}
	text, err := p.tokenText(ctx, issuer, t, m.opaque)
	if err != nil {
		return nil, "", err
	}
	parent := sql.NullString{String: t.parentID, Valid: t.parentID != ""}
	if _, err := tx.ExecContext(ctx, `INSERT INTO payment_tokens (id, user_id, parent_id, audience, max_depth, budget_nano,
		status, secret_hash, delegated_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, 'active', ?, ?, ?, ?)`,
		t.id, t.userID, parent, encodeList(t.audience), t.maxDepth, t.budget, t.secretHash, t.delegatedBy, t.createdAt, t.expiresAt); err != nil {
		return nil, "", fmt.Errorf("insert payment token: %w", err)
	}
	err = transfer(ctx, tx, source, tokenAccount(t.id), m.nano, entry{
		kind: "transfer", description: description, source: "payment_token", at: now.UnixMilli(),
	})
	return t, text, err
}

// tokenText makes the token itself: a JWT, or an opaque tok_id:secret of which only the hash is kept.
func (p *Platform) tokenText(ctx context.Context, issuer string, t *paymentToken, opaque bool) (string, error) {
	if opaque {
		var random [20]byte
		_, _ = rand.Read(random[:]) // never fails since Go 1.24
		secret := hex.EncodeToString(random[:])
		hash := sha256.Sum256([]byte(secret))
		t.secretHash = hash[:]
		return "tok_" + t.id + ":" + secret, nil
	}
	return p.sign(ctx, jwt.MapClaims{
		"iss": issuer, "sub": t.userID, "aud": t.audience, "iat": t.createdAt / 1000, "exp": t.expiresAt / 1000, "jti": t.id,
		"payment": members{"balance": decimalNumber(formatCredits(t.budget)), "scheme": "token", "max_depth": t.maxDepth},
	})
}

// resolve finds the token that a text names: a JWT, an opaque token, or the bare id of one.
func (p *Platform) resolve(ctx context.Context, on queryer, text string) (*paymentToken, error) {
	id, secret := text, ""
	switch {
	case strings.HasPrefix(text, "eyJ"):
		claims, err := p.checkSignature(ctx, text)
		if err != nil {
			return nil, err
		}
		id, _ = claims["jti"].(string)
	case strings.HasPrefix(text, "tok_"):
		id, secret, _ = strings.Cut(strings.TrimPrefix(text, "tok_"), ":")
	}
	t, err := scanToken(on.QueryRowContext(ctx, "SELECT "+paymentColumns+" FROM payment_tokens WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errBadToken
	}
	if err != nil {
		return nil, err
	}
	// The bare id stands for a JWT alone: an opaque token's secret would add nothing.
	if t.secretHash != nil || strings.HasPrefix(text, "tok_") {
		hash := sha256.Sum256([]byte(secret))
		if subtle.ConstantTimeCompare(hash[:], t.secretHash) != 1 {
			return nil, errBadToken
		}
	}
	return t, nil
}

const otherAudience = "token is not for this audience"

// isFor reports whether a caller is of a token's audience: a named agent, its owner, or a named user. A token that names
// nobody is for whoever holds it.
func (t *paymentToken) isFor(ctx context.Context, on queryer, who caller) (bool, error) {
	if len(t.audience) == 0 || slices.Contains(t.audience, who.userID) {
		return true, nil
	}
	var named bool
	err := on.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM agents a JOIN json_each(?3) AS w ON w.value IN (a.id, a.name) COLLATE NOCASE
		WHERE a.user_id = ?1 AND ?2 IN ('', a.id))`, who.userID, who.agentID, encodeList(t.audience)).Scan(&named)
	return named, err
}

// usable says why a token cannot be used now, or nothing.
func (t *paymentToken) usable(now time.Time, audience []string) string {
	switch {
	case t.status == "revoked":
		return "token was revoked"
	case t.status == "expired" || now.UnixMilli() >= t.expiresAt:
		return "token has expired"
	case len(audience) > 0 && !slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(t.audience, a) }):
		return otherAudience
	default:
		return ""
	}
}

// tokenFor finds a token that a caller can use, or fails as a payment without one does.
func (p *Platform) tokenFor(ctx context.Context, tx *sql.Tx, who caller, text string) (*paymentToken, error) {
	t, err := p.usableToken(ctx, tx, text)
	if err != nil {
		return nil, err
	}
	mine, err := t.isFor(ctx, tx, who)
	if err == nil && !mine {
		err = badRequest(otherAudience)
	}
	return t, err
}

// tokenToCharge finds a token that a caller can charge at once. Besides those whom it is for that is its payer: what
// revoking it gives back is the payer's, too.
func (p *Platform) tokenToCharge(ctx context.Context, tx *sql.Tx, who caller, text string) (*paymentToken, error) {
	t, err := p.usableToken(ctx, tx, text)
	if err != nil || (t.userID == who.userID && owners.admit(who) == nil) {
		return t, err
	}
	return p.tokenFor(ctx, tx, who, text)
}

// usableToken finds a token that can be used by those whom it is for.
func (p *Platform) usableToken(ctx context.Context, tx *sql.Tx, text string) (*paymentToken, error) {
	if text == "" {
		return nil, badRequest("token is required")
	}
	t, err := p.resolve(ctx, tx, text)
	if errors.Is(err, errBadToken) {
		return nil, badRequest("%s", errBadToken)
	}
	if err != nil {
		return nil, err
	}
	if reason := t.usable(p.now(), nil); reason != "" {
		return nil, badRequest("%s", reason)
	}
	return t, nil
}

// mintToken is the call of 2025 for a token; nobody documents another.
func (p *Platform) mintToken(r *request) (any, error) {
	var input struct {
		Amount      json.RawMessage `json:"amount"`
		RecipientID string          `json:"recipientId"`
		TTLHours    count           `json:"ttlHours"`
		Format      string          `json:"format"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	nano, err := positiveAmount(input.Amount)
	if err != nil {
		return nil, err
	}
	if input.TTLHours < 0 || input.TTLHours > maxTokenHours {
		return nil, badRequest("ttlHours must be from 1 to %d", maxTokenHours)
	}
	life := defaultTokenLife
	if input.TTLHours > 0 {
		life = time.Duration(input.TTLHours) * time.Hour
	}
	audience := []string{}
	if input.RecipientID != "" {
		audience = append(audience, input.RecipientID)
	}
	t, text, err := p.mintFor(r, minting{userID: r.caller.userID, audience: audience, nano: nano, life: life, opaque: input.Format == "opaque"})
	if err != nil {
		return nil, err
	}
	row := p.tokenRow(t, t.budget)
	row["token"] = text
	return members{"token": row}, nil
}

func (p *Platform) mintFor(r *request, m minting) (t *paymentToken, text string, err error) {
	err = p.inLedger(r.Context(), func(tx *sql.Tx) error {
		if err := p.spend(r.Context(), tx, r.caller, m.nano); err != nil {
			return err
		}
		t, text, err = p.mint(r.Context(), tx, origin(r.Request), m)
		return err
	})
	return t, text, err
}

// tokenRow is a token as its owner sees it, without the token itself.
func (p *Platform) tokenRow(t *paymentToken, available int64) members {
	status := t.status
	if status == "active" && t.usable(p.now(), nil) != "" {
		status = "expired"
	}
	if status == "active" && available == 0 {
		status = "depleted"
	}
	return members{
		"id": t.id, "userId": t.userID, "amount": formatCredits(t.budget), "availableAmount": formatCredits(available),
		"balance": decimalNumber(formatCredits(available)), "status": status, "audience": t.audience,
		"createdAt": timestamp(t.createdAt), "expiresAt": timestamp(t.expiresAt),
	}
}
