package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/config"
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

// Snippet is the configuration that Claude Desktop and most other clients take: the program and the arguments that
// follow stdio. Without the embedded platform it shows where the key goes.
func Snippet(program string, arguments ...string) string {
	type entry struct {
		Command     string            `json:"command"`
		Arguments   []string          `json:"args"`
		Environment map[string]string `json:"env,omitempty"`
	}
	robutler := entry{Command: program, Arguments: append([]string{"stdio"}, arguments...)}
	if !slices.Contains(arguments, "--sandbox") {
		robutler.Environment = map[string]string{"WEBAGENTS_API_KEY": "your key"}
	}
	encoded, err := json.MarshalIndent(map[string]any{"mcpServers": map[string]entry{"robutler": robutler}}, "", "  ")
	if err != nil {
		return ""
	}
	return string(encoded)
}

// carried gives the flags of a running server that another process needs to do the same: those that choose the platform
// and the tools. Paths are made absolute, since clients start their servers in a folder of their own. A database in
// memory cannot be shared, so that it is left out.
func carried(flags *pflag.FlagSet) []string {
	var arguments []string
	for _, name := range []string{
		"sandbox", "sandbox-db", "sandbox-profile", "llm-url", "base-url", "api-key-file", "config", "toolsets", "tools",
		"exclude-tools", "read-only", "no-money", "upload-root", "timeout", "max-retries",
	} {
		flag := flags.Lookup(name)
		if flag == nil || flag.Value.String() == flag.DefValue || flag.Value.String() == config.MemoryDatabase {
			continue
		}
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, value := range values {
			switch name {
			case "sandbox", "read-only", "no-money":
				arguments = append(arguments, "--"+name)
				continue
			case "sandbox-db", "api-key-file", "config", "upload-root":
				if absolute, err := filepath.Abs(value); err == nil {
					value = absolute
				}
			}
			arguments = append(arguments, "--"+name, value)
		}
	}
	return arguments
}

// quoted joins arguments for a shell.
func quoted(arguments []string) string {
	var b strings.Builder
	for _, argument := range arguments {
		if strings.ContainsAny(argument, " \t\"'$`\\*?&;|<>()") {
			argument = "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
		}
		b.WriteString(" " + argument)
	}
	return b.String()
}
