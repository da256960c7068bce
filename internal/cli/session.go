package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/consent"
	"github.com/robutlerai/robutler-mcp/internal/rawio"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
	"github.com/robutlerai/robutler-mcp/internal/server"
	"github.com/robutlerai/robutler-mcp/internal/telemetry"
	"github.com/robutlerai/robutler-mcp/tools"
)

// session is what a command works with: the platform's client, the tools that the user wants, and the server around
// them.
type session struct {
	logger *slog.Logger
	// redactor knows the secrets that must not be in the log, nor in a result.
	redactor *telemetry.Redactor
	// metrics and observer are nil unless they were asked for.
	metrics  *telemetry.Metrics
	observer *telemetry.Observer
	gate     *gate
	client   *client.Client
	catalog  *tools.Catalog
	// caller names whom the platform's key belongs to.
	caller string
	// key gives the platform's key of a call.
	key    client.KeySource
	known  []string // the names of all tools, whether wanted or not
	server *server.Server
	// processors is nil where the user has set how many Go uses.
	processors *processors
	afterStart afterStart
	// afterDrain is how long calls that were sent may go on once a server has drained.
	afterDrain time.Duration

	closers []func() error
}

// openSession builds a session from the settings, adjusted once they are known. The caller closes it.
func openSession(command *cobra.Command, settings *config.Config, streams Streams, adjust ...func(*config.Config)) (opened *session, err error) {
	if err := settings.Load(command.Flags(), streams.Environment); err != nil {
		return nil, usage(err)
	}
	for _, change := range adjust {
		change(settings)
	}
	r := &session{processors: newProcessors(streams.Environment)}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if err := r.openLog(settings, streams); err != nil {
		return nil, err
	}
	if err := r.openTelemetry(command.Context(), settings, streams); err != nil {
		return nil, err
	}
	if err := r.openClient(command.Context(), settings); err != nil {
		return nil, err
	}
	if err := r.openTools(settings); err != nil {
		return nil, err
	}
	options := server.Options{
		Catalog: r.catalog, Known: r.known, Caller: r.caller, Version: version(), Logger: r.logger, Secrets: r.redactor,
		Working: r.processors.working, Answered: r.afterStart.answered, Declined: r.gate.declined,
	}
	if r.observer != nil {
		options.Observer = r.observer
	}
	r.server, err = server.New(options)
	if err != nil {
		return nil, fmt.Errorf("build the server: %w", err)
	}
	r.watch()
	return r, nil
}

func (r *session) openLog(settings *config.Config, streams Streams) error {
	r.redactor = telemetry.NewRedactor()
	r.redactor.Keep(settings.Key.Reveal())
	r.redactor.Keep(passwordIn(settings.Journal))
	logger, closeLog, err := telemetry.OpenLog(telemetry.LogOptions{
		Level: settings.LogLevel, Format: settings.LogFormat, File: settings.LogFile, Stderr: streams.Err,
		Redactor: r.redactor,
	})
	if err != nil {
		return usage(err)
	}
	r.logger = logger
	r.closers = append(r.closers, closeLog)
	return nil
}

// openClient connects to the platform that the settings name, or to an embedded one over loopback, so that every call
// takes the same way.
func (r *session) openClient(ctx context.Context, settings *config.Config) error {
	key, base := settings.Key, settings.BaseURL
	if settings.Sandbox {
		platform, address, err := r.openSandbox(ctx, settings)
		if err != nil {
			return err
		}
		key, base = config.NewSecret(platform.UserKey()), "http://"+address
		r.redactor.Keep(key.Reveal())
	}
	if settings.PerCaller() {
		r.key = server.CallerKey
	} else {
		r.caller = callerOf(key.Reveal())
		problem := settings.KeyProblem
		r.key = func(context.Context) (string, error) {
			if key.Empty() {
				return "", fmt.Errorf("%w: %s", client.ErrMissingKey, problem)
			}
			return key.Reveal(), nil
		}
	}
	options := []client.Option{
		client.WithKeySource(r.key), client.WithBaseURL(base), client.WithTimeout(settings.Timeout),
		client.WithMaxRetries(settings.MaxRetries), client.WithUserAgent("robutler-mcp/" + version()),
		client.WithLogger(r.logger),
		client.WithConnections(func(plain net.Conn) net.Conn { return rawio.Conn(plain, r.processors.single()) }),
	}
	if r.observer != nil {
		options = append(options, client.WithObserver(r.observer.Attempt))
	}
	var err error
	r.client, err = client.New(options...)
	if err != nil {
		return usage(err)
	}
	return nil
}

