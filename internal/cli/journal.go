package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/consent"
)

func newJournal(streams Streams) *cobra.Command {
	settings := &config.Config{}
	var all, asJSON bool
	command := &cobra.Command{
		Use:   "journal",
		Short: "Show the calls that moved money or destroyed something",
		Long: "Shows the calls that moved money or destroyed something and whose outcome is not known, or with --all every one.\n" +
			"It looks where the server keeps them: give it the same --journal, --sandbox or --config.",
		Example: "  robutler-mcp journal --all\n  robutler-mcp journal --json --sandbox",
		Args:    noSuchCommand,
		RunE: func(command *cobra.Command, _ []string) error {
			return showJournal(command, settings, streams, all, asJSON)
		},
	}
	settings.AddJournalCommand(command.Flags())
	command.Flags().BoolVar(&all, "all", false, "show those that are decided, too")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	config.FlagOnly(command.Flags(), "all", "json")
	command.AddCommand(newJournalVerify(streams), newJournalSettle(streams))
	return command
}

// openJournal opens the journal to look at it; one that is not there is not made.
func openJournal(command *cobra.Command, settings *config.Config, streams Streams) (*consent.Gate, error) {
	if err := settings.Load(command.Flags(), streams.Environment); err != nil {
		return nil, usage(err)
	}
	path, audit, err := journalOf(settings)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); !isAddress(path) && err != nil {
		return nil, fmt.Errorf("open the journal: there is none at %s; no call has needed one, or --journal names another place", path)
	}
	opened, err := consent.Open(command.Context(), consent.Options{Journal: path, AuditFolder: audit, Mode: consent.ModeAuto})
	if err != nil {
		return nil, usage(err)
	}
	return opened, nil
}

func newJournalSettle(streams Streams) *cobra.Command {
	settings := &config.Config{}
	command := &cobra.Command{
		Use:   "settle ID succeeded|rejected",
		Short: "Note what you found out about a call whose outcome is unknown",
		Long: "Notes what became of a call whose outcome is unknown, once you have seen it on the platform. ID is what\n" +
			"robutler-mcp journal shows. Until then the call counts towards the limits, as if it had succeeded. That it was\n" +
			"rejected can be noted only once it cannot be running any more: about a minute after it was sent.",
		Example:           "  robutler-mcp journal settle 4f1c0a9be2d7468f9d3e5b0c8a716224 succeeded\n  robutler-mcp journal settle 4f1c0a9be2d7468f9d3e5b0c8a716224 rejected",
		Args:              callAndOutcome,
		ValidArgsFunction: completeOutcomes,
		RunE: func(command *cobra.Command, arguments []string) (err error) {
			opened, err := openJournal(command, settings, streams)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, opened.Close(command.Context())) }()
			return settleCall(command, opened, streams.Out, arguments[0], consent.State(arguments[1]))
		},
	}
	settings.AddJournalCommand(command.Flags())
	return command
}

// settleCall notes an outcome and says what follows from it.
func settleCall(command *cobra.Command, opened *consent.Gate, to io.Writer, id string, outcome consent.State) error {
	if err := opened.Decide(command.Context(), id, outcome); err != nil {
		return err //nolint:wrapcheck // it says what failed
	}
	follows := "stays counted towards the limits"
	if outcome == consent.Rejected {
		follows = "counts towards no limit any more"
	}
	_, err := fmt.Fprintf(to, "%s is noted as %s, and %s\n", id, outcome, follows)
	return err
}

func outcomes() []string { return []string{string(consent.Succeeded), string(consent.Rejected)} }

func callAndOutcome(_ *cobra.Command, arguments []string) error {
	if len(arguments) != 2 || !slices.Contains(outcomes(), arguments[1]) {
		return usage(errors.New("journal settle needs the id of a call, as robutler-mcp journal shows it, and succeeded or rejected"))
	}
	return nil
}

func completeOutcomes(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(given) != 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return outcomes(), cobra.ShellCompDirectiveNoFileComp
}

func showJournal(command *cobra.Command, settings *config.Config, streams Streams, all, asJSON bool) (err error) {
	opened, err := openJournal(command, settings, streams)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close(command.Context())) }()
	query := consent.Query{AllCallers: true}
	if !all {
		query.States = []consent.State{consent.Sent, consent.Unknown}
	}
	entries, err := opened.Entries(command.Context(), query)
	if err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	if asJSON {
		return printJSON(streams.Out, map[string]any{"entries": entries})
	}
	return printEntries(streams.Out, entries, all)
}

func printEntries(to io.Writer, entries []consent.Entry, all bool) error {
	if len(entries) == 0 {
		empty := "No call is undecided; --all shows the others."
		if all {
			empty = "The journal is empty."
		}
		_, err := fmt.Fprintln(to, empty)
		return err
	}
	table := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tID\tSTATE\tTOOL\tCREDITS\tWHAT")
	for i := range entries {
		entry := &entries[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", entry.CreatedAt.UTC().Format("2006-01-02 15:04:05"), entry.ID, entry.State, entry.Tool,
			entry.Amount, strings.TrimSpace(entry.Preview.Would+" "+entry.Detail))
	}
	return table.Flush()
}

func newJournalVerify(streams Streams) *cobra.Command {
	settings := &config.Config{}
	var asJSON bool
	command := &cobra.Command{
		Use:   "verify",
		Short: "Check that no line of the audit trail was changed, removed or moved",
		Long: "Checks the chain of the audit trail's lines, beside the journal. Exit status: 0 all are as they were written,\n" +
			"1 some are not, or there are none.",
		Example: "  robutler-mcp journal verify\n  robutler-mcp journal verify --json --sandbox",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := settings.Load(command.Flags(), streams.Environment); err != nil {
				return usage(err)
			}
			_, folder, err := journalOf(settings)
			if err != nil {
				return err
			}
			return verifyAudit(streams, folder, asJSON)
		},
	}
	settings.AddJournalCommand(command.Flags())
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	config.FlagOnly(command.Flags(), "json")
	return command
}

func verifyAudit(streams Streams, folder string, asJSON bool) error {
	report, err := consent.VerifyAudit(folder)
	if err != nil {
		return fmt.Errorf("verify the audit trail: %w", err)
	}
	if asJSON {
		if err := printJSON(streams.Out, report); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(streams.Out, "%d files, %d lines in their place\n", report.Files, report.Lines)
		for _, torn := range report.Torn {
			fmt.Fprintf(streams.Out, "%s:%d: not written to its end, as a crash leaves it\n", torn.File, torn.Line)
		}
		for _, fault := range report.Faults {
			fmt.Fprintf(streams.Out, "%s:%d: %s\n", fault.File, fault.Line, fault.Problem)
		}
	}
	if report.Files == 0 {
		return fmt.Errorf("verify the audit trail: there is no file in %s", folder)
	}
	if len(report.Faults) > 0 {
		return fmt.Errorf("verify the audit trail: %d of %d files are not as they were written", len(report.Faults), report.Files)
	}
	return nil
}

func printJSON(to io.Writer, value any) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
