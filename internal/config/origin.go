package config

import (
	"net/url"
	"slices"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/client"
)

// Origin tells where a setting came from.
type Origin struct {
	// Setting is the flag's name, and Value what it holds, without passwords.
	Setting, Value string
	// From is a flag, a variable or a file.
	From string
}

// origins collects where settings came from.
func origins(flags *pflag.FlagSet, from map[string]string) []Origin {
	var found []Origin
	flags.VisitAll(func(flag *pflag.Flag) {
		if origin, ok := from[flag.Name]; ok && !flagOnly(flag) {
			found = append(found, Origin{Setting: flag.Name, Value: withoutPassword(flag.Value.String()), From: origin})
		}
	})
	return found
}

// withoutPassword hides the password of an address.
func withoutPassword(value string) string {
	address, err := url.Parse(value)
	if err != nil || address.User == nil {
		return value
	}
	return address.Redacted()
}

// AllVariables gives the names of all environment variables that settings are read from, the key's among them.
func AllVariables() []string {
	names := []string{client.KeyVariable, client.KeyAliasVariable, VariablePrefix + "CONFIG"}
	for _, key := range keys() {
		names = append(names, Variables(key)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
