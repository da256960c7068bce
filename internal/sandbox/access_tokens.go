package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// accessTokenInput is an access token's limits, in the unit of its documentation: 100,000,000 to the dollar.
type accessTokenInput struct {
	Name        string  `json:"name"`
	LimitDaily  *int64  `json:"limitDaily"`
	LimitTotal  *int64  `json:"limitTotal"`
	LimitPerUse *int64  `json:"limitPerUse"`
	ExpiresAt   *string `json:"expiresAt"`
}

// defaultDailyLimit is five dollars.
const defaultDailyLimit = 500_000_000

func (i *accessTokenInput) check() (expires sql.NullInt64, err error) {
	if strings.TrimSpace(i.Name) == "" || len(i.Name) > 100 {
		return expires, badRequest("name is required and has at most 100 characters")
	}
	if err := (spendingLimits{i.LimitDaily, i.LimitTotal, i.LimitPerUse}).check(); err != nil {
		return expires, err
	}
	if i.ExpiresAt != nil && *i.ExpiresAt != "" {
		at, err := time.Parse(time.RFC3339, *i.ExpiresAt)
		if err != nil {
			return expires, badRequest("expiresAt must be a time such as 2026-12-31T00:00:00Z")
		}
		expires = sql.NullInt64{Int64: at.UnixMilli(), Valid: true}
	}
	return expires, nil
}

const grantColumns = "id, name, limit_daily, limit_total, limit_per_use, expires_at, created_at"

func accessTokenRow(from scanner) (members, error) {
	var id, name string
	var daily, total, use, expires sql.NullInt64
	var created int64
	if err := from.Scan(&id, &name, &daily, &total, &use, &expires, &created); err != nil {
		return nil, err
	}
	row := members{
		"id": id, "name": name, "limitDaily": nullable(daily), "limitTotal": nullable(total), "limitPerUse": nullable(use),
		"spentDaily": 0, "spentTotal": 0, "expiresAt": nil, "createdAt": timestamp(created), "lastUsedAt": nil,
	}
	if expires.Valid {
		row["expiresAt"] = timestamp(expires.Int64)
	}
	return row, nil
}

func nullable(value sql.NullInt64) any {
	if !value.Valid {
		return nil
	}
	return value.Int64
}

