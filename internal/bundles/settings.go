package bundles

import (
	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
)

// kind is what a setting holds.
type kind string

const (
	text   kind = "string"
	truth  kind = "boolean"
	folder kind = "directory"
)

// Setting is what a client asks its user for. It reaches the server as an environment variable, never as an argument: what
// is left blank is then as by default, whether the client passes on nothing, an empty text or the placeholder itself.
type Setting struct {
	// Key names the setting in the client's own configuration.
	Key string
	// Title and Description are for the user.
	Title, Description string
	// Flag is the flag of the same meaning; empty for the API key, which has none.
	Flag string
	// Default is what the flag holds by itself, as text; empty where there is nothing to show.
	Default string
	// Secret says that the client must keep the value where nobody reads it.
	Secret bool
	// Short says that clients which ask for everything in a row, at a terminal, ask for this, too.
	Short bool

	kind kind
}

// Variable is the environment variable that holds the setting.
func (s Setting) Variable() string {
	if s.Flag == "" {
		return client.KeyVariable
	}
	variables := config.Variables(s.Flag)
	return variables[len(variables)-1]
}

// Settings gives what users are asked for, in that order.
func Settings() []Setting {
	return []Setting{
		{
			Key: "api_key", Title: "API key", kind: text, Secret: true, Short: true,
			Description: "Your Robutler API key, made at https://robutler.ai/developer. Not needed for the embedded platform.",
		},
		{
			Key: "sandbox", Title: "Embedded platform", Flag: "sandbox", kind: truth, Default: "false", Short: true,
			Description: "true uses the embedded platform on this computer: no account, no network, nothing real is spent.",
		},
		{
			Key: "read_only", Title: "Read only", Flag: "read-only", kind: truth, Default: "false", Short: true,
			Description: "true offers only tools that change nothing.",
		},
		{
			Key: "no_money", Title: "No money", Flag: "no-money", kind: truth, Default: "false",
			Description: "true leaves out the tools that spend or move credits.",
		},
		{
			Key: "max_spend_per_call", Title: "Most to spend per call", Flag: "max-spend-per-call", kind: text, Default: "1", Short: true,
			Description: "Most credits that one call may move, such as 0.50. A credit is a US dollar.",
		},
		{
			Key: "max_spend_per_day", Title: "Most to spend per day", Flag: "max-spend-per-day", kind: text, Default: "10", Short: true,
			Description: "Most credits that all calls of a day (UTC) may move.",
		},
		{
			Key: "toolsets", Title: "Toolsets", Flag: "toolsets", kind: text, Default: "default", Short: true,
			Description: "default, all, or names separated by commas: agents, content, account, intents, keys, payments, facilitator. " +
				"A name with :ro stands for those of its tools that change nothing.",
		},
		{
			Key: "upload_folder", Title: "Folder to upload from", Flag: "upload-root", kind: folder,
			Description: "The one folder whose files may be uploaded by their path. Blank: none.",
		},
		{
			Key: "base_url", Title: "Address of the platform", Flag: "base-url", kind: text,
			Description: "Only for a platform of your own. Blank: https://robutler.ai.",
		},
	}
}

// shortSettings are those that are asked for at a terminal.
func shortSettings() []Setting {
	var short []Setting
	for _, setting := range Settings() {
		if setting.Short {
			short = append(short, setting)
		}
	}
	return short
}

// option is a setting as MCP bundles and plugins of Claude Code ask for it.
type option struct {
	Type        kind   `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Default     any    `json:"default,omitempty"`
	Required    bool   `json:"required"`
	Sensitive   bool   `json:"sensitive,omitempty"`
}

// userConfig asks for settings. None is required: without a key the tools are listed, and a call says what is missing.
func userConfig(settings []Setting) object {
	var asked object
	for _, setting := range settings {
		one := option{Type: setting.kind, Title: setting.Title, Description: setting.Description, Sensitive: setting.Secret}
		switch {
		case setting.kind == truth:
			one.Default = setting.Default == "true"
		case setting.Default != "":
			one.Default = setting.Default
		}
		asked = append(asked, member{setting.Key, one})
	}
	return asked
}

// environment hands the settings on, in the notation of MCP bundles and plugins of Claude Code.
func environment(settings []Setting) map[string]string {
	variables := map[string]string{}
	for _, setting := range settings {
		variables[setting.Variable()] = "${user_config." + setting.Key + "}"
	}
	return variables
}
