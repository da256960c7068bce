package sandbox

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"
)

// caller is who an API key belongs to.
type caller struct {
	keyID  string
	userID string
	// agentID is set when the key is an agent's own.
	agentID string
	// commandLine is set when the caller came with a token that an API key got for a command line.
	commandLine bool
	// accessTokenID is set when the caller came with an access token, whose limits bound what it spends.
	accessTokenID string
}

// lastUsedEvery is how exactly the last use of a key is kept.
const lastUsedEvery = time.Minute

// presentedKey reads the API key of a request, from either header or from both when they agree.
func presentedKey(r *http.Request) (string, bool) {
	bearer := ""
	if scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " "); found && strings.EqualFold(scheme, "bearer") {
		bearer = strings.TrimSpace(token)
	}
	header := strings.TrimSpace(r.Header.Get("X-API-Key"))
	if bearer != "" && header != "" && bearer != header {
		return "", false
	}
	if bearer == "" {
		bearer = header
	}
	return bearer, bearer != ""
}

// authenticate finds out who calls, or fails with 401.
func (p *Platform) authenticate(r *http.Request) (caller, error) {
	refused := unauthorized()
	key, ok := presentedKey(r)
	if !ok {
		return caller{}, refused
	}
	switch {
	case strings.HasPrefix(key, accessTokenPrefix):
		return p.accessTokenCaller(r.Context(), key)
	case strings.HasPrefix(key, "eyJ"):
		return p.commandLineCaller(r.Context(), key)
	}
	hash := sha256.Sum256([]byte(key))
	var who caller
	var agentID sql.NullString
	var lastUsed sql.NullInt64
	err := p.database.QueryRowContext(r.Context(),
		"SELECT id, user_id, agent_id, last_used_at FROM api_keys WHERE hash = ?", hash[:],
	).Scan(&who.keyID, &who.userID, &agentID, &lastUsed)
	if errors.Is(err, sql.ErrNoRows) {
		return caller{}, refused
	}
	if err != nil {
		return caller{}, err
	}
	who.agentID = agentID.String
	now := p.now()
	if now.Sub(time.UnixMilli(lastUsed.Int64)) > lastUsedEvery {
		if _, err := p.database.ExecContext(r.Context(),
			"UPDATE api_keys SET last_used_at = ? WHERE id = ?", now.UnixMilli(), who.keyID); err != nil {
			return caller{}, err
		}
	}
	return who, nil
}

func unauthorized() *failure {
	return fail(http.StatusUnauthorized, "unauthorized", "invalid API key or token")
}

// keyClaim names the API key that got a command line's token. The token is gone with it.
const keyClaim = "key_id"

// commandLineCaller takes a token that this platform gave a command line.
func (p *Platform) commandLineCaller(ctx context.Context, token string) (caller, error) {
	claims, err := p.checkSignature(ctx, token)
	if errors.Is(err, errBadToken) {
		return caller{}, unauthorized()
	}
	if err != nil {
		return caller{}, err
	}
	ends, err := claims.GetExpirationTime()
	if err != nil || ends == nil || !p.now().Before(ends.Time) || claims["typ"] != "cli" {
		return caller{}, unauthorized()
	}
	who := caller{commandLine: true}
	err = p.database.QueryRowContext(ctx, "SELECT id, user_id FROM api_keys WHERE id = ? AND user_id = ? AND agent_id IS NULL",
		claims[keyClaim], claims["sub"]).Scan(&who.keyID, &who.userID)
	if errors.Is(err, sql.ErrNoRows) {
		return caller{}, unauthorized()
	}
	return who, err
}

// accessTokenCaller takes an access token until it ends.
func (p *Platform) accessTokenCaller(ctx context.Context, token string) (caller, error) {
	hash := sha256.Sum256([]byte(token))
	var who caller
	var expires sql.NullInt64
	err := p.database.QueryRowContext(ctx, "SELECT id, user_id, expires_at FROM access_tokens WHERE hash = ?", hash[:]).
		Scan(&who.accessTokenID, &who.userID, &expires)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && expires.Valid && p.now().UnixMilli() >= expires.Int64) {
		return caller{}, unauthorized()
	}
	return who, err
}
