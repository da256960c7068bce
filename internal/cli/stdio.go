package cli

import (
	"errors"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/rawio"
)

func newStdio(streams Streams) *cobra.Command {
	settings := &config.Config{}
	command := &cobra.Command{
		Use:   "stdio",
		Short: "Serve MCP over stdin and stdout (the default)",
		Long: "Serves MCP over stdin and stdout, one message a line, to the client that starts it, until stdin ends.\n" +
			"robutler-mcp config CLIENT tells a client to start it.",
		Example: "  robutler-mcp stdio --sandbox --toolsets all\n  robutler-mcp stdio --api-key-file key.txt --read-only",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if streams.InTerminal {
				fmt.Fprintln(streams.Err, "robutler-mcp: reading JSON-RPC from this terminal; end it with Ctrl-D. See robutler-mcp --help.")
			}
			return serveStdio(command, settings, streams)
		},
	}
	settings.AddShared(command.Flags())
	settings.AddTelemetry(command.Flags())
	return command
}

func serveStdio(command *cobra.Command, settings *config.Config, streams Streams) (err error) {
	r, err := openSession(command, settings, streams)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	// A client that is gone must not end the process in the middle of a payment: writing to it fails instead.
	signal.Ignore(syscall.SIGPIPE)
	keepHeapFloor(streams.Environment)
	in := streams.In
	r.afterStart.add(r.releasePages)
	if polled, ok := reopened(in); ok {
		in = rawio.Pipe(polled, r.processors.single())
		r.afterStart.add(r.processors.save)
	}
	if err := r.server.ServeStdio(command.Context(), in, streams.Out); err != nil {
		return fmt.Errorf("serve over stdio: %w", err)
	}
	return nil
}
