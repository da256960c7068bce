package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
	"github.com/robutlerai/robutler-mcp/internal/telemetry"
)

const drainTime = 10 * time.Second

func newSandbox(streams Streams) *cobra.Command {
	settings := &config.Config{}
	command := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the embedded platform alone, for other clients",
		Long: "Serves the platform's REST routes below /api, so that any Robutler client can be tried without an account.\n" +
			"It listens on loopback only and refuses web pages of other origins.\n" +
			"Prints its address and the demo user's API key.",
		Example: "  robutler-mcp sandbox --sandbox-db :memory:\n" +
			"  robutler-mcp sandbox --fault \"POST /api/payments/* every=3 status=503\"",
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error { return serveSandbox(command, settings, streams) },
	}
	settings.AddSandboxServer(command.Flags())
	return command
}

func serveSandbox(command *cobra.Command, settings *config.Config, streams Streams) (err error) {
	ctx := command.Context()
	if err := settings.Load(command.Flags(), streams.Environment); err != nil {
		return usage(err)
	}
	if err := loopbackOnly(settings.Addr); err != nil {
		return usage(err)
	}
	redactor := telemetry.NewRedactor()
	logger, closeLog, err := telemetry.OpenLog(telemetry.LogOptions{
		Level: settings.LogLevel, Format: settings.LogFormat, File: settings.LogFile, Stderr: streams.Err, Redactor: redactor,
	})
	if err != nil {
		return usage(err)
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	options, err := sandboxOptions(settings, logger)
	if err != nil {
		return err
	}
	platform, err := sandbox.Open(ctx, options)
	if err != nil {
		return fmt.Errorf("open the embedded platform: %w", err)
	}
	defer func() { err = errors.Join(err, platform.Close()) }()
	redactor.Keep(platform.UserKey())
	listener, err := listen(ctx, settings.Addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(streams.Out, "ROBUTLER_API_URL=http://%s\nWEBAGENTS_API_KEY=%s\n", listener.Addr(), platform.UserKey())
	fmt.Fprintf(streams.Err, "robutler-mcp %s serves the embedded platform (database %s). Ctrl-C ends it.\n", version(), options.Database)
	return serveUntilDone(ctx, newHTTPService(platform.LocalHandler()), listener)
}

// serveUntilDone serves until the context ends and then lets running requests finish.
func serveUntilDone(ctx context.Context, service *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- service.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := service.Shutdown(drain); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
