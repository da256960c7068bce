package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/client"
)

// Environment looks a variable up, as [os.LookupEnv] does.
type Environment func(name string) (string, bool)

// VariablePrefix starts the environment variable of every flag.
const VariablePrefix = "ROBUTLER_"

// The environment variables of the configuration file and of the profile in it.
const (
	FileVariable    = VariablePrefix + "CONFIG"
	ProfileVariable = VariablePrefix + "PROFILE"
)

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
	if err := c.LoadWithoutKey(flags, environment); err != nil {
		return err
	}
	if err := c.LoadKey(flags, environment); err != nil {
		return err
	}
	return c.checkAuthentication()
}

// LoadWithoutKey does as Load does, but for the key: no file of a key is read, and no program that prints it runs.
func (c *Config) LoadWithoutKey(flags *pflag.FlagSet, environment Environment) error {
	environment = withoutBlanks(environment)
	given, from := map[string]bool{}, map[string]source{}
	flags.Visit(func(flag *pflag.Flag) { given[flag.Name], from[flag.Name] = true, source{name: "--" + flag.Name} })
	// Where settings are from helps with those that are refused, too.
	defer func() { c.Origins = origins(flags, from) }()
	if err := setFromEnvironment(flags, environment, given, from); err != nil {
		return err
	}
	if err := completeHomes(flags, environment); err != nil {
		return err
	}
	if c.File != "" {
		if err := errors.Join(c.loadFile(flags, from), completeHomes(flags, environment)); err != nil {
			return err
		}
	} else if c.Profile != "" {
		return fmt.Errorf("use the profile %q: there is no configuration file; name one with --config", c.Profile)
	}
	if err := c.contradictions(given); err != nil {
		return err
	}
	c.Telemetry.load(environment)
	return nil
}

// LoadKey finds the API key for settings that are loaded without.
func (c *Config) LoadKey(flags *pflag.FlagSet, environment Environment) error {
	return c.findKey(flags.Changed("api-key-file") || flags.Changed("api-key-command"), withoutBlanks(environment))
}

// setFromEnvironment sets the flags that nobody gave from their variables.
func setFromEnvironment(flags *pflag.FlagSet, environment Environment, given map[string]bool, from map[string]source) error {
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
			if err := assign(flag.Value, strings.TrimSpace(value)); err != nil {
				faults = append(faults, fmt.Errorf("read %s: %q is %s", variable, value, notTaken(flag)))
			}
			from[flag.Name] = source{name: variable}
			return
		}
	})
	return errors.Join(faults...)
}

// notTaken says what a value should have been.
func notTaken(flag *pflag.Flag) string {
	switch flag.Value.Type() {
	case "bool":
		return "neither true nor false"
	case "duration":
		return "no duration, such as 30s"
	case "int":
		return "no whole number"
	case "float64":
		return "no number"
	default:
		return "not what --" + flag.Name + " takes"
	}
}

// assign sets a value in place of what it holds: a list would else get longer when settings are loaded again.
func assign(value pflag.Value, text string) error {
	if list, ok := value.(pflag.SliceValue); ok {
		if err := list.Replace(nil); err != nil {
			return err
		}
	}
	return value.Set(text)
}

// contradictions refuses flags that would be of no effect beside others: a call that was meant for the embedded
// platform must not reach the real one, nor the other way round.
func (c *Config) contradictions(given map[string]bool) error {
	if c.Sandbox {
		if given["base-url"] || given["api-key-file"] || given["api-key-command"] {
			return errors.New("--sandbox uses the embedded platform: leave out --base-url, --api-key-file and --api-key-command")
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

// Blank reports whether a variable holds the name of a setting of a bundle in place of a value, as in
// ${user_config.base_url}: clients leave it there when their user leaves the setting blank, so that it counts as unset.
func Blank(value string) bool {
	name, found := strings.CutPrefix(strings.TrimSpace(value), "${user_config.")
	return found && strings.Index(name, "}") == len(name)-1
}

// withoutBlanks hides the variables that hold a blank setting, but for the key's, whose absence is explained.
func withoutBlanks(environment Environment) Environment {
	return func(name string) (string, bool) {
		value, ok := environment(name)
		if ok && Blank(value) && name != client.KeyVariable && name != client.KeyAliasVariable {
			return "", false
		}
		return value, ok
	}
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

// FlagVariables gives the environment variables that set a flag, the first to win first; none where only the command
// line may set it.
func FlagVariables(flag *pflag.Flag) []string {
	if flagOnly(flag) {
		return nil
	}
	return Variables(flag.Name)
}

func flagOnly(flag *pflag.Flag) bool {
	return flag.Name == "help" || len(flag.Annotations[flagOnlyMark]) > 0
}
