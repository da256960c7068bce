package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/consent"
	"github.com/robutlerai/robutler-mcp/internal/rawio"
	"github.com/robutlerai/robutler-mcp/internal/server"
)

func newHTTP(streams Streams) *cobra.Command {
	settings := &config.Config{}
	command := &cobra.Command{
		Use:   "http",
		Short: "Serve MCP over Streamable HTTP and SSE",
		Long: "Serves Streamable HTTP at /mcp, SSE at /sse and /message, and /healthz and /readyz.\n" +
			"Without --auth it serves one user, with the configured key, on loopback addresses only.\n\n" +
			authHelp +
			"A client narrows what it is offered with the headers X-MCP-Toolsets, X-MCP-Tools, X-MCP-Exclude-Tools\n" +
			"(names separated by commas), X-MCP-Readonly and X-MCP-No-Money (true or false); they never add a tool.\n" +
			"On SSE the headers of GET /sse count for the whole stream.",
		Example: "  robutler-mcp http --sandbox\n" +
			"  robutler-mcp http --addr :8080 --auth passthrough --behind-proxy",
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
	// Whoever ends a service gives it a minute; a client over stdio may kill at once.
	r.afterDrain = consent.CallTimeout
	if err := checkExposure(settings); err != nil {
		return usage(err)
	}
	secured, err := tlsOf(settings, r.logger)
	if err != nil {
		return usage(err)
	}
	listener, err := listen(command.Context(), settings.Addr)
	if err != nil {
		return err
	}
	options := server.HTTPOptions{
		AllowedHosts: settings.AllowedHosts, AllowedOrigins: settings.AllowedOrigins, Stateless: settings.Stateless, TLS: secured,
		Checks: r.checks(),
	}
	if err := r.openAuthentication(command.Context(), settings, listener.Addr().String(), &options); err != nil {
		return errors.Join(err, listener.Close())
	}
	announceHTTP(streams, settings, listener.Addr().String(), carried(command.Flags(), settings))
	keepHeapFloor(streams.Environment)
	r.afterStart.add(r.processors.save)
	r.afterStart.add(r.releasePages)
	if err := r.server.ServeListener(command.Context(), rawio.Listener(listener, r.processors.single()), options); err != nil {
		return fmt.Errorf("serve over HTTP: %w", err)
	}
	return nil
}

// tlsOf loads the certificate, if there is one. Who speaks TLS with clients is said once: here, or in a proxy.
func tlsOf(settings *config.Config, logger *slog.Logger) (*tls.Config, error) {
	switch {
	case (settings.TLSCert == "") != (settings.TLSKey == ""):
		return nil, errors.New("--tls-cert and --tls-key go together")
	case settings.TLSCert == "":
		return nil, nil
	case settings.BehindProxy:
		return nil, errors.New("--behind-proxy says that a proxy speaks TLS: leave out --tls-cert and --tls-key")
	}
	return server.CertificateFiles(settings.TLSCert, settings.TLSKey, logger)
}

// loopbackOnly refuses an address that others could reach: whoever reaches the port acts with the user's key.
func loopbackOnly(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("listen on %s: the address must look like 127.0.0.1:8080", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("listen on %s: only loopback addresses are served, since callers are not authenticated; "+
			"use 127.0.0.1, or let the http command authenticate them with --auth", address)
	}
	return nil
}

func announceHTTP(streams Streams, settings *config.Config, address string, flags []string) {
	base := "http://" + address
	if settings.TLSCert != "" {
		base = "https://" + address
	}
	fmt.Fprintf(streams.Err, `robutler-mcp %s serves MCP:
  Streamable HTTP  %[2]s/mcp
`, version(), base)
	if !settings.Stateless {
		fmt.Fprintf(streams.Err, "  SSE              %s/sse\n", base)
	}
	fmt.Fprintf(streams.Err, "  health           %s/healthz\n", base)
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
`, snippetOf(entryOf(clientCommand(streams), settings, flags)), streams.Program, quoted(flags))
}
