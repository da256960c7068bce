package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// CheckArguments reports why a command line would be refused before anything runs: an unknown command or flag, a value
// that a flag does not take, too many or too few arguments. Settings are not loaded and files not read.
func CheckArguments(arguments []string) error {
	_, _, err := checked(arguments)
	return err
}

// checked finds the command of a command line that would not be refused, and what follows its name.
func checked(arguments []string) (command *cobra.Command, rest []string, err error) {
	root := newRoot(Streams{
		In: strings.NewReader(""), Out: io.Discard, Err: io.Discard,
		Environment: func(string) (string, bool) { return "", false },
	}, nil)
	root.InitDefaultHelpCmd()
	command, rest, err = root.Find(arguments)
	if err != nil {
		return nil, nil, fmt.Errorf("find the command: %w", err)
	}
	command.InitDefaultHelpFlag()
	if err := command.ParseFlags(rest); err != nil {
		return nil, nil, fmt.Errorf("read the flags of %s: %w", command.Name(), err)
	}
	if asked, err := command.Flags().GetBool("help"); err == nil && asked && command != root {
		return command, rest, nil
	}
	if err := command.ValidateArgs(command.Flags().Args()); err != nil {
		return nil, nil, fmt.Errorf("check the arguments of %s: %w", command.Name(), err)
	}
	return command, rest, nil
}

// HasFlag reports whether any command has a flag of this name.
func HasFlag(name string) bool {
	root := newRoot(Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Environment: func(string) (string, bool) { return "", false }}, nil)
	for _, command := range root.Commands() {
		command.InitDefaultHelpFlag()
		if command.Flags().Lookup(name) != nil {
			return true
		}
	}
	return root.Flags().Lookup(name) != nil
}
