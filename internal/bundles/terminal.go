package bundles

import (
	_ "embed" // the guide

	"github.com/robutlerai/robutler-mcp/internal/clients"
)

// guide tells a model how to use the tools well.
//
//go:embed guide.md
var guide string

// installed starts the program that the user has installed: these clients fetch texts, not programs.
func installed(environment map[string]string) command {
	return command{Name, []string{"stdio"}, environment}
}

// Where the files of the extension and of the plugin are, from the root of the repository.
const (
	geminiContext = "packaging/gemini/GEMINI.md"
	pluginFolder  = "packaging/claude-code"
)

// geminiExtension is a gemini-extension.json. Gemini CLI keeps the secret settings in the keychain, and sets all of them
// for the server, which gets none of its user's variables beside them.
type geminiExtension struct {
	Name        string             `json:"name"`
	Version     string             `json:"version"`
	Description string             `json:"description"`
	Servers     map[string]command `json:"mcpServers"`
	Context     string             `json:"contextFileName"`
	Settings    []geminiSetting    `json:"settings"`
}

type geminiSetting struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Variable    string `json:"envVar"`
	Sensitive   bool   `json:"sensitive"`
}

// gemini gives the files of the extension for Gemini CLI, which has to be at the root of the repository.
func gemini() (map[string][]byte, error) {
	extension := geminiExtension{
		Name: Name, Version: Version, Description: Description, Servers: map[string]command{clients.ServerName: installed(nil)}, Context: geminiContext,
	}
	for _, setting := range shortSettings() {
		description := setting.Description
		if setting.Default != "" {
			description += " Blank: " + setting.Default + "."
		}
		extension.Settings = append(extension.Settings, geminiSetting{setting.Title, description, setting.Variable(), setting.Secret})
	}
	encoded, err := encode(extension)
	return map[string][]byte{"gemini-extension.json": encoded, geminiContext: []byte("# Robutler\n\n" + guide)}, err
}

// marketplace is a marketplace.json, by which Claude Code finds the plugin.
type marketplace struct {
	Name     string            `json:"name"`
	Owner    author            `json:"owner"`
	Metadata map[string]string `json:"metadata"`
	Plugins  []offered         `json:"plugins"`
}

type offered struct {
	Name        string   `json:"name"`
	Source      string   `json:"source"`
	Description string   `json:"description"`
	Category    string   `json:"category"`
	Keywords    []string `json:"keywords"`
}

// plugin is a plugin.json.
type plugin struct {
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	Description string   `json:"description"`
	Author      author   `json:"author"`
	Homepage    string   `json:"homepage"`
	Repository  string   `json:"repository"`
	License     string   `json:"license"`
	Keywords    []string `json:"keywords"`
	UserConfig  object   `json:"userConfig"`
}

const skillHead = `---
name: agents
description: Finds, prices, hires and publishes AI agents on Robutler, and looks after files and credits there. Use when the user wants
  another agent to do a task, asks what an agent costs or what was spent, or wants to offer an agent of their own.
---

`

// claudeCode gives the files of the plugin for Claude Code, and the marketplace that offers it. The plugin has a folder of
// its own: Claude Code copies the whole of it.
func claudeCode() (map[string][]byte, error) {
	files := map[string][]byte{
		pluginFolder + "/skills/agents/SKILL.md":  []byte(skillHead + "# Robutler\n\n" + guide),
		pluginFolder + "/.claude-plugin/icon.png": Icon(),
	}
	for name, value := range map[string]any{
		".claude-plugin/marketplace.json": marketplace{
			Name: "robutler", Owner: author{Title, Homepage}, Metadata: map[string]string{"description": "AI agents that people publish, find and pay for."},
			Plugins: []offered{{"robutler", "./" + pluginFolder, Description, "integrations", keywords()}},
		},
		pluginFolder + "/.claude-plugin/plugin.json": plugin{
			Name: "robutler", Version: Version, Description: Description, Author: author{Title, Homepage}, Homepage: Homepage,
			Repository: Repository, License: License, Keywords: keywords(), UserConfig: userConfig(shortSettings()),
		},
		pluginFolder + "/.mcp.json": map[string]any{"mcpServers": map[string]command{clients.ServerName: installed(environment(shortSettings()))}},
	} {
		encoded, err := encode(value)
		if err != nil {
			return nil, err
		}
		files[name] = encoded
	}
	return files, nil
}