// createAccessToken shows the token, this once.
func (p *Platform) createAccessToken(r *request) (any, error) {
	var input accessTokenInput
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	expires, err := input.check()
	if err != nil {
		return nil, err
	}
	if input.LimitDaily == nil {
		limit := int64(defaultDailyLimit)
		input.LimitDaily = &limit
	}
	var random [20]byte
	_, _ = rand.Read(random[:]) // never fails since Go 1.24
	raw := accessTokenPrefix + hex.EncodeToString(random[:])
	hash := sha256.Sum256([]byte(raw))
	id := uuid.NewString()
	if _, err := p.database.ExecContext(r.Context(), `INSERT INTO access_tokens (id, user_id, name, hash, limit_daily, limit_total,
		limit_per_use, expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, id, r.caller.userID, input.Name, hash[:],
		input.LimitDaily, input.LimitTotal, input.LimitPerUse, expires, p.now().UnixMilli()); err != nil {
		return nil, err
	}
	row, err := p.ownAccessToken(r, id)
	return members{"token": raw, "accessToken": row}, err
}

func (p *Platform) ownAccessToken(r *request, id string) (members, error) {
	row, err := accessTokenRow(p.database.QueryRowContext(r.Context(),
		"SELECT "+grantColumns+" FROM access_tokens WHERE id = ? AND user_id = ?", id, r.caller.userID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("access token")
	}
	if err != nil {
		return nil, err
	}
	today, ever, err := p.spent(r.Context(), p.database, accessTokenPurse(), id)
	row["spentDaily"], row["spentTotal"] = today/nanoPerLimitUnit, ever/nanoPerLimitUnit
	return row, err
}

func (p *Platform) getAccessToken(r *request) (any, error) {
	row, err := p.ownAccessToken(r, r.PathValue("token"))
	return members{"accessToken": row}, err
}

func (p *Platform) listAccessTokens(r *request) (any, error) {
	limit, offset, err := r.window(1000)
	if err != nil {
		return nil, err
	}
	tokens, total, err := page(r.Context(), p.database, grantColumns, "FROM access_tokens WHERE user_id = ?", "created_at, id",
		limit, offset, accessTokenRow, r.caller.userID)
	return members{"accessTokens": tokens, "tokens": tokens, "total": total}, err
}

// updateAccessToken changes what the body names; null takes a limit or the end away.
func (p *Platform) updateAccessToken(r *request) (any, error) {
	body, err := r.body()
	if err != nil {
		return nil, err
	}
	id := r.PathValue("token")
	err = p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		var input accessTokenInput
		var expires sql.NullInt64
		if err := tx.QueryRowContext(r.Context(), "SELECT name, limit_daily, limit_total, limit_per_use, expires_at FROM access_tokens WHERE id = ? AND user_id = ?",
			id, r.caller.userID).Scan(&input.Name, &input.LimitDaily, &input.LimitTotal, &input.LimitPerUse, &expires); err != nil {
			return orNotFound(err, "access token")
		}
		if expires.Valid {
			ends := timestamp(expires.Int64)
			input.ExpiresAt = &ends
		}
		if err := decodeObject(body, &input); err != nil {
			return err
		}
		if expires, err = input.check(); err != nil {
			return err
		}
		_, err := tx.ExecContext(r.Context(), "UPDATE access_tokens SET name = ?, limit_daily = ?, limit_total = ?, limit_per_use = ?, expires_at = ? WHERE id = ?",
			input.Name, input.LimitDaily, input.LimitTotal, input.LimitPerUse, expires, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.getAccessToken(r)
}

func (p *Platform) deleteAccessToken(r *request) (any, error) {
	if _, err := p.ownAccessToken(r, r.PathValue("token")); err != nil {
		return nil, err
	}
	_, err := p.database.ExecContext(r.Context(), "DELETE FROM access_tokens WHERE id = ?", r.PathValue("token"))
	return members{"success": true}, err
}

// validateKey says whether another key is accepted, and whose it is. Only the owner of both learns more than that.
func (p *Platform) validateKey(r *request) (any, error) {
	var input struct {
		APIKey string `json:"apiKey"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if input.APIKey == "" {
		return nil, badRequest("apiKey is required")
	}
	hash := sha256.Sum256([]byte(input.APIKey))
	var userID, email string
	err := p.database.QueryRowContext(r.Context(),
		"SELECT u.id, u.email FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.hash = ?", hash[:]).Scan(&userID, &email)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fail(http.StatusUnauthorized, "unauthorized", "invalid API key or token")
	}
	if err != nil {
		return nil, err
	}
	user := members{"id": userID, "is_admin": false}
	if subtle.ConstantTimeCompare([]byte(userID), []byte(r.caller.userID)) == 1 {
		user["email"] = email
	}
	return members{"success": true, "user": user, "message": "valid"}, nil
}

// The lives of what is signed for command lines and owners.
const (
	commandLineLife     = 7 * 24 * time.Hour
	defaultOwnerLife    = 3 * time.Minute
	maxOwnerLife        = 5 * time.Minute
	minOwnerLife        = 2 * time.Minute
	ownerAudiencePrefix = "webagents-agent:"
)

// commandLineToken gives a command line a token to call with.
func (p *Platform) commandLineToken(r *request) (any, error) {
	token, err := p.sign(r.Context(), jwt.MapClaims{
		"iss": origin(r.Request), "sub": r.caller.userID, "typ": "cli", keyClaim: r.caller.keyID,
		"iat": p.now().Unix(), "exp": p.now().Add(commandLineLife).Unix(),
	})
	if err != nil {
		return nil, err
	}
	return members{"access_token": token, "user_id": r.caller.userID, "username": r.caller.userID, "expires_in": int(commandLineLife.Seconds())}, nil
}

// ownerAssertion signs that the caller owns an agent, for the agent to read.
func (p *Platform) ownerAssertion(r *request) (any, error) {
	var input struct {
		AgentID    string `json:"agentId"`
		TTLSeconds count  `json:"ttlSeconds"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	a, err := p.findAgent(r.Context(), r.caller, input.AgentID)
	if err != nil {
		return nil, err
	}
	// An agent that could speak as the owner of its siblings would be their owner to them.
	if !a.ownedBy(r.caller) {
		return nil, notFound("agent")
	}
	life := defaultOwnerLife
	if input.TTLSeconds > 0 {
		life = min(max(time.Duration(input.TTLSeconds)*time.Second, minOwnerLife), maxOwnerLife)
	}
	now := p.now()
	assertion, err := p.sign(r.Context(), jwt.MapClaims{
		"iss": origin(r.Request), "aud": ownerAudiencePrefix + a.id, "agent_id": a.id, "sub": r.caller.userID,
		"owner_user_id": a.userID, "jti": uuid.NewString(), "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(life).Unix(),
	})
	if err != nil {
		return nil, err
	}
	return members{"assertion": assertion}, nil
}
