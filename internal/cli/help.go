package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

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
		{"Platform", "where it is, whose key", []string{"base-url", "api-key-file", "api-key-command", "config", "profile", "timeout", "max-retries"}},
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
func printHelp(command *cobra.Command, _ []string) {
	all := false
	if flag := command.Flags().Lookup(helpAllFlag); flag != nil {
		all = flag.Value.String() == "true"
	}
	if _, err := io.WriteString(command.OutOrStdout(), helpOf(command, all)); err != nil {
		command.PrintErrln("robutler-mcp: print the help:", err)
	}
}

// helpOf explains a command. Unless all is wanted it fits a screen: where that takes leaving something out, the flags that
// are not the command's own are only named.
func helpOf(command *cobra.Command, all bool) string {
	head, groups := headOf(command), GroupFlags(command.Flags())
	whole := head + explained(groups)
	if all || strings.Count(whole, "\n") <= screenHeight {
		return whole
	}
	return head + explained(groups[:1]) + named(groups[1:], command.CommandPath()+" --"+helpAllFlag)
}

// headOf says what a command does and how it is used: its forms, its examples and the commands below it.
func headOf(command *cobra.Command) string {
	var head strings.Builder
	about := command.Long
	if about == "" {
		about = command.Short + "."
	}
	fmt.Fprintf(&head, "%sUsage:\n  %s\n", flowed(about), command.UseLine())
	if command.HasAvailableSubCommands() {
		fmt.Fprintf(&head, "  %s COMMAND\n", command.CommandPath())
	}
	if command.HasExample() {
		fmt.Fprintf(&head, "\nExamples:\n%s\n", command.Example)
	}
	if command.HasAvailableSubCommands() {
		head.WriteString("\nCommands:\n")
		for _, below := range command.Commands() {
			if below.IsAvailableCommand() {
				fmt.Fprintf(&head, "  %-10s  %s\n", below.Name(), below.Short)
			}
		}
	}
	return head.String()
}

// flowed breaks paragraphs into lines that a screen holds, and ends with an empty one. Lines that are indented stay as
// they are.
func flowed(text string) string {
	var flow strings.Builder
	column := 0
	end := func() {
		if column > 0 {
			flow.WriteByte('\n')
		}
		column = 0
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" || strings.HasPrefix(line, " ") {
			end()
			flow.WriteString(line + "\n")
			continue
		}
		for word := range strings.FieldsSeq(line) {
			wide := utf8.RuneCountInString(word)
			if column+1+wide > screenWidth {
				end()
			} else if column > 0 {
				word, wide = " "+word, wide+1
			}
			flow.WriteString(word)
			column += wide
		}
	}
	end()
	return flow.String() + "\n"
}

// explained gives each flag below the heading of its group.
func explained(groups []FlagGroup) string {
	var text strings.Builder
	for _, group := range groups {
		set := pflag.NewFlagSet("", pflag.ContinueOnError)
		set.SortFlags = false
		for _, flag := range group.Flags {
			set.AddFlag(flag)
		}
		fmt.Fprintf(&text, "\n%s:\n%s\n", group.Title, strings.TrimRight(set.FlagUsagesWrapped(screenWidth), "\n"))
	}
	return text.String()
}

// named gives each group a line with the names of as many of its flags as fit.
func named(groups []FlagGroup, whole string) string {
	const ending = ", ..."
	var text strings.Builder
	fmt.Fprintf(&text, "\nMore flags (%s explains them):\n", whole)
	for _, group := range groups {
		line := fmt.Sprintf("  %-17s  %-23s", group.Title, group.About)
		for i, flag := range group.Flags {
			name := ", --" + flag.Name
			if i == 0 {
				name = "  --" + flag.Name
			}
			if left := screenWidth - utf8.RuneCountInString(line+name); left < 0 || (left < len(ending) && i < len(group.Flags)-1) {
				line += ending
				break
			}
			line += name
		}
		fmt.Fprintln(&text, line)
	}
	return text.String()
}

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
			if _, err := io.WriteString(streams.Out, helpOf(asked, all)); err != nil {
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
