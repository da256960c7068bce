// Package cli is the command line of robutler-mcp.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/config"
)

// The exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	// exitUndecided says that nothing was done, since nobody agreed to it.
	exitUndecided = 3
)

// failure is an error with an exit status of its own. What there is to say has been said when silent is set.
type failure struct {
	status int
	silent bool
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usage(err error) error { return &failure{status: exitUsage, err: err} }

// Main runs the program and gives its exit status: 0 when all went well, 1 when the work failed, 2 for a wrong command
// line or setting.
func Main(arguments []string, streams Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the program at once: after the first, signals have their default effect again.
	context.AfterFunc(ctx, stop)
	return run(ctx, arguments, streams)
}

func run(ctx context.Context, arguments []string, streams Streams) int {
	root := newRoot(streams, arguments)
	root.SetArgs(arguments)
	if len(arguments) > 0 && strings.HasPrefix(arguments[0], cobra.ShellCompRequestCmd) {
		completeFlags(root, streams)
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	status := exitFailed
	if failed, ok := errors.AsType[*failure](err); ok {
		status = failed.status
		if failed.silent {
			return status
		}
	}
	fmt.Fprintln(streams.Err, "robutler-mcp:", err)
	return status
}

const rootExample = `  robutler-mcp http --sandbox  # try everything, no account needed
  robutler-mcp call search_agents query="translate a contract" --sandbox`

// newRoot gives the program with the commands that the arguments may name.
func newRoot(streams Streams, arguments []string) *cobra.Command {
	settings, versionWanted := &config.Config{}, false
	root := &cobra.Command{
		Use:   "robutler-mcp",
		Short: "MCP server for the Robutler agent platform",
		Long: "robutler-mcp lets language models, IDEs and scripts use the Robutler agent platform over MCP.\n" +
			"Without a command it serves MCP over stdio, as clients such as Claude Desktop start it.",
		Example:       rootExample,
		Args:          noSuchCommand,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(command *cobra.Command, _ []string) error {
			if versionWanted {
				return printVersion(streams)
			}
			if streams.InTerminal && command.Flags().NFlag() == 0 {
				explain(streams)
				return nil
			}
			return serveStdio(command, settings, streams)
		},
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(wrongFlag)
	root.SetHelpFunc(printHelp(streams))
	root.SetHelpCommand(newHelp(streams))
	settings.AddShared(root.Flags())
	settings.AddTelemetry(root.Flags())
	// Not cobra's own: a template for it would link text/template, which keeps every exported method in the program.
	root.Flags().BoolVar(&versionWanted, "version", false, "print the version")
	config.FlagOnly(root.Flags(), "version")
	root.AddCommand(commandsFor(arguments, streams)...)
	root.CompletionOptions.DisableDefaultCmd = true // there is one of our own
	addWholeHelp(root)
	return root
}

// commandsFor gives the one command that the arguments begin with, since most of the work is to declare the flags of all of
// them; else all, which help and suggestions need.
func commandsFor(arguments []string, streams Streams) []*cobra.Command {
	commands := []struct {
		name string
		make func(Streams) *cobra.Command
	}{
		{"stdio", newStdio}, {"http", newHTTP}, {"sandbox", newSandbox}, {"call", newCall}, {"tools", newTools},
		{"journal", newJournal}, {"config", newConfig}, {"doctor", newDoctor}, {"completion", newCompletion},
		{"version", newVersion},
	}
	for i, each := range commands {
		if len(arguments) > 0 && arguments[0] == each.name {
			commands = commands[i : i+1]
			break
		}
	}
	made := make([]*cobra.Command, 0, len(commands))
	for _, each := range commands {
		made = append(made, each.make(streams))
	}
	return made
}

// explain tells a person at a terminal what this program waits for, instead of waiting.
func explain(streams Streams) {
	fmt.Fprintf(streams.Err, `robutler-mcp is an MCP server: a client such as Claude Desktop starts it and talks to it over stdin and stdout.

Try it here:
  %[1]s http --sandbox                 serve the embedded platform over HTTP
  %[1]s call list_agents --sandbox     one tool call
  %[1]s tools                          what it offers a model
  %[1]s --help                         everything else

To plug it into a client, paste this into the client's configuration:
%[2]s
`, streams.Program, Snippet(clientCommand(streams), "--sandbox"))
}
