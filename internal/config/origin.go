package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/client"
)

// Origin tells where a setting came from.
type Origin struct {
	// Setting is the flag's name, and Value what it holds, without passwords.
	Setting, Value string
	// From is a flag, a variable or a file.
	From string
	// InFile says that it is the configuration file, or a profile in it.
	InFile bool
}

// source is where a setting came from.
type source struct {
	name   string
	inFile bool
}

// origins collects where settings came from.
func origins(flags *pflag.FlagSet, from map[string]source) []Origin {
	var found []Origin
	flags.VisitAll(func(flag *pflag.Flag) {
		if origin, ok := from[flag.Name]; ok && !flagOnly(flag) {
			found = append(found, Origin{Setting: flag.Name, Value: WithoutPassword(shown(flag)), From: origin.name, InFile: origin.inFile})
		}
	})
	return found
}

// Origin tells where a setting came from, unless it is as by default.
func (c *Config) Origin(setting string) (Origin, bool) {
	i := slices.IndexFunc(c.Origins, func(origin Origin) bool { return origin.Setting == setting })
	if i < 0 {
		return Origin{}, false
	}
	return c.Origins[i], true
}

// shown gives a value as people write it. Of a program that prints a key only its name: an argument may be the key.
func shown(flag *pflag.Flag) string {
	list, ok := flag.Value.(pflag.SliceValue)
	if !ok {
		return flag.Value.String()
	}
	items := list.GetSlice()
	if flag.Name == "api-key-command" && len(items) > 0 {
		if program := programOf(items[0]); program != items[0] || len(items) > 1 {
			return program + " ..."
		}
	}
	return strings.Join(items, ",")
}

// WithoutPassword hides the password of an address, also of one that cannot be read: what a person mistyped holds it, too.
func WithoutPassword(value string) string {
	scheme, rest, isAddress := strings.Cut(value, "://")
	if !isAddress {
		return value
	}
	address, err := url.Parse(value)
	if err == nil && address.Query().Has("password") { // as PostgreSQL takes it, too
		query := address.Query()
		query.Set("password", "xxxxx")
		address.RawQuery = query.Encode()
		return address.Redacted()
	}
	if err == nil && address.User != nil {
		return address.Redacted()
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 || !strings.Contains(rest[:at], ":") {
		return value
	}
	user, _, _ := strings.Cut(rest[:at], ":") // a slash in the password, say, ends what is read as the host
	return scheme + "://" + user + ":xxxxx" + rest[at:]
}

// AllVariables gives the names of all environment variables that settings are read from, the key's among them.
func AllVariables() []string {
	names := []string{client.KeyVariable, client.KeyAliasVariable, FileVariable, ProfileVariable}
	for _, key := range keys() {
		names = append(names, Variables(key)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
