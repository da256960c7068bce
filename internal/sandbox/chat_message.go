package sandbox

import (
	"encoding/json"
	"strings"
)

// chatMessage is a message of an OpenAI-compatible conversation.
type chatMessage struct {
	Role    string   `json:"role"`
	Content chatText `json:"content"`
}

// chatText is what a message says: a text, a list of parts that are texts, or null where a message only calls tools.
type chatText string

// UnmarshalJSON reads either form.
func (c *chatText) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) == nil {
		if text != nil {
			*c = chatText(*text)
		}
		return nil
	}
	var parts []struct {
		Type string  `json:"type"`
		Text *string `json:"text"`
	}
	if json.Unmarshal(data, &parts) != nil {
		return &json.UnmarshalTypeError{Value: "value", Field: "messages.content"}
	}
	texts := make([]string, 0, len(parts))
	for _, part := range parts {
		if part.Type != "text" || part.Text == nil {
			return &json.UnmarshalTypeError{Value: "part", Field: "messages.content"}
		}
		texts = append(texts, *part.Text)
	}
	*c = chatText(strings.Join(texts, "\n"))
	return nil
}

func (c *chatRequest) check() error {
	if len(c.Messages) == 0 || len(c.Messages) > maxChatMessages {
		return badRequest("messages must have 1 to %d items", maxChatMessages)
	}
	size := 0
	for _, m := range c.Messages {
		switch m.Role {
		case "system", "developer", "user", "assistant", "tool":
		default:
			return badRequest("a message's role must be one of system, developer, user, assistant, tool")
		}
		size += len(m.Content)
	}
	if size > maxChatContent {
		return badRequest("the messages have more than %d bytes", maxChatContent)
	}
	return nil
}

// plain is a conversation as any model's server takes it: without calls of tools, of which only the outcome is said.
func plain(messages []chatMessage) []chatMessage {
	kept := make([]chatMessage, 0, len(messages))
	for _, m := range messages {
		switch m.Role {
		case "developer":
			m.Role = "system"
		case "tool":
			m.Role = "user"
		}
		if m.Content != "" {
			kept = append(kept, m)
		}
	}
	return kept
}
