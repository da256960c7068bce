package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// clientCommand is how a client should start this program: by its absolute path, since clients have a PATH of their own.
func clientCommand(streams Streams) string {
	if program, err := os.Executable(); err == nil {
		return program
	}
	if program, err := filepath.Abs(streams.Program); err == nil {
		return program
	}
	return "robutler-mcp"
}

// Snippet is the configuration that Claude Desktop and most other clients take.
func Snippet(program string, sandboxed bool) string {
	type entry struct {
		Command     string            `json:"command"`
		Arguments   []string          `json:"args"`
		Environment map[string]string `json:"env,omitempty"`
	}
	robutler := entry{Command: program, Arguments: []string{"stdio"}}
	if sandboxed {
		robutler.Arguments = append(robutler.Arguments, "--sandbox")
	} else {
		robutler.Environment = map[string]string{"WEBAGENTS_API_KEY": "your key"}
	}
	encoded, err := json.MarshalIndent(map[string]any{"mcpServers": map[string]entry{"robutler": robutler}}, "", "  ")
	if err != nil {
		return ""
	}
	return string(encoded)
}
