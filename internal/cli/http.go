package cli

import (
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/server"
)

func newHTTP(streams Streams) *cobra.Command {
	settings := &config.Config{}
	command := &cobra.Command{
		Use:   "http",
		Short: "Serve MCP over Streamable HTTP and SSE",
		Long: "Serves Streamable HTTP at /mcp, SSE at /sse and /message, and /healthz and /readyz.\n" +
			"It listens on loopback addresses only: callers are not authenticated.\n\n" +
			"A client narrows what it is offered with the headers X-MCP-Toolsets, X-MCP-Tools, X-MCP-Exclude-Tools\n" +
			"(names separated by commas), X-MCP-Readonly and X-MCP-No-Money (true or false); they never add a tool.\n" +
			"On SSE the headers of GET /sse count for the whole stream.",
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error { return serveHTTP(command, settings, streams) },
	}
	settings.AddShared(command.Flags())
	settings.AddTelemetry(command.Flags())
	settings.AddHTTP(command.Flags())
	return command
}

func serveHTTP(command *cobra.Command, settings *config.Config, streams Streams) (err error) {
	r, err := openSession(command, settings, streams)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := loopbackOnly(settings.Addr); err != nil {
		return usage(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(command.Context(), "tcp", settings.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", settings.Addr, err)
	}
	announceHTTP(streams, settings, listener.Addr().String(), carried(command.Flags()))
	options := server.HTTPOptions{AllowedHosts: settings.AllowedHosts, AllowedOrigins: settings.AllowedOrigins, Checks: r.checks()}
	if err := r.server.ServeListener(command.Context(), listener, options); err != nil {
		return fmt.Errorf("serve over HTTP: %w", err)
	}
	return nil
}

// loopbackOnly refuses an address that others could reach: whoever reaches the port acts with the user's key.
func loopbackOnly(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("listen on %s: the address must look like 127.0.0.1:8080", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("listen on %s: only loopback addresses are served, since callers are not authenticated yet; "+
			"use 127.0.0.1 and a tunnel or proxy with authentication", address)
	}
	return nil
}

func announceHTTP(streams Streams, settings *config.Config, address string, flags []string) {
	fmt.Fprintf(streams.Err, `robutler-mcp %s serves MCP:
  Streamable HTTP  http://%[2]s/mcp
  SSE              http://%[2]s/sse
  health           http://%[2]s/healthz
`, version(), address)
	if settings.Sandbox {
		fmt.Fprintln(streams.Err, "The platform is embedded: no account, no network.")
		if settings.SandboxDB == config.MemoryDatabase {
			fmt.Fprintln(streams.Err, "Its data is in this process's memory; other processes, such as those below, have data of their own.")
		}
	}
	fmt.Fprintf(streams.Err, `
Paste this into a client that starts its servers over stdio (Claude Desktop and most others):
%s

Try it in another terminal:
  %s call search_agents query="translate a contract"%s

Ctrl-C ends it.
`, Snippet(clientCommand(streams), flags...), streams.Program, quoted(flags))
}
