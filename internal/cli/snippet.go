package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/clients"
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
	entry := clients.Entry{Command: program, Arguments: append([]string{"stdio"}, arguments...)}
	if !slices.Contains(arguments, "--sandbox") {
		entry.Environment = map[string]string{client.KeyVariable: clients.Placeholder}
	}
	desktop, err := clients.Find("claude-desktop")
	if err != nil {
		return ""
	}
	snippet, err := desktop.Snippet(entry)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(snippet, "\n")
}

// carried gives the flags of a running server that another process needs to do the same: those that choose the platform,
// the tools and the limits. A database in memory cannot be shared, so that it is left out.
func carried(flags *pflag.FlagSet) []string {
	names := carriedFlags()
	if database := flags.Lookup("sandbox-db"); database != nil && database.Value.String() == config.MemoryDatabase {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "sandbox-db" })
	}
	return asArguments(flags, names...)
}

func carriedFlags() []string {
	return []string{
		"sandbox", "sandbox-db", "sandbox-profile", "llm-url", "base-url", "api-key-file", "api-key-command", "config", "profile", "toolsets", "tools",
		"exclude-tools", "read-only", "no-money", "confirm", "max-spend-per-call", "max-spend-per-day", "journal", "upload-root",
		"timeout", "max-retries",
	}
}

// asArguments gives flags that are not as they are by default as arguments of a command. Paths are made absolute, since
// clients start their servers in a folder of their own.
func asArguments(flags *pflag.FlagSet, names ...string) []string {
	var arguments []string
	for _, name := range names {
		flag := flags.Lookup(name)
		if flag == nil || flag.Value.String() == flag.DefValue {
			continue
		}
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, value := range values {
			if flag.Value.Type() == "bool" {
				arguments = append(arguments, "--"+name)
				continue
			}
			if isPath(name, value) {
				if absolute, err := filepath.Abs(value); err == nil {
					value = absolute
				}
			}
			arguments = append(arguments, "--"+name, value)
		}
	}
	return arguments
}

// isPath reports whether a flag names a file or folder.
func isPath(name, value string) bool {
	switch name {
	case "sandbox-db", "journal":
		return value != config.MemoryDatabase && !isAddress(value)
	case "api-key-file", "config", "upload-root", "log-file":
		return true
	default:
		return false
	}
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
