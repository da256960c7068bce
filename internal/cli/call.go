package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/server"
	"github.com/robutlerai/robutler-mcp/schema"
	"github.com/robutlerai/robutler-mcp/tools"
)

const callExample = `  robutler-mcp call list_agents limit=5
  robutler-mcp call upload_content path=notes.pdf --upload-root .
  robutler-mcp call get_agent --args '{"agent":"helper"}'`

func newCall(streams Streams) *cobra.Command {
	settings := &config.Config{}
	var c callCommand
	command := &cobra.Command{
		Use:   "call TOOL [name=value ...]",
		Short: "Call one tool and print its result",
		Long: "Calls one tool the way a model does. Exit status: 0 done, 1 the tool failed, 2 the command line is wrong,\n" +
			"3 nothing was done since nobody agreed. At a terminal it shows what would happen and asks.",
		Example: callExample,
		Args: func(_ *cobra.Command, arguments []string) error {
			if slices.ContainsFunc(arguments, isObject) {
				return usage(errObjectGoesToArgs)
			}
			if len(arguments) == 0 {
				return usage(errors.New("call needs the name of a tool; see robutler-mcp tools"))
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := c.chooseOutput(); err != nil {
				return usage(err)
			}
			made := madeCall{tool: arguments[0], words: arguments[1:], flags: command.Flags(), settings: settings}
			var faults []schema.Fault
			made.arguments, faults = callArguments(made.words, c.object)
			if c.watch && !answers(made.tool) {
				faults = append(faults, schema.Fault{Problem: "--watch shows an agent's answer as it comes, and " + made.tool + " gives none: leave it out"})
			}
			if len(faults) > 0 {
				return refuseTyped(streams, made, faults)
			}
			return c.call(command, streams, made)
		},
		ValidArgsFunction: completeCall(streams, settings),
	}
	settings.AddShared(command.Flags())
	command.SetFlagErrorFunc(wrongCallFlag)
	command.Flags().StringVar(&c.object, "args", "", "arguments as a JSON `object`; name=value pairs are added to it")
	command.Flags().StringVarP(&c.output, "output", "o", "", "text or json (default: text at a terminal, json elsewhere)")
	command.Flags().BoolVar(&c.raw, "json", false, "print the tool's own JSON: the same as --output json")
	command.Flags().BoolVar(&c.watch, "watch", false, "show an agent's answer as it comes")
	command.Flags().BoolVar(&c.agreed.yes, "yes", false, "agree to what the call would do, without being asked")
	command.Flags().BoolVar(&c.agreed.again, "yes-again", false, "agree even if the same was done within the last ten minutes")
	config.FlagOnly(command.Flags(), "args", "json", "output", "watch", "yes", "yes-again")
	return command
}

var errObjectGoesToArgs = errors.New("pass the arguments as an object with --args, as in: robutler-mcp call get_agent --args '{\"agent\":\"helper\"}'")

// isObject reports whether a word is meant as a JSON object.
func isObject(word string) bool { return strings.HasPrefix(strings.TrimSpace(word), "{") }

// wrongCallFlag tells those who give --json an object what takes one.
func wrongCallFlag(command *cobra.Command, err error) error {
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok && isObject(invalid.GetValue()) {
		return usage(errObjectGoesToArgs)
	}
	return wrongFlag(command, err)
}

// The forms of a result.
const (
	outputText = "text"
	outputJSON = "json"
)

// callCommand holds the flags that are call's own.
type callCommand struct {
	object, output string
	raw, watch     bool
	agreed         agreement
}

// chooseOutput settles what the two flags say of the output.
func (c *callCommand) chooseOutput() error {
	switch {
	case !slices.Contains([]string{"", outputText, outputJSON}, c.output):
		return fmt.Errorf("set --output: %q is neither text nor json", c.output)
	case c.raw && c.output == outputText:
		return errors.New("--json is the same as --output json: leave out one of --json and --output text")
	case c.raw:
		c.output = outputJSON
	}
	return nil
}

func (c *callCommand) call(command *cobra.Command, streams Streams, made madeCall) (err error) {
	r, err := openSession(command, made.settings, streams, everything)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	made.catalog = r.catalog
	ctx, shown := watch(command.Context(), streams, c.partsTo(streams))
	result, failed := r.server.Call(ctx, made.tool, made.arguments)
	if failed == nil && result.Pending != nil && agreesAtTerminal(ctx, streams, made.tool, result.Pending, c.agreed) {
		result, failed = r.server.Call(ctx, made.tool, server.Confirmed(made.arguments, result.Pending.Handle))
	}
	shown.end()
	if failed != nil {
		return fail(streams, made, failed)
	}
	if err := c.print(streams, made.tool, result, shown.told); err != nil {
		return err
	}
	if result.Pending != nil {
		if canAsk(streams) {
			r.gate.declined(ctx, result.Pending.Handle)
		}
		tellUndecided(streams, result.Pending, c.agreed)
		return &failure{status: exitUndecided, silent: true, err: errors.New("nobody agreed")}
	}
	return nil
}

// fail tells a person what failed, and gives the exit status.
func fail(streams Streams, made madeCall, failed *tools.Error) error {
	printToolError(streams, made, failed)
	status := exitFailed
	if (failed.Code == tools.CodeInvalidArgument && !failed.Answered) || failed.Code == server.CodeNotEnabled {
		status = exitUsage
	}
	return &failure{status: status, silent: true, err: failed}
}

// print prints a result for whoever is there: a person, or a program.
func (c *callCommand) print(streams Streams, name string, result tools.Result, told bool) error {
	if c.asText(streams) {
		return showResult(streams, name, result, told)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, result.Structured, "", "  "); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	if _, err := fmt.Fprintln(streams.Out, indented.String()); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}

// asText reports whether a person reads the result.
func (c *callCommand) asText(streams Streams) bool {
	return c.output == outputText || (c.output == "" && streams.OutTerminal)
}

// partsTo tells where the parts of an answer are shown as they come. In a text they are the answer itself; beside JSON,
// which holds the whole, they go to stderr, unless both are on the same screen: nothing is printed twice.
func (c *callCommand) partsTo(streams Streams) io.Writer {
	switch {
	case !c.watch, !c.asText(streams) && streams.OutTerminal && streams.ErrTerminal:
		return nil
	case c.asText(streams):
		return streams.Out
	default:
		return streams.Err
	}
}
