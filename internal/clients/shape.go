package clients

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
)

// field is a member of an entry. Its value is a text, a list of texts, texts by name, a number or a truth value.
type field struct {
	name  string
	value any
	when  occasion
}

// occasion says when Install writes a field.
type occasion int

const (
	// always is of what starts the server.
	always occasion = iota
	// onceOnly is of what a new entry needs, and what is the user's to change from then on.
	onceOnly
	// ifThere is of what most entries do not have, and what has to be right where they do.
	ifThere
)

// plain is what most clients expect.
func plain(e Entry) []field {
	return append(transport(e), field{"type", "stdio", ifThere})
}

// typed names the transport, for clients that know several.
func typed(e Entry) []field {
	return append([]field{{"type", "stdio", always}}, transport(e)...)
}

func transport(e Entry) []field {
	return []field{{"command", e.Command, always}, {"args", e.Arguments, always}, {"env", e.Environment, always}}
}

// gooseTimeout is in seconds. It leaves room for a chat with an agent.
const gooseTimeout = 300

// goose is an extension of Goose, which gives up calls after the timeout.
func goose(e Entry) []field {
	return []field{
		{"name", ServerName, onceOnly}, {"type", "stdio", always}, {"enabled", true, onceOnly}, {"cmd", e.Command, always},
		{"args", e.Arguments, always}, {"envs", e.Environment, always}, {"timeout", gooseTimeout, onceOnly},
	}
}

// addresses names the members by which clients know that a server is at an address, and need not be started.
func addresses() []string { return []string{"url", "serverUrl", "httpUrl", "uri"} }

// elsewhere names the members of an entry that is reached at an address: it and what is sent there. One that is started
// must not have them: Codex refuses its whole file then, and others would keep a key in it that nothing uses.
func elsewhere() []string {
	return append(addresses(), "headers", "http_headers", "env_http_headers", "bearer_token", "bearer_token_env_var", "oauth_resource")
}

// addressOf gives where an entry says that the server is: "" where the server is to be started.
func addressOf(members map[string]any) string {
	for _, name := range addresses() {
		if address, ok := members[name].(string); ok && address != "" {
			return address
		}
	}
	return ""
}

// fresh gives the fields of an entry that is not there yet: all that have a value.
func fresh(fields []field) []field {
	var kept []field
	for _, f := range fields {
		if variables, ok := f.value.(map[string]string); f.when != ifThere && (!ok || len(variables) > 0) {
			kept = append(kept, f)
		}
	}
	return kept
}

func unplain(members map[string]any) Entry { return readEntry(members, "command", "args", "env") }

func ungoose(members map[string]any) Entry { return readEntry(members, "cmd", "args", "envs") }

// readEntry reads what a configuration holds; what is not as expected is left out, but for a text in place of the list of
// arguments: it stays one, so that whoever looks at it sees what is wrong.
func readEntry(members map[string]any, command, arguments, environment string) Entry {
	var entry Entry
	entry.Command, _ = members[command].(string)
	if list, ok := members[arguments].([]any); ok {
		for _, argument := range list {
			entry.Arguments = append(entry.Arguments, fmt.Sprint(argument))
		}
	}
	if text, ok := members[arguments].(string); ok {
		entry.Arguments = []string{text}
	}
	if variables, ok := members[environment].(map[string]any); ok {
		entry.Environment = map[string]string{}
		for name, value := range variables {
			entry.Environment[name] = fmt.Sprint(value)
		}
	}
	return entry
}

// linkedEntry is an entry in a link.
type linkedEntry struct {
	Name        string            `json:"name,omitempty"`
	Type        string            `json:"type,omitempty"`
	Command     string            `json:"command"`
	Arguments   []string          `json:"args"`
	Environment map[string]string `json:"env,omitempty"`
}

// vscodeLink is a link of VS Code's, which leaves a plus sign as it is: a space has to be %20.
func vscodeLink(e Entry) (string, error) {
	encoded, err := json.Marshal(linkedEntry{ServerName, "stdio", e.Command, e.Arguments, e.Environment})
	if err != nil {
		return "", fmt.Errorf("encode the link: %w", err)
	}
	return "vscode:mcp/install?" + url.PathEscape(string(encoded)), nil
}

// cursorLink is a link of Cursor's.
func cursorLink(e Entry) (string, error) {
	encoded, err := json.Marshal(linkedEntry{"", "", e.Command, e.Arguments, e.Environment})
	if err != nil {
		return "", fmt.Errorf("encode the link: %w", err)
	}
	query := url.Values{"name": {ServerName}, "config": {base64.StdEncoding.EncodeToString(encoded)}}
	return "cursor://anysphere.cursor-deeplink/mcp/install?" + query.Encode(), nil
}
