package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ownAgent finds an agent of the caller by id or name. An agent's own key reaches that agent alone.
func (p *Platform) ownAgent(r *request) (*agent, error) {
	a, err := p.findAgent(r.Context(), r.caller, r.PathValue("agent"))
	if err != nil {
		return nil, err
	}
	if a.userID != r.caller.userID || (r.caller.agentID != "" && r.caller.agentID != a.id) {
		return nil, fail(http.StatusForbidden, "forbidden", "only the agent's owner may do this")
	}
	return a, nil
}

func (p *Platform) deleteAgent(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	if _, err := p.database.ExecContext(r.Context(), "DELETE FROM agents WHERE id = ?", a.id); err != nil {
		return nil, err
	}
	return members{"success": true, "id": a.id}, nil
}

// similarAgents finds agents with the words of another.
func (p *Platform) similarAgents(r *request) (any, error) {
	a, err := p.findAgent(r.Context(), r.caller, r.PathValue("agent"))
	if err != nil {
		return nil, err
	}
	limit, err := bounded(r.URL.Query().Get("limit"), "limit", defaultResults, 1, maxResults)
	if err != nil {
		return nil, err
	}
	words := strings.Join(append([]string{a.description}, append(a.intents, a.capabilities...)...), " ")
	if strings.TrimSpace(words) == "" {
		words = a.name
	}
	matches, err := p.search(r.Context(), r.caller, searchQuery{text: words, limit: limit + 1})
	if err != nil {
		return nil, err
	}
	others := make([]match, 0, len(matches))
	for _, m := range matches {
		if m.agent.id != a.id && len(others) < limit {
			others = append(others, m)
		}
	}
	return matchRows(others, r.caller), nil
}

// getAgentKey describes an agent's key. As the platform of 2025 it shows the key itself, too.
func (p *Platform) getAgentKey(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	row, found, err := p.agentKey(r, a.id)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, notFound("API key")
	}
	if p.profile == Profile2026 {
		return members{"key": row}, nil
	}
	raw, err := agentKeyOf(r.Context(), p.database, a.id)
	if err != nil {
		return nil, err
	}
	return members{"apiKey": raw, "key": row}, nil
}

func (p *Platform) agentKey(r *request, agentID string) (members, bool, error) {
	var id, name, prefix string
	var created int64
	var used sql.NullInt64
	err := p.database.QueryRowContext(r.Context(), `SELECT id, name, prefix, created_at, last_used_at FROM api_keys
		WHERE agent_id = ? ORDER BY created_at DESC LIMIT 1`, agentID).Scan(&id, &name, &prefix, &created, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return keyRow(id, name, prefix, created, used), err == nil, err
}

// regenerateAgentKey replaces an agent's key and shows the new one, this once.
func (p *Platform) regenerateAgentKey(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	var input struct {
		Name string `json:"name"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	raw, row, err := p.replaceAgentKey(r, a)
	if err != nil {
		return nil, err
	}
	return members{"rawKey": raw, "key": row}, nil
}

func (p *Platform) replaceAgentKey(r *request, a *agent) (raw string, row members, err error) {
	err = p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(r.Context(), "UPDATE agents SET key_serial = key_serial + 1 WHERE id = ?", a.id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(r.Context(), "DELETE FROM api_keys WHERE agent_id = ?", a.id); err != nil {
			return err
		}
		if raw, err = agentKeyOf(r.Context(), tx, a.id); err != nil {
			return err
		}
		id, err := p.storeKey(r.Context(), tx, raw, a.userID, a.id, a.name)
		row = keyRow(id, a.name, raw[:keyPrefixLength], p.now().UnixMilli(), sql.NullInt64{})
		return err
	})
	return raw, row, err
}

// agentKeyOf derives an agent's current key. The platform of 2025 can show an agent's key again, so it cannot be known
// by its hash alone; it is derived from a secret of the database instead of being stored.
func agentKeyOf(ctx context.Context, on queryer, agentID string) (string, error) {
	var secret string
	var serial int
	if err := on.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = 'agent_key_secret'").Scan(&secret); err != nil {
		return "", fmt.Errorf("derive agent key: %w", err)
	}
	if err := on.QueryRowContext(ctx, "SELECT key_serial FROM agents WHERE id = ?", agentID).Scan(&serial); err != nil {
		return "", fmt.Errorf("derive agent key: %w", err)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s %d", agentID, serial)
	return "rok_" + hex.EncodeToString(mac.Sum(nil)[:20]), nil
}

// agentContent lists an agent's files as the platform of 2026 does: by page, with a search in their names.
func (p *Platform) agentContent(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	values := r.URL.Query()
	limit, err := bounded(values.Get("limit"), "limit", 100, 1, 1000)
	if err != nil {
		return nil, err
	}
	page, err := bounded(values.Get("page"), "page", 1, 1, 1<<20)
	if err != nil {
		return nil, err
	}
	const condition = ` FROM content WHERE user_id = ?1 AND (agent_id = ?2 OR visibility = 'public')
		AND (?3 = '' OR instr(lower(name || ' ' || description), lower(?3)) > 0)`
	var total int
	if err := p.database.QueryRowContext(r.Context(), "SELECT count(*)"+condition, a.userID, a.id, values.Get("q")).Scan(&total); err != nil {
		return nil, err
	}
	items, err := p.queryFiles(r.Context(), "SELECT "+fileColumns+condition+" ORDER BY created_at DESC, id LIMIT ?4 OFFSET ?5",
		a.userID, a.id, values.Get("q"), limit, (page-1)*limit)
	if err != nil {
		return nil, err
	}
	return members{"items": items, "page": page, "limit": limit, "total": total}, nil
}
