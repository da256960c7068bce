package sandbox

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// The bounds of what is kept of a conversation.
const (
	maxKeptMessages = 50
	maxKeptMessage  = 100_000
	// maxConversation bounds a whole conversation, in bytes: it is read and written as one.
	maxConversation = 2 << 20
	previewLength   = 80
)

// keptMessage is a message of a conversation; its content may be a text or a list of parts.
type keptMessage struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

// keepConversation keeps messages of an agent's conversation: a new one, or more of one that is known.
func (p *Platform) keepConversation(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	var input struct {
		SessionID string        `json:"sessionId"`
		Messages  []keptMessage `json:"messages"`
		ChatID    string        `json:"chatId"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if input.SessionID == "" || len(input.Messages) == 0 || len(input.Messages) > maxKeptMessages ||
		slices.ContainsFunc(input.Messages, func(m keptMessage) bool { return m.Role == "" || len(m.Content) > maxKeptMessage }) {
		return nil, badRequest("sessionId and 1 to %d messages of at most %d bytes are required", maxKeptMessages, maxKeptMessage)
	}
	chatID := input.ChatID
	err = p.inTransaction(r.Context(), func(tx *sql.Tx) error {
		var known []keptMessage
		if chatID == "" {
			chatID = uuid.NewString()
		} else if known, err = keptMessages(r, tx, a.id, chatID); err != nil {
			return err
		}
		encoded, err := json.Marshal(append(known, input.Messages...))
		if err != nil {
			return fmt.Errorf("keep conversation: %w", err)
		}
		if len(encoded) > maxConversation {
			return fail(http.StatusRequestEntityTooLarge, "too_large", "the conversation has more than %d bytes; begin another", maxConversation)
		}
		_, err = tx.ExecContext(r.Context(), `INSERT INTO conversations (id, agent_id, session_id, messages, updated_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET messages = excluded.messages, updated_at = excluded.updated_at`,
			chatID, a.id, input.SessionID, string(encoded), p.now().UnixMilli())
		return err
	})
	if err != nil {
		return nil, err
	}
	return members{"chatId": chatID}, nil
}

func keptMessages(r *request, on queryer, agentID, chatID string) ([]keptMessage, error) {
	var encoded string
	err := on.QueryRowContext(r.Context(), "SELECT messages FROM conversations WHERE id = ? AND agent_id = ?", chatID, agentID).Scan(&encoded)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("conversation")
	}
	if err != nil {
		return nil, err
	}
	var messages []keptMessage
	if err := json.Unmarshal([]byte(encoded), &messages); err != nil {
		return nil, fmt.Errorf("read conversation: %w", err)
	}
	return messages, nil
}

func (p *Platform) getConversation(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	messages, err := keptMessages(r, p.database, a.id, r.PathValue("chat"))
	return members{"messages": messages}, err
}

func (p *Platform) listConversations(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	limit, offset, err := r.window(20)
	if err != nil {
		return nil, err
	}
	found, total, err := page(r.Context(), p.database, "id, session_id, json_array_length(messages), coalesce(json_extract(messages, '$[#-1].content'), ''), updated_at",
		"FROM conversations WHERE agent_id = ?", "updated_at DESC, id", limit, offset, func(from scanner) (members, error) {
			var id, session, last string
			var count, updated int64
			err := from.Scan(&id, &session, &count, &last, &updated)
			return members{
				"chatId": id, "sessionId": session, "updatedAt": timestamp(updated), "messageCount": count, "preview": firstRunes(last, previewLength),
			}, err
		}, a.id)
	return members{"conversations": found, "total": total}, err
}

func firstRunes(text string, most int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), most)])
}
