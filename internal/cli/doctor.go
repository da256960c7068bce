package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/clients"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/doctor"
	"github.com/robutlerai/robutler-mcp/tools"
)

func newDoctor(streams Streams) *cobra.Command {
	settings := &config.Config{}
	var asJSON bool
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Check settings, network, key, clock, journal and clients",
		Long: "Finds out why a server does not work and says what to do. It takes the flags that the server is started with.\n" +
			"Without any, and with nothing in the environment, it takes those of the first MCP client that starts this program.\n" +
			"Exit status: 0 all is well, 1 something is wrong.",
		Example: "  robutler-mcp doctor\n  robutler-mcp doctor --sandbox --json",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			return examine(command, settings, streams, asJSON)
		},
	}
	settings.AddShared(command.Flags())
	settings.AddTelemetry(command.Flags())
	command.Flags().BoolVar(&asJSON, "json", false, "findings as JSON")
	config.FlagOnly(command.Flags(), "json")
	return command
}

// examine asks every question and prints what was found.
func examine(command *cobra.Command, settings *config.Config, streams Streams, asJSON bool) (err error) {
	subject := doctor.Subject{Settings: settings, Environment: streams.Environment, Program: clientCommand(streams), Entry: loadEntry}
	subject.Machine, subject.MachineError = machineOf(streams)
	r := &session{}
	defer func() { err = errors.Join(err, r.close()) }()
	if subject.SettingsError = loadAsStarted(command, settings, &subject); subject.SettingsError == nil {
		r.examineSettings(command.Context(), settings, logging(streams, settings, &subject), &subject)
	}
	findings := doctor.Examine(command.Context(), subject)
	if asJSON {
		err = doctor.WriteJSON(streams.Out, findings)
	} else {
		err = doctor.WriteText(streams.Out, findings, screenOf(streams))
	}
	if err != nil {
		return fmt.Errorf("print the findings: %w", err)
	}
	if !doctor.Healthy(findings) {
		return &failure{status: exitFailed, silent: true, err: errors.New("something is wrong")}
	}
	return nil
}

// screenOf is where findings are shown: words stay whole at the edge of a terminal.
func screenOf(streams Streams) doctor.Screen {
	return doctor.Screen{Color: wantsColor(streams, streams.OutTerminal), Fold: func(text string, beside int) []string {
		room := streams.outWidth()
		if room > 0 {
			room = max(room-beside, 1)
		}
		return wrap(text, room)
	}}
}

// loadAsStarted loads the settings. Where neither flags nor environment say anything they are those of a client that
// starts this program: a person who types "doctor" asks about that.
func loadAsStarted(command *cobra.Command, settings *config.Config, subject *doctor.Subject) error {
	err := loadExamined(command, settings, subject)
	if err != nil || len(settings.Origins) > 0 || !settings.Key.Empty() || subject.MachineError != nil {
		return err
	}
	known, entry, ok := doctor.Started(subject.Machine, subject.Program)
	if !ok {
		return nil
	}
	subject.StartedBy = known.Title
	own := subject.Environment
	subject.Environment = func(name string) (string, bool) {
		if value, ok := entry.Environment[name]; ok {
			return value, true
		}
		return own(name)
	}
	if err := command.Flags().Parse(entry.Arguments[1:]); err != nil {
		return fmt.Errorf("read the arguments that %s starts this program with: %w", known.Title, err)
	}
	return loadExamined(command, settings, subject)
}

// loadExamined loads the settings. A key that is not to be had leaves the rest to be examined.
func loadExamined(command *cobra.Command, settings *config.Config, subject *doctor.Subject) error {
	if err := settings.LoadWithoutKey(command.Flags(), subject.Environment); err != nil {
		return err //nolint:wrapcheck // it names the setting
	}
	subject.KeyError = settings.LoadKey(command.Flags(), subject.Environment)
	return nil
}

// examineSettings opens what the settings ask for, as far as that goes.
func (r *session) examineSettings(ctx context.Context, settings *config.Config, streams Streams, subject *doctor.Subject) {
	if subject.SettingsError = r.openLog(settings, streams); subject.SettingsError != nil {
		return
	}
	if subject.SettingsError = checkCalls(settings, client.DefaultBaseURL); subject.SettingsError != nil {
		return
	}
	subject.ClientError = r.openClient(ctx, settings)
	if subject.SettingsError = checkRoots(settings.UploadRoots); subject.SettingsError != nil {
		return
	}
	gate, err := newGate(settings, r.client, r.logger, r.redactor)
	if err != nil {
		subject.SettingsError = err
		return
	}
	r.closers = append(r.closers, func() error { return gate.close(drainTime) })
	subject.Client = r.client
	subject.Tools = func() (*tools.Catalog, error) { return offlineSelection(settings) }
	subject.JournalPlace = journalPlace(settings)
	subject.Journal, subject.Journals = gate.check, gate.options.Mode.Journals
}

// logging gives the streams with a log that says nothing: what it says is among the findings, in better words. Who asks for
// the log gets it.
func logging(streams Streams, settings *config.Config, subject *doctor.Subject) Streams {
	if origin, ok := settings.Origin("log-level"); !ok || subject.StartedBy != "" || origin.From != "--log-level" {
		streams.Err = io.Discard
	}
	return streams
}

// journalPlace tells where the journal is, without a password.
func journalPlace(settings *config.Config) string {
	place, _, err := journalOf(settings)
	if err != nil {
		return "the journal"
	}
	return config.WithoutPassword(place)
}

// loadEntry reads what a client starts this program with, as this program does: its flags, and its settings without the
// key. What the client's own environment adds cannot be known here.
func loadEntry(entry clients.Entry) (*config.Config, error) {
	command, rest, err := checked(entry.Arguments)
	if err != nil {
		return nil, err
	}
	if name := command.Name(); name != "stdio" && command.HasParent() {
		return nil, fmt.Errorf("%s does not serve a client over stdin and stdout: stdio does", name)
	}
	settings, flags := &config.Config{}, pflag.NewFlagSet("stdio", pflag.ContinueOnError)
	settings.AddShared(flags)
	settings.AddTelemetry(flags)
	if err := flags.Parse(rest); err != nil {
		return nil, fmt.Errorf("read the flags of stdio: %w", err)
	}
	err = settings.LoadWithoutKey(flags, func(name string) (string, bool) {
		value, ok := entry.Environment[name]
		return value, ok
	})
	if err == nil {
		err = startable(settings)
	}
	return settings, err //nolint:wrapcheck // it names the setting
}
