package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/robutlerai/robutler-mcp/client"
)

// flushTime bounds how long the end of the program waits for the collector.
const flushTime = 5 * time.Second

// Traces sends spans to a collector over OTLP. Which of them is decided by whoever started the trace, and otherwise by
// the standard variable OTEL_TRACES_SAMPLER: all by default.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// OpenTraces begins to send spans.
func OpenTraces(ctx context.Context, collector Collector, version string, logger *slog.Logger) (*Traces, error) {
	uploads, err := newUploads(collector)
	if err != nil {
		return nil, err
	}
	return newTraces(ctx, loggedExporter{uploads, logger}, version)
}

func newTraces(ctx context.Context, exporter sdktrace.SpanExporter, version string) (*Traces, error) {
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "robutler-mcp"), attribute.String("service.version", version)),
		resource.WithFromEnv()) // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, fmt.Errorf("open traces: read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	return &Traces{provider: provider, tracer: provider.Tracer("github.com/robutlerai/robutler-mcp")}, nil
}

// Close sends what is left, for at most five seconds.
func (t *Traces) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("close traces: %w", err)
	}
	return nil // what a collector that does not answer has missed was logged
}

// loggedExporter logs what goes wrong, instead of the library's own log, which no redaction stands before.
type loggedExporter struct {
	sdktrace.SpanExporter
	logger *slog.Logger
}

func (e loggedExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.logger.WarnContext(ctx, "spans were not sent", slog.Int("spans", len(spans)), slog.Any("error", err))
	}
	return nil
}

// carried is a trace context in the words of W3C: of the metadata of a request, or else of its headers. Only the ids and
// the decision to sample are taken over: tracestate and baggage may hold anything.
type carried func(name string) string

func (c carried) Get(name string) string {
	if name != "traceparent" {
		return ""
	}
	return c(name)
}
func (carried) Set(string, string) {}
func (carried) Keys() []string     { return []string{"traceparent"} }

// StartRequest is told of a request of a client, and gives the function that is told its outcome. The carrier gives what
// the request says of the trace that it belongs to. The target is the tool, or empty.
func (o *Observer) StartRequest(ctx context.Context, method, target string, carrier func(name string) string) (_ context.Context, ended func(failed bool)) {
	if !o.traces {
		return ctx, func(bool) {}
	}
	ctx = propagation.TraceContext{}.Extract(ctx, carried(carrier))
	name, attributes := method, []attribute.KeyValue{attribute.String("mcp.method.name", method)}
	if target != "" {
		name, attributes = method+" "+target, append(attributes, attribute.String("gen_ai.tool.name", target))
	}
	ctx, span := o.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attributes...))
	return ctx, func(failed bool) { endSpan(span, "error", failed) }
}

func (o *Observer) startCallSpan(ctx context.Context, tool, class string) (context.Context, trace.Span) {
	if !o.traces {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return o.tracer.Start(ctx, "tool "+tool, trace.WithAttributes(
		attribute.String("gen_ai.tool.name", tool), attribute.String("robutler.tool.class", class)))
}

// endSpan ends the span of a request or of a call. Only the code of a failure is noted, never its text.
func endSpan(span trace.Span, code string, failed bool) {
	if failed {
		span.SetAttributes(attribute.String("error.type", code))
		span.SetStatus(codes.Error, code)
	}
	span.End()
}

func (o *Observer) startAttemptSpan(ctx context.Context, attempt client.Attempt, header http.Header) trace.Span {
	if !o.traces {
		return trace.SpanFromContext(context.Background())
	}
	ctx, span := o.tracer.Start(ctx, attempt.Method+" /api"+attempt.Route, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", attempt.Method), attribute.String("url.template", "/api"+attempt.Route),
		attribute.Int("http.request.resend_count", attempt.Number-1), attribute.String("robutler.operation", attempt.Operation)))
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
	return span
}

func endAttemptSpan(span trace.Span, result client.AttemptResult) {
	if result.StatusCode != 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", result.StatusCode))
	}
	endSpan(span, statusOf(result), result.Kind != nil || result.StatusCode >= http.StatusBadRequest)
}
