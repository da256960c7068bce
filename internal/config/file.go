package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
	"github.com/robutlerai/robutler-mcp/schema"
)

// profilesKey holds the profiles of a configuration file, by their names.
const profilesKey = "profiles"

// loadFile sets what neither a flag nor the environment gave from a YAML file whose keys are the flags' names: from the
// profile that is asked for, then from the rest of the file. It notes what it sets in from.
func (c *Config) loadFile(flags *pflag.FlagSet, from map[string]source) error {
	data, err := readSettings(c.File)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(data, &values); err != nil {
		return fmt.Errorf("read configuration %s: %w", c.File, notSettings(err))
	}
	profiles, err := profilesOf(values)
	if err != nil {
		return fmt.Errorf("read configuration %s: %w", c.File, err)
	}
	all := allFlags()
	faults := []error{check(all, c.File, "", values)}
	for _, name := range sortedKeys(profiles) {
		faults = append(faults, check(all, c.File, profilesKey+"."+name+".", profiles[name]))
	}
	if c.Profile != "" {
		chosen, ok := profiles[c.Profile]
		if !ok {
			return fmt.Errorf("read configuration %s: %w", c.File, unknownProfile(c.Profile, sortedKeys(profiles)))
		}
		setAll(c.File, source{"the profile " + c.Profile + " of " + c.File, true}, flags, chosen, from)
	}
	setAll(c.File, source{"the file " + c.File, true}, flags, values, from)
	return errors.Join(faults...)
}

// unknownProfile says that a file has no such profile, and which it has.
func unknownProfile(name string, known []string) error {
	if len(known) == 0 {
		return fmt.Errorf("there is no profile %q, nor any other: the file has none below profiles", name)
	}
	guess := ""
	if nearest, ok := schema.Nearest(name, known); ok {
		guess = " (did you mean " + nearest + "?)"
	}
	return fmt.Errorf("there is no profile %q%s; there are: %s", name, guess, strings.Join(known, ", "))
}

// ErrNotYours means that a file of settings is not its reader's alone to change.
var ErrNotYours = errors.New("it could run any program and send the key anywhere")

// readSettings reads a file of settings, and refuses one that somebody else can change. What is no file, such as a pipe,
// is whoever's who started this program with it.
func readSettings(path string) (data []byte, err error) {
	file, err := os.Open(path) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() {
		switch ownershipOfFile(info) {
		case foreign:
			return nil, fmt.Errorf("%s belongs to another user: %w; use a copy of your own", path, ErrNotYours)
		case shared:
			return nil, fmt.Errorf("%s can be changed by others: %w; run: chmod go-w %s", path, ErrNotYours, path)
		case ours:
		}
	}
	return io.ReadAll(file)
}

// notSettings says why a text holds no settings.
func notSettings(err error) error {
	fault := syntax.Fault("YAML", err)
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok && !errors.Is(fault, syntax.ErrTwice) {
		return fmt.Errorf("it is not a YAML mapping of flag names to values, near %s", syntax.Line(wrong))
	}
	return fault
}

// profilesOf takes the profiles out of the values of a file.
func profilesOf(values map[string]any) (map[string]map[string]any, error) {
	profiles := map[string]map[string]any{}
	given, ok := values[profilesKey]
	delete(values, profilesKey)
	if !ok || given == nil {
		return profiles, nil
	}
	named, ok := given.(map[string]any)
	if !ok {
		return nil, errors.New("profiles must be a mapping of names to settings")
	}
	for name, settings := range named {
		switch settings := settings.(type) {
		case map[string]any:
			profiles[name] = settings
		case nil:
			profiles[name] = map[string]any{}
		default:
			return nil, fmt.Errorf("the profile %s must be a mapping of flag names to values", name)
		}
	}
	return profiles, nil
}

// check refuses keys that no command knows, and values that their settings cannot have, whether this command has them or
// not: a file serves all commands, and a fault in it shows with the first.
func check(all []*pflag.FlagSet, path, within string, values map[string]any) error {
	var faults []error
	for _, name := range sortedKeys(values) {
		flag := lookup(all, name)
		if flag == nil {
			faults = append(faults, unknownKey(path, within, name))
			continue
		}
		if err := setFlag(flag, values[name]); err != nil {
			faults = append(faults, fmt.Errorf("read configuration %s: %s: %w", path, within+name, err))
		}
	}
	return errors.Join(faults...)
}

// setAll sets flags that nothing has set before, as far as they take it: check says what they do not. Paths are those of
// the file's folder, wherever the program is started.
func setAll(path string, origin source, flags *pflag.FlagSet, values map[string]any, from map[string]source) {
	for _, name := range sortedKeys(values) {
		flag := flags.Lookup(name)
		if _, known := from[name]; flag == nil || known {
			continue // one file serves all commands
		}
		from[name] = origin
		_ = setFlag(flag, within(filepath.Dir(path), name, values[name]))
	}
}

// allFlags gives the flags of all commands.
func allFlags() []*pflag.FlagSet {
	var all Config
	shared, served, sandboxed := pflag.NewFlagSet("", 0), pflag.NewFlagSet("", 0), pflag.NewFlagSet("", 0)
	all.AddShared(shared)
	all.AddTelemetry(shared)
	all.AddHTTP(served)
	all.AddSandboxServer(sandboxed)
	return []*pflag.FlagSet{shared, served, sandboxed}
}

// settable reports whether a configuration file may set a flag: not which file it is.
func settable(flag *pflag.Flag) bool { return flag.Name != "config" && flag.Name != "profile" }

// keys gives what a configuration file may set: the settings of all commands.
func keys() []string {
	var names []string
	for _, flags := range allFlags() {
		flags.VisitAll(func(flag *pflag.Flag) {
			if settable(flag) && !slices.Contains(names, flag.Name) {
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
			word, err := wordOf(item)
			if err != nil {
				return err
			}
			words = append(words, word)
		}
		return list.Replace(words)
	}
	if value == nil {
		return nil
	}
	text, err := wordOf(value)
	if err != nil {
		return err
	}
	if assign(flag.Value, text) != nil {
		return fmt.Errorf("%q is %s", text, notTaken(flag))
	}
	return checkText(flag.Name, text)
}

// wordOf gives a value as it would be typed. What is no single word would else become the name of a file, such as map[a:b].
func wordOf(value any) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case bool, int, int64, uint64:
		return fmt.Sprint(value), nil
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), nil
	case time.Time:
		return "", errors.New("takes no date: put it into quotes")
	case nil:
		return "", errors.New("takes a list without empty items")
	default:
		return "", errors.New("takes one value or a list of them, not a mapping or a list in a list; a text with a colon needs quotes")
	}
}

// unknownKey says of a key that it is none, and what may have been meant.
func unknownKey(path, within, name string) error {
	valid := keys()
	if within == "" {
		valid = append(valid, profilesKey)
	}
	if nearest, ok := schema.Nearest(name, valid); ok {
		hint := "did you mean " + nearest + "?"
		if nearest == profilesKey {
			hint += " one of them is chosen by --profile or " + ProfileVariable
		}
		return fmt.Errorf("read configuration %s: unknown key %q (%s)", path, within+name, hint)
	}
	return fmt.Errorf("read configuration %s: unknown key %q; the keys are %s", path, within+name, strings.Join(valid, ", "))
}

func sortedKeys[V any](values map[string]V) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
