package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

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
	return snippetOf(entryOf(program, &config.Config{Sandbox: slices.Contains(arguments, "--sandbox")}, arguments))
}

// entryOf is how a client should start a program with the settings that the arguments lead to. Where those supply no key
// the entry shows where it goes.
func entryOf(program string, settings *config.Config, arguments []string) clients.Entry {
	entry := clients.Entry{Command: program, Arguments: append([]string{"stdio"}, arguments...)}
	if !settings.SuppliesKey() {
		entry.Environment = map[string]string{client.KeyVariable: clients.Placeholder}
	}
	return entry
}

func snippetOf(entry clients.Entry) string {
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
func carried(flags *pflag.FlagSet, settings *config.Config) []string {
	names := heeded(settings, carriedFlags())
	if settings.SandboxDB == config.MemoryDatabase {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "sandbox-db" })
	}
	return asArguments(flags, settings, absolute, names...)
}

// heeded leaves out what is of no effect with the platform that the settings choose: what the environment may hold all the
// same is refused as a flag.
func heeded(settings *config.Config, names []string) []string {
	unheeded := []string{"sandbox-db", "sandbox-profile", "llm-url"}
	if settings.Sandbox {
		unheeded = []string{"base-url", "api-key-file", "api-key-command"}
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(unheeded, name) })
}

func carriedFlags() []string {
	return []string{
		"sandbox", "sandbox-db", "sandbox-profile", "llm-url", "base-url", "api-key-file", "api-key-command", "config", "profile", "toolsets", "tools",
		"exclude-tools", "read-only", "no-money", "confirm", "max-spend-per-call", "max-spend-per-day", "journal", "upload-root",
		"timeout", "max-retries",
	}
}

// asArguments gives settings as arguments of a command. Those of the configuration file are left out: the argument that
// names the file stands for them, so that what is changed there later counts, too. Each value is given in a form: with an
// absolute path for clients, which start their servers in a folder of their own.
func asArguments(flags *pflag.FlagSet, settings *config.Config, form valueForm, names ...string) []string {
	var arguments []string
	for _, name := range names {
		origin, ok := settings.Origin(name)
		if flag := flags.Lookup(name); ok && !origin.InFile && flag != nil {
			arguments = append(arguments, asArgument(flag, form)...)
		}
	}
	return arguments
}

// valueForm gives the value of a setting as it is written into a command.
type valueForm func(name, value string) string

// asTyped is for a shell that stays where it is.
func asTyped(_, value string) string { return value }

// asArgument gives one setting, once for each item of a list.
func asArgument(flag *pflag.Flag, form valueForm) []string {
	option := "--" + flag.Name
	if flag.Value.Type() == "bool" {
		if flag.Value.String() == "true" {
			return []string{option}
		}
		return []string{option + "=" + flag.Value.String()} // it turns off what the file turns on
	}
	list, isList := flag.Value.(pflag.SliceValue)
	if !isList {
		return []string{option, form(flag.Name, flag.Value.String())}
	}
	items := list.GetSlice()
	if len(items) == 0 {
		return []string{option, ""}
	}
	var arguments []string
	for _, item := range items {
		arguments = append(arguments, option, asItem(form(flag.Name, item)))
	}
	return arguments
}

// asItem writes an item of a list so that it is read as one, though there is a comma in it.
func asItem(item string) string {
	if !strings.ContainsAny(item, ",\"\n") {
		return item
	}
	return `"` + strings.ReplaceAll(item, `"`, `""`) + `"`
}

// absolute completes a value that names a file or folder.
func absolute(name, value string) string {
	if !config.IsPath(name, value) {
		return value
	}
	if path, err := filepath.Abs(value); err == nil {
		return path
	}
	return value
}

// quoted joins arguments for a shell.
func quoted(arguments []string) string {
	var b strings.Builder
	for _, argument := range arguments {
		if argument == "" || strings.ContainsFunc(argument, needsQuotes) {
			argument = "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
		}
		b.WriteString(" " + argument)
	}
	return b.String()
}

// needsQuotes reports whether a character may mean something to a shell.
func needsQuotes(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_@%+=:,./-", r)
}
