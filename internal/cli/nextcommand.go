package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
)

// next completes a command of this program, so that it looks where the call looked: at the same platform, with the same
// key.
func (c madeCall) next(command string) string {
	name, _, _ := strings.Cut(command, " ")
	names := slices.DeleteFunc(heeded(c.settings, flagsToRepeat(name)), c.keepsToItself)
	return command + quoted(asArguments(c.flags, c.settings, asTyped, names...))
}

// flagsToRepeat names the flags that a command needs after a call, of those that it takes.
func flagsToRepeat(command string) []string {
	switch command {
	case "doctor":
		return carriedFlags()
	case "journal":
		return []string{"config", "profile", "sandbox", "sandbox-db", "journal"}
	case "tools":
		return []string{"config", "profile", "toolsets", "tools", "exclude-tools", "read-only", "no-money"}
	default:
		return []string{"config", "profile", "base-url", "api-key-file", "api-key-command", "sandbox", "sandbox-db", "sandbox-profile", "llm-url"}
	}
}

// keepsToItself reports whether a setting is not repeated: one that is secret, and the file or program of a variable where
// another variable holds the key, since it would go ahead of that as a flag.
func (c madeCall) keepsToItself(name string) bool {
	flag := c.flags.Lookup(name)
	if flag == nil || c.isSecret(flag) {
		return true
	}
	fromVariable := slices.Contains([]string{client.KeyVariable, client.KeyAliasVariable}, c.settings.KeyOrigin)
	return strings.HasPrefix(name, "api-key-") && fromVariable && !flag.Changed
}

// isSecret reports whether the key itself is in a setting, or the password of an address.
func (c madeCall) isSecret(flag *pflag.Flag) bool {
	key, value := c.settings.Key.Reveal(), flag.Value.String()
	return (key != "" && strings.Contains(value, key)) || (strings.Contains(value, "://") && strings.Contains(value, "@"))
}

// again gives the call as it was typed, but for what is secret, with other arguments and more flags.
func (c madeCall) again(arguments []string, more ...string) string {
	words := append([]string{c.tool}, arguments...)
	c.flags.Visit(func(flag *pflag.Flag) {
		if !c.isSecret(flag) {
			words = append(words, asArgument(flag, asTyped)...)
		}
	})
	return "call" + quoted(append(words, more...))
}

// given reports whether somebody gave a setting, in whatever way.
func given(settings *config.Config, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, ok := settings.Origin(name)
		return ok
	})
}
