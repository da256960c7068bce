package clients

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
)

// plainEntry is what most clients expect.
type plainEntry struct {
	Command     string            `json:"command" toml:"command"`
	Arguments   []string          `json:"args" toml:"args"`
	Environment map[string]string `json:"env,omitempty" toml:"env,omitempty"`
}

func plain(e Entry) any { return plainEntry(e) }

// typedEntry names the transport, for clients that know several.
type typedEntry struct {
	Type        string            `json:"type"`
	Command     string            `json:"command"`
	Arguments   []string          `json:"args"`
	Environment map[string]string `json:"env,omitempty"`
}

func typed(e Entry) any { return typedEntry{"stdio", e.Command, e.Arguments, e.Environment} }

// gooseEntry is an extension of Goose, which gives up calls after the timeout, in seconds.
type gooseEntry struct {
	Name        string            `yaml:"name"`
	Type        string            `yaml:"type"`
	Enabled     bool              `yaml:"enabled"`
	Command     string            `yaml:"cmd"`
	Arguments   []string          `yaml:"args"`
	Environment map[string]string `yaml:"envs,omitempty"`
	Timeout     int               `yaml:"timeout"`
}

// gooseTimeout leaves room for a chat with an agent.
const gooseTimeout = 300

func goose(e Entry) any {
	return gooseEntry{ServerName, "stdio", true, e.Command, e.Arguments, e.Environment, gooseTimeout}
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

// vscodeLink is a link of VS Code's, which leaves a plus sign as it is: a space has to be %20.
func vscodeLink(e Entry) (string, error) {
	encoded, err := json.Marshal(struct {
		Name string `json:"name"`
		typedEntry
	}{ServerName, typedEntry{"stdio", e.Command, e.Arguments, e.Environment}})
	if err != nil {
		return "", fmt.Errorf("encode the link: %w", err)
	}
	return "vscode:mcp/install?" + url.PathEscape(string(encoded)), nil
}

// cursorLink is a link of Cursor's.
func cursorLink(e Entry) (string, error) {
	encoded, err := json.Marshal(plain(e))
	if err != nil {
		return "", fmt.Errorf("encode the link: %w", err)
	}
	query := url.Values{"name": {ServerName}, "config": {base64.StdEncoding.EncodeToString(encoded)}}
	return "cursor://anysphere.cursor-deeplink/mcp/install?" + query.Encode(), nil
}
