// Package clients knows how MCP clients are told of a server: where each keeps its configuration and what it expects in
// it. It writes into those files without losing what others put there.
package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/schema"
)

// ServerName is the name of this server in every configuration.
const ServerName = "robutler"

// Entry is how a client starts the server.
type Entry struct {
	// Command is the program, by its absolute path: clients have a PATH of their own.
	Command string
	// Arguments follow the command.
	Arguments []string
	// Environment is set for the server beside what the client passes on.
	Environment map[string]string
	// Address is where a client reaches a server that it does not start. Install does not write it.
	Address string
	// Off says that the client's user has switched the server off. Install leaves that as it is.
	Off bool
}

// Client is a program that starts MCP servers.
type Client struct {
	// Name is what the user types.
	Name string
	// Title is what people call it.
	Title string
	// Next says what makes the client see a change, and Gone the same once the server was taken out, where that is something else.
	Next, Gone string

	format  format
	section string
	fields  func(Entry) []field
	unshape func(map[string]any) Entry
	// off tells by the whole configuration and the entry whether the entry is switched off; nil where a client knows no such thing.
	off  func(root, entry map[string]any) bool
	path func(Machine) string
	// folder is what the client has on a machine where it is used; nil where that is the folder of its file.
	folder func(Machine) string
	link   func(Entry) (string, error)
	// fills tells which ${...} the client replaces; nil where it replaces none.
	fills func(name string) bool
}

// Machine is where a user's files are.
type Machine struct {
	// OS is as in runtime.GOOS.
	OS string
	// Home is the user's folder.
	Home string
	// Variable looks an environment variable up.
	Variable func(string) (string, bool)
}

// variable gives an environment variable, or a fallback where it is unset or empty.
func (m Machine) variable(name, fallback string) string {
	if value, ok := m.Variable(name); ok && value != "" {
		return value
	}
	return fallback
}

// applicationData is the folder in which desktop programs keep their settings.
func (m Machine) applicationData(folder ...string) string {
	var base string
	switch m.OS {
	case "darwin":
		base = filepath.Join(m.Home, "Library", "Application Support")
	case "windows":
		base = m.variable("APPDATA", filepath.Join(m.Home, "AppData", "Roaming"))
	default:
		base = m.configHome()
	}
	return filepath.Join(append([]string{base}, folder...)...)
}

// configHome is the folder of settings that the XDG specification names.
func (m Machine) configHome() string {
	return m.variable("XDG_CONFIG_HOME", filepath.Join(m.Home, ".config"))
}

// zedHome is the folder of Zed's settings, which heeds the XDG specification on Linux alone.
func (m Machine) zedHome() string {
	switch m.OS {
	case "windows":
		return m.applicationData("Zed")
	case "darwin":
		return filepath.Join(m.Home, ".config", "zed")
	}
	return filepath.Join(m.configHome(), "zed")
}

