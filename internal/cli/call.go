package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/tools"
)

const callExample = `  robutler-mcp call list_agents limit=5
  robutler-mcp call upload_content filename=notes.txt text=hello tags=a tags=b
  robutler-mcp call create_agent --json '{"name":"helper","instructions":"Help."}'`

func newCall(streams Streams) *cobra.Command {
	settings := &config.Config{}
	var object string
	command := &cobra.Command{
		Use:     "call TOOL [name=value ...]",
		Short:   "Call one tool and print its result",
		Long:    "Calls one tool the way a model does. Exit status: 0 done, 1 the tool failed, 2 the command line is wrong.",
		Example: callExample,
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) == 0 {
				return usage(errors.New("call needs the name of a tool; see robutler-mcp tools"))
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			values, err := callArguments(arguments[1:], object)
			if err != nil {
				return usage(err)
			}
			return callTool(command, settings, streams, arguments[0], values)
		},
	}
	settings.AddShared(command.Flags())
	command.Flags().StringVar(&object, "json", "", "arguments as a JSON `object`; name=value pairs are added to it")
	config.FlagOnly(command.Flags(), "json")
	return command
}

// callArguments turns name=value pairs into a JSON object. A name that comes twice makes a list; the tool's schema
// turns the words into numbers and booleans where those are wanted.
func callArguments(pairs []string, object string) (json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	if object != "" {
		if err := json.Unmarshal([]byte(object), &values); err != nil {
			return nil, errors.New("--json must be a JSON object")
		}
	}
	words := map[string][]string{}
	for _, pair := range pairs {
		name, value, found := strings.Cut(pair, "=")
		if !found || name == "" {
			return nil, fmt.Errorf("argument %q must look like name=value", pair)
		}
		words[name] = append(words[name], value)
	}
	for name, given := range words {
		var value any = given
		if len(given) == 1 {
			value = given[0]
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("encode argument %s: %w", name, err)
		}
		values[name] = encoded
	}
	encoded, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("encode arguments: %w", err)
	}
	return encoded, nil
}

func callTool(command *cobra.Command, settings *config.Config, streams Streams, name string, arguments json.RawMessage) (err error) {
	r, err := openSession(command, settings, streams)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	result, failed := r.server.Call(command.Context(), name, arguments)
	if failed != nil {
		printToolError(streams, failed)
		status := exitFailed
		if failed.Code == tools.CodeInvalidArgument {
			status = exitUsage
		}
		return &failure{status: status, silent: true, err: failed}
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

func printToolError(streams Streams, failed *tools.Error) {
	fmt.Fprintf(streams.Err, "robutler-mcp: %s: %s\n", failed.Code, failed.Message)
	if failed.RetryAfterSeconds > 0 {
		fmt.Fprintf(streams.Err, "  wait at least %d s before calling again\n", failed.RetryAfterSeconds)
	}
	if failed.NextStep != "" {
		fmt.Fprintln(streams.Err, " ", failed.NextStep)
	}
}
