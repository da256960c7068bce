package newcomer

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"sigs.k8s.io/yaml"
)

// product is an MCP client as its own documentation describes it. Nothing here is taken from the program's table, so
// that a mistake there is found.
type product struct {
	name string
	// file is its configuration on Linux, below the home.
	file string
	read func([]byte, any) error
	// section holds the servers by name; command, arguments and environment are what a server's entry calls them.
	section, command, arguments, environment string
}

func products() []product {
	withJSON := func(name, file, section string) product {
		return product{name, file, json.Unmarshal, section, "command", "args", "env"}
	}
	return []product{
		withJSON("claude-desktop", ".config/Claude/claude_desktop_config.json", "mcpServers"),
		withJSON("claude-code", ".claude.json", "mcpServers"),
		withJSON("vscode", ".config/Code/User/mcp.json", "servers"),
		withJSON("cursor", ".cursor/mcp.json", "mcpServers"),
		withJSON("windsurf", ".codeium/windsurf/mcp_config.json", "mcpServers"),
		withJSON("zed", ".config/zed/settings.json", "context_servers"),
		withJSON("gemini-cli", ".gemini/settings.json", "mcpServers"),
		{"codex", ".codex/config.toml", toml.Unmarshal, "mcp_servers", "command", "args", "env"},
		{"goose", ".config/goose/config.yaml", func(text []byte, to any) error { return yaml.Unmarshal(text, to) }, "extensions", "cmd", "args", "envs"},
	}
}

// server is what a configuration says of a server.
type server struct {
	command     string
	arguments   []string
	environment []string
}

// servers reads a product's configuration as the product does.
func (p product) servers(t *testing.T, path string) map[string]server {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := p.read(text, &root); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, text)
	}
	section, ok := root[p.section].(map[string]any)
	if !ok {
		t.Fatalf("%s has no %s:\n%s", path, p.section, text)
	}
	found := map[string]server{}
	for name, value := range section {
		entry, ok := value.(map[string]any)
		if !ok {
			t.Fatalf("%s: %s is no object:\n%s", path, name, text)
		}
		found[name] = p.server(t, entry)
	}
	return found
}

func (p product) server(t *testing.T, entry map[string]any) server {
	t.Helper()
	var read server
	var ok bool
	if read.command, ok = entry[p.command].(string); !ok {
		t.Fatalf("no %s in %v", p.command, entry)
	}
	arguments, ok := entry[p.arguments].([]any)
	if !ok {
		t.Fatalf("no %s in %v", p.arguments, entry)
	}
	for _, argument := range arguments {
		text, ok := argument.(string)
		if !ok {
			t.Fatalf("%v is no text in %v", argument, entry)
		}
		read.arguments = append(read.arguments, text)
	}
	if variables, ok := entry[p.environment].(map[string]any); ok {
		for name, value := range variables {
			text, ok := value.(string)
			if !ok {
				t.Fatalf("%s is no text in %v", name, entry)
			}
			read.environment = append(read.environment, name+"="+text)
		}
	}
	return read
}
