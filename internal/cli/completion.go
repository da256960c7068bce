package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/schema"
)

// shells are those that completion knows.
func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// newCompletion stands in for cobra's own command, which takes whatever follows it for a wish for help.
func newCompletion(streams Streams) *cobra.Command {
	var plain bool
	command := &cobra.Command{
		Use:   "completion " + strings.Join(shells(), "|"),
		Short: "Print the script that lets a shell complete commands",
		Long: "Prints a script that lets a shell complete commands, flags and their values, tools, arguments and the names of\n" +
			"agents. docs/terminal.md tells how each shell keeps it. That of bash needs the package bash-completion.",
		Example: "  source <(robutler-mcp completion bash)\n" +
			"  robutler-mcp completion fish | source",
		Args:      oneShell,
		ValidArgs: shells(),
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := writeCompletion(command.Root(), arguments[0], streams.Out, !plain); err != nil {
				return fmt.Errorf("print the script of %s: %w", arguments[0], err)
			}
			return nil
		},
	}
	command.Flags().BoolVar(&plain, "no-descriptions", false, "complete names alone, without what they mean")
	config.FlagOnly(command.Flags(), "no-descriptions")
	return command
}

func oneShell(_ *cobra.Command, arguments []string) error {
	choice := "one of " + strings.Join(shells(), ", ")
	if len(arguments) != 1 {
		return usage(fmt.Errorf("completion needs the name of a shell: %s", choice))
	}
	if slices.Contains(shells(), arguments[0]) {
		return nil
	}
	if nearest, ok := schema.Nearest(arguments[0], shells()); ok {
		choice = "did you mean " + nearest + "?"
	}
	return usage(fmt.Errorf("no script for the shell %q: %s", arguments[0], choice))
}

func writeCompletion(root *cobra.Command, shell string, to io.Writer, described bool) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(to, described)
	case "fish":
		return root.GenFishCompletion(to, described)
	case "zsh":
		if described {
			return root.GenZshCompletion(to)
		}
		return root.GenZshCompletionNoDesc(to)
	default:
		if described {
			return root.GenPowerShellCompletionWithDesc(to)
		}
		return root.GenPowerShellCompletion(to)
	}
}
