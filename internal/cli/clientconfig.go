package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/clients"
	"github.com/robutlerai/robutler-mcp/internal/config"
)

// clientConfig is the command that tells MCP clients of this server.
type clientConfig struct {
	streams         Streams
	settings        *config.Config
	install, remove bool
	file            string
}

func newConfig(streams Streams) *cobra.Command {
	c := &clientConfig{streams: streams, settings: &config.Config{}}
	command := &cobra.Command{
		Use:   "config [CLIENT]",
		Short: "Print or install the configuration for an MCP client",
		Long: "Prints what tells a client of this server, ready to paste, or writes it into the client's own file.\n" +
			"Other flags go into it: what the server is to be started with. With --config it names the file, and does not repeat\n" +
			"what stands there. Without a client it lists all that are known.\n\n" +
			"--install keeps a copy of the file, changes nothing else in it, and can be repeated. --remove does so, too;\n" +
			"a file that holds nothing but what --install wrote is deleted, with the folders made for it.",
		Example: "  robutler-mcp config claude-desktop --install --sandbox\n" +
			"  robutler-mcp config vscode --toolsets all --read-only",
		Args:              atMostOneClient,
		ValidArgsFunction: completeClients,
		RunE:              c.run,
	}
	c.settings.AddShared(command.Flags())
	c.settings.AddTelemetry(command.Flags())
	command.Flags().BoolVar(&c.install, "install", false, "write it into the client's file")
	command.Flags().BoolVar(&c.remove, "remove", false, "take it out of the client's file")
	command.Flags().StringVar(&c.file, "file", "", "the client's `file`, where it is not at its usual place")
	config.FlagOnly(command.Flags(), "install", "remove", "file")
	return command
}

func atMostOneClient(_ *cobra.Command, arguments []string) error {
	if len(arguments) > 1 {
		return usage(fmt.Errorf("config takes one client at a time, got %q and %q; robutler-mcp config lists them", arguments[0], arguments[1]))
	}
	return nil
}

func completeClients(_ *cobra.Command, arguments []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(arguments) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, known := range clients.All() {
		names = append(names, cobra.CompletionWithDesc(known.Name, known.Title))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (c *clientConfig) run(command *cobra.Command, arguments []string) error {
	machine, err := machineOf(c.streams)
	if err != nil {
		return err
	}
	if len(arguments) == 0 {
		if c.install || c.remove || c.file != "" {
			return usage(errors.New("name the client: robutler-mcp config CLIENT"))
		}
		return listClients(c.streams, machine)
	}
	known, err := clients.Find(arguments[0])
	switch {
	case err != nil:
		return usage(err)
	case c.install && c.remove:
		return usage(errors.New("--install and --remove are opposites: give one of them"))
	}
	path := c.file
	if path == "" {
		path = known.Path(machine)
	}
	if c.remove {
		return c.takeOut(known, machine, path)
	}
	// The settings are those of a server to be, so that they are checked. The program that prints the key need not run.
	if err := c.settings.LoadWithoutKey(command.Flags(), asStarted(c.streams.Environment)); err != nil {
		return usage(err)
	}
	if err := c.settings.CheckKey(); err != nil {
		return usage(err)
	}
	if err := c.checkServer(); err != nil {
		return usage(err)
	}
	entry := c.entry(command.Flags())
	c.warnOfEnvironment(command.Flags())
	switch {
	case c.install:
		return c.write(known, path, entry)
	default:
		return c.print(known, path, entry)
	}
}

// checkServer reports why the server that a client is told of would not start.
func (c *clientConfig) checkServer() error {
	if err := startable(c.settings); err != nil {
		return err
	}
	return checkRoots(c.settings.UploadRoots)
}

// entry is how a client should start this program.
func (c *clientConfig) entry(flags *pflag.FlagSet) clients.Entry {
	names := append(carriedFlags(), "log-level", "log-format", "log-file", "metrics-addr", "otlp-endpoint", "traces", "pprof-addr")
	return entryOf(clientCommand(c.streams), c.settings, asArguments(flags, c.settings, absolute, names...))
}

// asStarted gives what a server that a client starts has of this shell's environment: none of its settings, but for the
// file of settings, which is written into the entry.
func asStarted(environment config.Environment) config.Environment {
	return func(name string) (string, bool) {
		if name != config.FileVariable && name != config.ProfileVariable && slices.Contains(config.AllVariables(), name) {
			return "", false
		}
		return environment(name)
	}
}

// warnOfEnvironment names the settings of this shell's environment that are not written. The key is none of them: it is
// not expected in a client's file.
func (c *clientConfig) warnOfEnvironment(flags *pflag.FlagSet) {
	started := asStarted(c.streams.Environment)
	var left []string
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Changed {
			return
		}
		for _, variable := range config.FlagVariables(flag) {
			value, _ := c.streams.Environment(variable)
			if _, passed := started(variable); strings.TrimSpace(value) != "" && !passed && !config.Blank(value) {
				left = append(left, variable+" (--"+flag.Name+")")
			}
		}
	})
	if len(left) > 0 {
		fmt.Fprintf(c.streams.Err, "This shell's environment is not written, since a client does not pass it on: %s. Give the flag to have one written.\n",
			strings.Join(left, ", "))
	}
}

// print gives the configuration on stdout and what to do with it on stderr.
func (c *clientConfig) print(known clients.Client, path string, entry clients.Entry) error {
	snippet, err := known.Snippet(entry)
	if err != nil {
		return err //nolint:wrapcheck // it names the client
	}
	if _, err := fmt.Fprint(c.streams.Out, snippet); err != nil {
		return fmt.Errorf("print the configuration: %w", err)
	}
	fmt.Fprintf(c.streams.Err, "\nPut it into %s, or let --install do so. %s\n", path, known.Next)
	link, err := known.Link(entry)
	if err != nil {
		return err //nolint:wrapcheck // it says what failed
	}
	if link != "" {
		fmt.Fprintf(c.streams.Err, "Or open this link:\n%s\n", link)
	}
	return nil
}