func (r *session) openTools(settings *config.Config) error {
	roots, err := tools.OpenUploadRoots(settings.UploadRoots)
	if err != nil {
		return usage(err)
	}
	r.closers = append(r.closers, roots.Close)
	gate, err := newGate(settings, r.client, r.logger, r.redactor)
	if err != nil {
		return err
	}
	if r.gate = gate; r.observer != nil {
		gate.options.Observe = r.observer.CountDecision
	}
	r.closers = append(r.closers, func() error { return gate.close(r.closeTime()) })
	all, err := tools.NewCatalog(tools.Platform{Client: r.client, UploadRoots: roots, Gate: gate, Journal: gate, ConfirmAll: settings.Confirm == string(consent.ModeAlways)})
	if err != nil {
		return fmt.Errorf("build the catalog: %w", err)
	}
	r.known = all.Names()
	r.catalog, err = all.Select(filterOf(settings))
	if err != nil {
		return usage(err)
	}
	return nil
}

// everything is what a person who names a tool may call, unless toolsets or tools are given.
func everything(settings *config.Config) {
	if len(settings.Toolsets) == 0 && len(settings.Tools) == 0 {
		settings.Toolsets = []string{tools.ToolsetAll}
	}
}

func filterOf(settings *config.Config) tools.Filter {
	return tools.Filter{
		Toolsets: settings.Toolsets, Tools: settings.Tools, Exclude: settings.ExcludeTools,
		ReadOnly: settings.ReadOnly, NoMoney: settings.NoMoney,
	}
}

// openSandbox starts the embedded platform on a free loopback port.
func (r *session) openSandbox(ctx context.Context, settings *config.Config) (*sandbox.Platform, string, error) {
	options, err := sandboxOptions(settings, r.logger)
	if err != nil {
		return nil, "", err
	}
	platform, err := sandbox.Open(ctx, options)
	if err != nil {
		return nil, "", fmt.Errorf("open the embedded platform: %w", err)
	}
	r.closers = append(r.closers, platform.Close)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("start the embedded platform: %w", err)
	}
	service := newHTTPService(platform.LocalHandler())
	go func() {
		if err := service.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			r.logger.Error("embedded platform stopped", slog.Any("error", err))
		}
	}()
	r.closers = append(r.closers, service.Close)
	return platform, listener.Addr().String(), nil
}

// sandboxOptions turns the settings into those of the embedded platform.
func sandboxOptions(settings *config.Config, logger *slog.Logger) (sandbox.Options, error) {
	options := sandbox.Options{Logger: logger, ModelURL: settings.ModelURL, RateLimits: settings.RateLimits}
	var err error
	if options.Database, err = databaseOf(settings); err != nil {
		return options, err
	}
	if options.Profile, err = sandbox.ParseProfile(settings.SandboxProfile); err != nil {
		return options, usage(fmt.Errorf("set the sandbox profile: %w", err))
	}
	for _, text := range settings.Faults {
		fault, err := sandbox.ParseFault(text)
		if err != nil {
			return options, usage(err)
		}
		options.Faults = append(options.Faults, fault)
	}
	if settings.Seed != "" {
		if options.Seed, err = os.ReadFile(settings.Seed); err != nil {
			return options, usage(fmt.Errorf("read seed data: %w", err))
		}
	}
	return options, nil
}

func databaseOf(settings *config.Config) (string, error) {
	if settings.SandboxDB != "" {
		return settings.SandboxDB, nil
	}
	database, err := sandbox.DefaultDatabase()
	if err != nil {
		return "", fmt.Errorf("find the user's data folder: %w; use --sandbox-db", err)
	}
	return database, nil
}

func newHTTPService(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute}
}

// shortestClose is what a call that was sent gets to end in any case.
const shortestClose = 500 * time.Millisecond

// closeTime is how long calls that were sent may take to end: what is left of the drain and of the time after it, if a
// server was draining.
func (r *session) closeTime() time.Duration {
	if r.server == nil {
		return shortestClose
	}
	end := r.server.DrainEnd()
	if end.IsZero() {
		return consent.CallTimeout
	}
	return max(time.Until(end.Add(r.afterDrain)), shortestClose)
}

// close ends everything that was opened, last first.
func (r *session) close() error {
	var faults []error
	for _, v := range slices.Backward(r.closers) {
		faults = append(faults, v())
	}
	return errors.Join(faults...)
}
