package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// Environment looks a variable up, as [os.LookupEnv] does.
type Environment func(name string) (string, bool)

// VariablePrefix starts the environment variable of every flag.
const VariablePrefix = "ROBUTLER_"

// Variables gives the environment variables of a flag, the first to win first.
func Variables(flag string) []string {
	if flag == "base-url" {
		return []string{client.InternalBaseURLVariable, client.BaseURLVariable}
	}
	return []string{VariablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))}
}

// Load completes the settings that no flag gave from the environment and the configuration file, and finds the API
// key. A missing key is no error here: see [Config.KeyProblem].
func (c *Config) Load(flags *pflag.FlagSet, environment Environment) error {
	given, from := map[string]bool{}, map[string]string{}
	flags.Visit(func(flag *pflag.Flag) { given[flag.Name], from[flag.Name] = true, "--"+flag.Name })
	var faults []error
	flags.VisitAll(func(flag *pflag.Flag) {
		if given[flag.Name] || flagOnly(flag) {
			return
		}
		for _, variable := range Variables(flag.Name) {
			value, ok := environment(variable)
			if !ok || strings.TrimSpace(value) == "" {
				continue
			}
			if err := flag.Value.Set(strings.TrimSpace(value)); err != nil {
				faults = append(faults, fmt.Errorf("read %s: %q is no %s as --%s takes it", variable, value, flag.Value.Type(), flag.Name))
			}
			from[flag.Name] = variable
			return
		}
	})
	if err := errors.Join(faults...); err != nil {
		return err
	}
	if c.File != "" {
		if err := loadFile(c.File, flags, from); err != nil {
			return err
		}
	}
	c.Origins = origins(flags, from)
	if err := c.contradictions(given); err != nil {
		return err
	}
	return c.findKey(given["api-key-file"], environment)
}

// contradictions refuses flags that would be of no effect beside others: a call that was meant for the embedded
// platform must not reach the real one, nor the other way round.
func (c *Config) contradictions(given map[string]bool) error {
	if c.Sandbox {
		if given["base-url"] || given["api-key-file"] {
			return errors.New("--sandbox uses the embedded platform: leave out --base-url and --api-key-file")
		}
		return nil
	}
	if c.platformOnly {
		return nil
	}
	for _, flag := range []string{"sandbox-db", "sandbox-profile", "llm-url"} {
		if given[flag] {
			return fmt.Errorf("--%s is of the embedded platform: add --sandbox", flag)
		}
	}
	return nil
}

// loadFile sets what neither a flag nor the environment gave from a YAML file whose keys are the flags' names. It notes
// what it sets in from.
func loadFile(path string, flags *pflag.FlagSet, from map[string]string) error {
	data, err := os.ReadFile(path) //nolint:gosec // the user names the file
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(data, &values); err != nil {
		return fmt.Errorf("read configuration %s: it is not a YAML mapping of flag names to values", path)
	}
	valid := keys()
	var faults []error
	for _, name := range sortedKeys(values) {
		if !slices.Contains(valid, name) {
			faults = append(faults, unknownKey(path, name, valid))
			continue
		}
		flag := flags.Lookup(name)
		if flag == nil || from[name] != "" {
			continue // one file serves all commands
		}
		from[name] = "the file " + path
		if err := setFlag(flag, values[name]); err != nil {
			faults = append(faults, fmt.Errorf("read configuration %s: %s: %w", path, name, err))
		}
	}
	return errors.Join(faults...)
}

// flagOnlyMark marks flags that neither the environment nor a file may set.
const flagOnlyMark = "robutler-flag-only"

// FlagOnly keeps a flag to the command line.
func FlagOnly(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		if flag := flags.Lookup(name); flag != nil {
			flag.Annotations = map[string][]string{flagOnlyMark: {"true"}}
		}
	}
}

func flagOnly(flag *pflag.Flag) bool {
	return flag.Name == "help" || len(flag.Annotations[flagOnlyMark]) > 0
}

// keys gives what a configuration file may set: the settings of all commands.
func keys() []string {
	var all Config
	shared, served, sandboxed := pflag.NewFlagSet("", 0), pflag.NewFlagSet("", 0), pflag.NewFlagSet("", 0)
	all.AddShared(shared)
	all.AddHTTP(served)
	all.AddSandboxServer(sandboxed)
	var names []string
	for _, flags := range []*pflag.FlagSet{shared, served, sandboxed} {
		flags.VisitAll(func(flag *pflag.Flag) {
			if flag.Name != "config" && !slices.Contains(names, flag.Name) {
				names = append(names, flag.Name)
			}
		})
	}
	return names
}

func setFlag(flag *pflag.Flag, value any) error {
	items, isList := value.([]any)
	list, takesList := flag.Value.(pflag.SliceValue)
	if isList != takesList && isList {
		return errors.New("takes one value, not a list")
	}
	if isList {
		words := make([]string, 0, len(items))
		for _, item := range items {
			words = append(words, fmt.Sprint(item))
		}
		return list.Replace(words)
	}
	if value == nil {
		return nil
	}
	return flag.Value.Set(fmt.Sprint(value))
}

func unknownKey(path, name string, valid []string) error {
	guess := ""
	if nearest, ok := schema.Nearest(name, valid); ok {
		guess = fmt.Sprintf(" (did you mean %s?)", nearest)
	}
	return fmt.Errorf("read configuration %s: unknown key %q%s; the keys are %s", path, name, guess, strings.Join(valid, ", "))
}

func sortedKeys(values map[string]any) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
