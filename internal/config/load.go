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
	given := map[string]bool{}
	flags.Visit(func(flag *pflag.Flag) { given[flag.Name] = true })
	fromEnvironment := map[string]bool{}
	var faults []error
	flags.VisitAll(func(flag *pflag.Flag) {
		if given[flag.Name] || flag.Name == "help" {
			return
		}
		for _, variable := range Variables(flag.Name) {
			value, ok := environment(variable)
			if !ok || strings.TrimSpace(value) == "" {
				continue
			}
			if err := flag.Value.Set(strings.TrimSpace(value)); err != nil {
				faults = append(faults, fmt.Errorf("read %s: %w", variable, err))
			}
			fromEnvironment[flag.Name] = true
			return
		}
	})
	if err := errors.Join(faults...); err != nil {
		return err
	}
	if c.File != "" {
		set := func(name string) bool { return given[name] || fromEnvironment[name] }
		if err := loadFile(c.File, flags, set); err != nil {
			return err
		}
	}
	return c.findKey(given["api-key-file"], environment)
}

// loadFile sets what neither a flag nor the environment gave from a YAML file whose keys are the flags' names.
func loadFile(path string, flags *pflag.FlagSet, set func(string) bool) error {
	data, err := os.ReadFile(path) //nolint:gosec // the user names the file
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(data, &values); err != nil {
		return fmt.Errorf("read configuration %s: it is not a YAML mapping of flag names to values", path)
	}
	var valid []string
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "config" && flag.Name != "help" {
			valid = append(valid, flag.Name)
		}
	})
	var faults []error
	for _, name := range sortedKeys(values) {
		if !slices.Contains(valid, name) {
			faults = append(faults, unknownKey(path, name, valid))
			continue
		}
		if set(name) {
			continue
		}
		if err := setFlag(flags.Lookup(name), values[name]); err != nil {
			faults = append(faults, fmt.Errorf("read configuration %s: %s: %w", path, name, err))
		}
	}
	return errors.Join(faults...)
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
