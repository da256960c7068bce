package sandbox

import (
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// The routes of this file serve skills and clients of mid and late 2025.

// legacyContent lists files as the storage skill reads them.
func (p *Platform) legacyContent(r *request) (any, error) {
	limit, offset, err := r.window(1000)
	if err != nil {
		return nil, err
	}
	files, total, err := page(r.Context(), p.database, fileColumns, "FROM content WHERE user_id = ?1 AND (?2 = '' OR visibility = 'public' OR agent_id = ?2)",
		"created_at DESC, id", limit, offset, func(from scanner) (members, error) {
			f, err := scanFile(from)
			if err != nil {
				return nil, err
			}
			return f.body(), nil
		}, r.caller.userID, r.caller.agentID)
	if err != nil {
		return nil, err
	}
	name := ""
	if r.caller.agentID != "" {
		a, err := p.findAgent(r.Context(), r.caller, r.caller.agentID)
		if err != nil {
			return nil, err
		}
		name = a.name
	}
	return members{"content": files, "agent": members{"name": name}, "scope": r.URL.Query().Get("scope"), "total": total}, nil
}

// deleteContentByName removes the newest file of a name.
func (p *Platform) deleteContentByName(r *request) (any, error) {
	name := r.URL.Query().Get("fileName")
	if name == "" {
		return nil, badRequest("fileName is required")
	}
	var id string
	err := p.database.QueryRowContext(r.Context(),
		"SELECT id FROM content WHERE user_id = ? AND name = ? ORDER BY created_at DESC, id LIMIT 1", r.caller.userID, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("file")
	}
	if err != nil {
		return nil, err
	}
	r.SetPathValue("content", id)
	return p.deleteContent(r)
}

// transferCredits moves credits to another user.
func (p *Platform) transferCredits(r *request) (any, error) {
	raw, err := r.body()
	if err != nil {
		return nil, err
	}
	var input struct {
		ToUserID string          `json:"toUserId"`
		Amount   json.RawMessage `json:"amount"`
		Reason   string          `json:"reason"`
	}
	if err := decodeObject(raw, &input); err != nil {
		return nil, err
	}
	nano, err := positiveAmount(input.Amount)
	if err != nil {
		return nil, err
	}
	if len(input.Reason) > maxDescription {
		return nil, badRequest("reason is too long")
	}
	return p.once(r, r.Header.Get("Idempotency-Key"), "", raw, func(tx *sql.Tx) (members, error) {
		var known bool
		if err := tx.QueryRowContext(r.Context(), "SELECT EXISTS (SELECT 1 FROM users WHERE id = ?)", input.ToUserID).Scan(&known); err != nil {
			return nil, err
		}
		if !known || input.ToUserID == r.caller.userID {
			return nil, badRequest("toUserId is not another user")
		}
		if err := p.spend(r.Context(), tx, r.caller, nano); err != nil {
			return nil, err
		}
		err := transfer(r.Context(), tx, userAccount(r.caller.userID), userAccount(input.ToUserID), nano, entry{
			kind: "transfer", description: "transfer: " + input.Reason, source: "credits_transfer", at: p.now().UnixMilli(),
		})
		return members{"success": true, "amount": formatCredits(nano), "toUserId": input.ToUserID}, err
	})
}

func (p *Platform) getKey(r *request) (any, error) {
	row, err := scanKey(p.database.QueryRowContext(r.Context(), "SELECT "+keyColumns+
		" FROM api_keys WHERE id = ? AND user_id = ? AND agent_id IS NULL", r.PathValue("key"), r.caller.userID))
	return members{"key": row}, orNotFound(err, "API key")
}

// renameUser changes the user's name, the only thing of a profile that can be changed here.
func (p *Platform) renameUser(r *request) (any, error) {
	var input struct {
		Name string `json:"name"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	name := strings.TrimSpace(input.Name)
	if name == "" || len(name) > 100 {
		return nil, badRequest("name is required and has at most 100 bytes")
	}
	if _, err := p.database.ExecContext(r.Context(), "UPDATE users SET name = ? WHERE id = ?", name, r.caller.userID); err != nil {
		return nil, err
	}
	return p.getUser(r)
}

// heartbeat takes an agent's word that it is alive.
func (p *Platform) heartbeat(r *request) (any, error) {
	input := struct {
		AgentID string `json:"agentId"`
		Status  string `json:"status"`
		Load    count  `json:"load"`
	}{Status: "online"}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"online", "busy", "offline"}, input.Status) || input.Load < 0 || input.Load > 100 {
		return nil, badRequest("status must be one of online, busy, offline, and load from 0 to 100")
	}
	a, err := p.findAgent(r.Context(), r.caller, input.AgentID)
	if err != nil || !a.ownedBy(r.caller) {
		return nil, errors.Join(notFound("agent"), err)
	}
	return members{"success": true, "status": input.Status}, nil
}

func (p *Platform) unreads(*request) (any, error) { return members{"unreads": []members{}}, nil }

func (p *Platform) platformConfig(r *request) (any, error) {
	return members{"platform": "robutler-sandbox", "baseUrl": origin(r.Request)}, nil
}

// agentStatus tells how an agent is published: to all, or to its owner. Of one that the caller may not see nothing is told.
func (p *Platform) agentStatus(r *request) (any, error) {
	a, err := p.findAgent(r.Context(), r.caller, r.PathValue("agent"))
	if err != nil {
		return nil, err
	}
	visibility := map[bool]string{true: "public", false: "internal"}[a.isPublic]
	return members{"visibility": visibility, "url": origin(r.Request) + "/agents/" + a.name, "updated_at": timestamp(a.updatedAt)}, nil
}

// agentTokens lists the payment tokens that are for an agent, by their ids, which can be used in their place.
func (p *Platform) agentTokens(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	limit, offset, err := r.window(1000)
	if err != nil {
		return nil, err
	}
	tokens, total, err := page(r.Context(), p.database, "t.id, coalesce(a.nano, 0)", `FROM payment_tokens t LEFT JOIN accounts a ON a.name = 'token:' || t.id
		WHERE t.status = 'active' AND t.secret_hash IS NULL AND t.expires_at > ? AND EXISTS (SELECT 1 FROM json_each(t.audience) WHERE value = ?)`,
		"t.created_at, t.id", limit, offset, func(from scanner) (members, error) {
			var id string
			var nano int64
			err := from.Scan(&id, &nano)
			return members{"token": id, "balance": decimalNumber(formatCredits(nano))}, err
		}, p.now().UnixMilli(), a.id)
	return members{"tokens": tokens, "total": total}, err
}

// registrationIsClosed answers as the portal does since agents register no longer by themselves.
func (p *Platform) registrationIsClosed(*request) (any, error) {
	return nil, fail(http.StatusGone, "gone", "agents no longer register by themselves; create them with a user's key")
}

// manifest describes the platform to payment clients.
func (p *Platform) manifest(r *request) (any, error) {
	base := origin(r.Request)
	return members{
		"version": "1", "issuer": base, "capabilities": []string{"lock", "verify", "settle", "delegate"},
		"endpoints": members{
			"lock": base + "/api/payments/lock", "verify": base + "/api/payments/verify", "settle": base + "/api/payments/settle",
			"tokens": base + "/api/payments/tokens",
		},
	}, nil
}

// absent answers for routes that are known by name alone. Without it another would take the name for an id.
func (p *Platform) absent(*request) (any, error) { return nil, notFound("route") }

func (p *Platform) health(*request) (any, error) {
	return members{"status": "healthy", "service": "robutler-sandbox"}, nil
}
