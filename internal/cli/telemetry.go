package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/server"
	"github.com/robutlerai/robutler-mcp/internal/telemetry"
	"github.com/robutlerai/robutler-mcp/tools"
)

// openTelemetry begins what the settings ask for of metrics, traces and profiles.
func (r *session) openTelemetry(ctx context.Context, settings *config.Config, streams Streams) error {
	asked := &settings.Telemetry
	traces, err := r.openTraces(ctx, asked)
	if err != nil {
		return usage(err)
	}
	if asked.MetricsAddr != "" {
		r.metrics = telemetry.NewMetrics(version())
		service, err := telemetry.ServeMetrics(ctx, asked.MetricsAddr, r.metrics, r.logger)
		if err != nil {
			return fmt.Errorf("serve metrics: %w", err)
		}
		r.closers = append(r.closers, service.Close)
		fmt.Fprintf(streams.Err, "robutler-mcp serves metrics at http://%s/metrics\n", service.Address)
	}
	if asked.PprofAddr != "" {
		if streams.SampleMemory != nil {
			streams.SampleMemory()
		}
		service, err := telemetry.ServeProfiles(ctx, asked.PprofAddr, r.logger)
		if err != nil {
			return usage(err)
		}
		r.closers = append(r.closers, service.Close)
		fmt.Fprintf(streams.Err, "robutler-mcp serves profiles at http://%s/debug/pprof/\n", service.Address)
	}
	if r.metrics != nil || traces != nil {
		r.observer = telemetry.NewObserver(r.metrics, traces)
	}
	return nil
}

// openTraces begins to send spans, or gives nil where none are asked for.
func (r *session) openTraces(ctx context.Context, asked *config.Telemetry) (*telemetry.Traces, error) {
	if !asked.Traces {
		return nil, nil //nolint:nilnil // none is what was asked for
	}
	headers, err := telemetry.ParseHeaders(asked.OTLPHeaders.Reveal())
	if err != nil {
		return nil, err
	}
	for _, value := range headers {
		r.redactor.Keep(value)
	}
	collector := telemetry.Collector{Address: asked.OTLPEndpoint, TracesAddress: asked.OTLPTracesEndpoint, Headers: headers}
	if collector.Address == "" && collector.TracesAddress == "" {
		collector.Address = telemetry.DefaultCollector
	}
	traces, err := telemetry.OpenTraces(ctx, collector, version(), r.logger)
	if err != nil {
		return nil, err
	}
	r.closers = append(r.closers, traces.Close)
	return traces, nil
}

// passwordIn gives the password in the address of a database, or nothing.
func passwordIn(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.User == nil {
		return ""
	}
	password, _ := parsed.User.Password()
	return password
}

// watch lets the metrics read what the parts of the session hold.
func (r *session) watch() {
	if r.metrics == nil {
		return
	}
	r.metrics.Watch(telemetry.Watch{
		Breaker:  func() string { return string(r.client.Breaker()) },
		Sessions: r.server.Sessions, Streams: r.server.Streams,
		Entries: func(ctx context.Context) map[string]int {
			entries, err := r.gate.states(ctx)
			if err != nil {
				r.logger.WarnContext(ctx, "the journal was not counted", slog.Any("error", err))
			}
			return entries
		},
	})
}

// checks are what calls need: the platform, and the journal where a tool on offer goes through it.
func (r *session) checks() []server.Check {
	checks := []server.Check{{Name: "platform", Run: r.client.Health}}
	if r.caller != "" { // callers who bring their own keys need none here
		checks = append(checks, server.Check{Name: "key", Run: func(ctx context.Context) error {
			_, err := r.key(ctx)
			return err
		}})
	}
	for _, tool := range r.catalog.Tools() {
		if r.gate.options.Mode.Journals(tool.Class) {
			return append(checks, server.Check{Name: "journal", Run: r.gate.check})
		}
	}
	return checks
}

// check reports why calls that go through the journal would be refused, or nil. It makes the journal, as the first of
// these calls would.
func (g *gate) check(ctx context.Context) error {
	if g.problem != nil {
		return g.problem
	}
	opened, err := g.get(ctx)
	if err != nil {
		return err
	}
	return opened.Check(ctx)
}

// states counts the calls in the journal; nil before it was opened.
func (g *gate) states(ctx context.Context) (map[string]int, error) {
	opened := g.opened.Load()
	if opened == nil {
		return nil, nil
	}
	states, err := opened.States(ctx)
	counts := make(map[string]int, len(states))
	for state, count := range states {
		counts[string(state)] = count
	}
	return counts, err
}

// withoutSecrets keeps secrets out of the journal that the platform, or whoever it speaks for, put where none belong.
func (g *gate) withoutSecrets(call tools.GatedCall) tools.GatedCall {
	preview, do := call.Preview, call.Do
	call.Preview = func(ctx context.Context) (tools.Preview, error) {
		shown, err := preview(ctx)
		if err != nil {
			return shown, err
		}
		return g.cleanPreview(ctx, shown)
	}
	call.Do = func(ctx context.Context) (tools.Result, error) {
		result, err := do(ctx)
		kept := result.Kept
		if kept == nil && call.Spec.Class != client.Secret {
			kept = result.Structured
		}
		if kept != nil {
			result.Kept = g.redactor.Stored(ctx, kept)
		}
		return result, g.cleanError(ctx, err)
	}
	return call
}

// cleanError takes secrets out of the texts of an error that goes into the journal. Those of the client are clean.
func (g *gate) cleanError(ctx context.Context, err error) error {
	told, ok := errors.AsType[*tools.Error](err)
	if !ok {
		return err
	}
	encoded := []byte(told.JSON())
	cleaned := g.redactor.Stored(ctx, encoded)
	if bytes.Equal(cleaned, encoded) {
		return err
	}
	clean := cleanedError{told: &tools.Error{MovedCredits: told.MovedCredits, Answered: told.Answered}, cause: err}
	if problem := json.Unmarshal(cleaned, clean.told); problem != nil {
		return fmt.Errorf("clean the error: %w", problem)
	}
	return clean
}

// cleanedError tells what is clean of an error. All that it is found to be stays.
type cleanedError struct {
	told  *tools.Error
	cause error
}

func (e cleanedError) Error() string   { return e.told.Error() }
func (e cleanedError) Unwrap() []error { return []error{e.told, e.cause} }

// cleanPreview cleans what is shown, ids included: one that looks like a key is none.
func (g *gate) cleanPreview(ctx context.Context, shown tools.Preview) (tools.Preview, error) {
	encoded, err := json.Marshal(shown)
	if err != nil {
		return shown, fmt.Errorf("encode the preview: %w", err)
	}
	cleaned := g.redactor.Stored(ctx, encoded)
	if bytes.Equal(cleaned, encoded) {
		return shown, nil
	}
	clean := tools.Preview{Terms: shown.Terms} // they are compared, and neither shown nor stored
	if err := json.Unmarshal(cleaned, &clean); err != nil {
		return shown, fmt.Errorf("clean the preview: %w", err)
	}
	return clean, nil
}
