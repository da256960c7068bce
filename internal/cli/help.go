package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/config"
)

// screenHeight is the most lines that --help prints.
const screenHeight = 40

// flagGroup is a heading of the help, what the flags below it are about, and these flags, the most wanted first.
type flagGroup struct {
	title, about string
	flags        []string
}

// flagGroups sorts the flags that commands share. What is in none of them is the command's own and comes first.
func flagGroups() []flagGroup {
	return []flagGroup{
		{"Platform", "where it is, whose key", []string{"config", "profile", "base-url", "api-key-file", "api-key-command", "timeout", "max-retries"}},
		{"Embedded platform", "no account, no network", []string{"sandbox", "sandbox-db", "sandbox-profile", "llm-url", "seed", "fault", "rate-limits"}},
		{"Tools", "what is offered", []string{"toolsets", "tools", "exclude-tools", "read-only", "no-money", "upload-root"}},
		{"Consent and money", "who is asked, limits", []string{"confirm", "max-spend-per-call", "max-spend-per-day", "journal"}},
		{"Callers", "who may call, TLS", []string{
			"auth", "tls-cert", "tls-key", "behind-proxy", "oidc-issuer", "oidc-audience", "oidc-keys", "oidc-scopes", "public-url",
			"rate-limit", "allowed-host", "allowed-origin",
		}},
		{"Log and telemetry", "what it tells of itself", []string{"log-level", "log-format", "log-file", "metrics-addr", "otlp-endpoint", "traces", "pprof-addr"}},
	}
}

// wholeHelp is the flag --help-all: it asks for help, as --help does, and for all of it.
type wholeHelp struct {
	wanted bool
	flags  *pflag.FlagSet
}

func (w *wholeHelp) String() string { return strconv.FormatBool(w.wanted) }

// Type is that of flags that need no value.
func (w *wholeHelp) Type() string { return "bool" }

// Set sets --help, too.
func (w *wholeHelp) Set(text string) error {
	wanted, err := strconv.ParseBool(text)
	if err != nil {
		return fmt.Errorf("read %q: it is neither true nor false", text)
	}
	w.wanted = wanted
	return w.flags.Set("help", text) //nolint:wrapcheck // what is a bool here is one there
}

const helpAllFlag = "help-all"

// addWholeHelp gives a command and all below it the flag --help-all.
func addWholeHelp(command *cobra.Command) {
	flags := command.Flags()
	flags.VarPF(&wholeHelp{flags: flags}, helpAllFlag, "", "help with every flag").NoOptDefVal = "true"
	config.FlagOnly(flags, helpAllFlag)
	for _, below := range command.Commands() {
		addWholeHelp(below)
	}
}

// printHelp answers --help and --help-all.
func printHelp(streams Streams) func(*cobra.Command, []string) {
	return func(command *cobra.Command, _ []string) {
		all := false
		if flag := command.Flags().Lookup(helpAllFlag); flag != nil {
			all = flag.Value.String() == "true"
		}
		if _, err := io.WriteString(streams.Out, helpOf(command, streams.width(), all)); err != nil {
			command.PrintErrln("robutler-mcp: print the help:", err)
		}
	}
}

// helpOf explains a command, in lines of a width. Unless all is wanted it fits a screen: where that takes leaving something
// out, the last groups of flags are only named, and then what follows the first paragraph is left to --help-all.
func helpOf(command *cobra.Command, width int, all bool) string {
	about, groups := aboutOf(command), GroupFlags(command.Flags())
	text := headOf(command, about, width) + explained(groups, width)
	if all || fitsAScreen(text) {
		return text
	}
	whole := command.CommandPath() + " --" + helpAllFlag
	tellings := []string{about}
	if first, _, more := strings.Cut(about, "\n\n"); more {
		tellings = append(tellings, first+"\n"+whole+" tells more.")
	}
	for _, about := range tellings {
		head := headOf(command, about, width)
		for count := len(groups) - 1; count > 0; count-- {
			text = head + explained(groups[:count], width) + named(groups[count:], whole, width)
			if fitsAScreen(text) {
				return text
			}
		}
	}
	return text // the terminal is narrow, and this is the shortest
}

func fitsAScreen(text string) bool { return strings.Count(text, "\n") <= screenHeight }

// newHelp is the command that explains others. What follows a command that has none below it counts for nothing.
func newHelp(streams Streams) *cobra.Command {
	var all bool
	command := &cobra.Command{
		Use:               "help [COMMAND ...]",
		Short:             "Explain a command",
		Example:           "  robutler-mcp help call\n  robutler-mcp help journal settle --help-all",
		ValidArgsFunction: completeCommands,
		RunE: func(command *cobra.Command, arguments []string) error {
			asked, rest, err := command.Root().Find(arguments)
			if err != nil {
				return usage(err)
			}
			if len(rest) > 0 && asked.HasSubCommands() {
				return noSuchCommand(asked, rest)
			}
			asked.InitDefaultHelpFlag()
			if _, err := io.WriteString(streams.Out, helpOf(asked, streams.width(), all)); err != nil {
				return fmt.Errorf("print the help: %w", err)
			}
			return nil
		},
	}
	command.Flags().BoolVar(&all, helpAllFlag, false, "with every flag")
	config.FlagOnly(command.Flags(), helpAllFlag)
	return command
}

func completeCommands(command *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	within, rest, err := command.Root().Find(given)
	if err != nil || len(rest) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, below := range within.Commands() {
		if below.IsAvailableCommand() {
			names = append(names, cobra.CompletionWithDesc(below.Name(), below.Short))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