// All gives every client that is known, in the order in which they are shown.
func All() []Client {
	return []Client{
		{
			Name: "claude-desktop", Title: "Claude Desktop", Next: "Quit Claude Desktop and start it again.",
			format: formatJSON, section: "mcpServers", fields: plain, unshape: unplain,
			path: func(m Machine) string { return m.applicationData("Claude", "claude_desktop_config.json") },
		},
		{
			Name: "claude-code", Title: "Claude Code", Next: "Start a new session; /mcp lists the server.",
			Gone:   "Start a new session; /mcp no longer lists the server.",
			format: formatJSON, section: "mcpServers", fields: typed, unshape: unplain, fills: anyVariable,
			path: func(m Machine) string {
				return filepath.Join(m.variable("CLAUDE_CONFIG_DIR", m.Home), ".claude.json")
			},
			folder: func(m Machine) string { return m.variable("CLAUDE_CONFIG_DIR", filepath.Join(m.Home, ".claude")) },
		},
		{
			Name: "vscode", Title: "VS Code", Next: "Run \"MCP: List Servers\" and start robutler.",
			Gone:   "Run \"MCP: List Servers\" to see that robutler is gone.",
			format: formatJSON, section: "servers", fields: typed, unshape: unplain, link: vscodeLink, fills: editorVariable,
			path: func(m Machine) string { return m.applicationData("Code", "User", "mcp.json") },
		},
		{
			Name: "cursor", Title: "Cursor", Next: "Cursor sees it at once; Settings, MCP shows it.",
			format: formatJSON, section: "mcpServers", fields: plain, unshape: unplain, link: cursorLink, fills: editorVariable,
			path: func(m Machine) string { return filepath.Join(m.Home, ".cursor", "mcp.json") },
		},
		{
			Name: "windsurf", Title: "Windsurf", Next: "Press Refresh in the panel of MCP servers.",
			format: formatJSON, section: "mcpServers", fields: plain, unshape: unplain, off: isDisabled, fills: editorVariable,
			path: func(m Machine) string { return filepath.Join(m.Home, ".codeium", "windsurf", "mcp_config.json") },
		},
		{
			Name: "zed", Title: "Zed", Next: "Zed sees it at once; the agent panel's settings show it.",
			format: formatJSON, section: "context_servers", fields: plain, unshape: unplain, off: isNotEnabled,
			path: func(m Machine) string { return filepath.Join(m.zedHome(), "settings.json") },
		},
		{
			Name: "codex", Title: "Codex", Next: "Start a new session.",
			format: formatTOML, section: "mcp_servers", fields: plain, unshape: unplain, off: isNotEnabled,
			path: func(m Machine) string {
				return filepath.Join(m.variable("CODEX_HOME", filepath.Join(m.Home, ".codex")), "config.toml")
			},
		},
		{
			Name: "gemini-cli", Title: "Gemini CLI", Next: "Start a new session; /mcp lists the server.",
			Gone:   "Start a new session; /mcp no longer lists the server.",
			format: formatJSON, section: "mcpServers", fields: plain, unshape: unplain, off: isExcluded, fills: anyVariable,
			path: func(m Machine) string { return filepath.Join(m.Home, ".gemini", "settings.json") },
		},
		{
			Name: "goose", Title: "Goose", Next: "Start a new session.",
			format: formatYAML, section: "extensions", fields: goose, unshape: ungoose, off: isNotEnabled,
			path: func(m Machine) string {
				if m.OS == "windows" {
					return m.applicationData("Block", "goose", "config", "config.yaml")
				}
				return filepath.Join(m.configHome(), "goose", "config.yaml")
			},
		},
	}
}

// Names gives the names of all clients.
func Names() []string {
	var names []string
	for _, client := range All() {
		names = append(names, client.Name)
	}
	return names
}

// Find gives the client of a name. The error tells the nearest name, or all of them if none is near.
func Find(name string) (Client, error) {
	for _, client := range All() {
		if client.Name == name {
			return client, nil
		}
	}
	if nearest, ok := schema.Nearest(name, Names()); ok {
		return Client{}, fmt.Errorf("unknown client %q (did you mean %s?)", name, nearest)
	}
	return Client{}, fmt.Errorf("unknown client %q; the clients are %s", name, strings.Join(Names(), ", "))
}

// Path is the file in which a client keeps its servers.
func (c Client) Path(m Machine) string { return c.path(m) }

// Found reports whether the client has left something on a machine: its file, or the folder that it makes.
func (c Client) Found(m Machine) bool {
	folder := filepath.Dir(c.Path(m))
	if c.folder != nil {
		folder = c.folder(m)
	}
	return slices.ContainsFunc([]string{c.Path(m), folder}, func(path string) bool { _, err := os.Stat(path); return err == nil })
}

// Language names the client's format, as code blocks in Markdown do.
func (c Client) Language() string { return string(c.format) }

// Snippet is the whole of a configuration that knows this server alone.
func (c Client) Snippet(entry Entry) (string, error) {
	text, err := c.format.editor().add(nil, c.section, fresh(c.fields(entry)))
	if err != nil {
		return "", fmt.Errorf("write the configuration of %s: %w", c.Title, err)
	}
	return string(text), nil
}

// Link opens the client and asks its user to add the server. It is empty where a client has no such links.
func (c Client) Link(entry Entry) (string, error) {
	if c.link == nil {
		return "", nil
	}
	return c.link(entry)
}
