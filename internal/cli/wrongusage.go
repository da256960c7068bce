package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/schema"
)

// noArguments refuses arguments of a command that takes none.
func noArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) > 0 {
		return usage(fmt.Errorf("%s takes no argument, got %q; %s", command.CommandPath(), arguments[0], seeHelp(command)))
	}
	return nil
}

// noSuchCommand refuses what is no command below another, with the nearest that is.
func noSuchCommand(command *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	var names []string
	for _, below := range command.Commands() {
		if !below.Hidden {
			names = append(names, below.Name())
		}
	}
	return usage(fmt.Errorf("unknown command %q%s; %s", arguments[0], guess(arguments[0], "", names), seeHelp(command)))
}

// wrongFlag refuses a flag that a command does not have, or a value that it does not take, with what would be right.
func wrongFlag(command *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		command.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
		return usage(fmt.Errorf("%w%s; %s", err, guess(unknown.GetSpecifiedName(), "--", names), seeHelp(command)))
	}
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return usage(fmt.Errorf("%w; %s", err, seeHelp(command)))
	}
	flag := invalid.GetFlag()
	if flag.NoOptDefVal == "true" {
		return usage(fmt.Errorf("set --%s: it takes no value, got %q", flag.Name, invalid.GetValue()))
	}
	if _, list := flag.Value.(pflag.SliceValue); list {
		return usage(fmt.Errorf("set --%s: %q is no list, such as a,b: %w", flag.Name, invalid.GetValue(), invalid.Unwrap()))
	}
	return usage(fmt.Errorf("set --%s: %q is no %s, such as %s", flag.Name, invalid.GetValue(), flag.Value.Type(), flag.DefValue))
}

// guess asks whether the nearest of some names was meant, if one is near.
func guess(name, prefix string, names []string) string {
	nearest, ok := schema.Nearest(name, names)
	if !ok {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s%s?)", prefix, nearest)
}

func seeHelp(command *cobra.Command) string { return "see " + command.CommandPath() + " --help" }
