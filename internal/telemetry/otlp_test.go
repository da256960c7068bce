package telemetry

import (
	"context"
	"math"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// kept takes what the exporter of OpenTelemetry makes of spans.
type kept struct{ spans []*tracepb.ResourceSpans }

func (*kept) Start(context.Context) error { return nil }
func (*kept) Stop(context.Context) error  { return nil }
func (k *kept) UploadTraces(_ context.Context, spans []*tracepb.ResourceSpans) error {
	k.spans = spans
	return nil
}

func decode(t *testing.T, spans ...tracetest.SpanStub) *tracepb.TracesData {
	t.Helper()
	read := &tracepb.TracesData{}
	if err := proto.Unmarshal(encodeSpans(tracetest.SpanStubs(spans).Snapshots()), read); err != nil {
		t.Fatal(err)
	}
	return read
}

// everyAttribute has an attribute of every type.
func everyAttribute() []attribute.KeyValue {
	nested := attribute.MapValue(attribute.Int("n", 1), attribute.String("", ""))
	return []attribute.KeyValue{
		attribute.String("string", "é\x00"), attribute.String("empty", ""), attribute.Bool("true", true), attribute.Bool("false", false),
		attribute.Int64("most", math.MaxInt64), attribute.Int64("least", math.MinInt64), attribute.Int("zero", 0),
		attribute.Float64("float", -0.1), attribute.Float64("infinite", math.Inf(1)), attribute.Float64("none", 0),
		attribute.BoolSlice("bools", []bool{true, false}), attribute.Int64Slice("ints", []int64{-1, 0, 1}),
		attribute.Float64Slice("floats", []float64{1.5, 0}), attribute.StringSlice("strings", []string{"a", ""}),
		attribute.StringSlice("no strings", nil),
		{Key: "bytes", Value: attribute.ByteSliceValue([]byte{0, 255})},
		{Key: "values", Value: attribute.SliceValue(attribute.StringValue("x"), nested, attribute.Value{})},
		{Key: "map", Value: nested}, {Key: "nothing"},
	}
}

// fullSpan has a value in every field.
func fullSpan() tracetest.SpanStub {
	state, _ := trace.ParseTraceState("vendor=value")
	ids := trace.SpanContextConfig{TraceID: trace.TraceID{1, 2, 15: 16}, SpanID: trace.SpanID{17, 7: 24}, TraceFlags: 1, TraceState: state}
	parent := ids
	parent.SpanID, parent.Remote = trace.SpanID{25}, true
	at := time.Unix(1795000000, 123456789)
	return tracetest.SpanStub{
		Name: "tool get_agent", SpanContext: trace.NewSpanContext(ids), Parent: trace.NewSpanContext(parent), SpanKind: trace.SpanKindServer,
		StartTime: at, EndTime: at.Add(time.Millisecond), Attributes: everyAttribute(), DroppedAttributes: 1, DroppedEvents: 2, DroppedLinks: 300,
		Events: []sdktrace.Event{{Name: "event", Time: at, Attributes: everyAttribute()[:2], DroppedAttributeCount: 4}, {Name: "bare"}},
		Links: []sdktrace.Link{
			{SpanContext: trace.NewSpanContext(parent), Attributes: everyAttribute()[:1], DroppedAttributeCount: 5},
			{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: ids.TraceID, SpanID: ids.SpanID})},
		},
		Status:   sdktrace.Status{Code: codes.Error, Description: "not_found"},
		Resource: resource.NewWithAttributes("https://example.com/resource", everyAttribute()...),
		InstrumentationScope: instrumentation.Scope{
			Name: "scope", Version: "1.2.3", SchemaURL: "https://example.com/scope", Attributes: attribute.NewSet(everyAttribute()[:3]...),
		},
	}
}

func TestSpansAreEncodedAsTheExporterOfOpenTelemetryDoes(t *testing.T) {
	t.Parallel()
	full := fullSpan()
	bare := tracetest.SpanStub{Resource: full.Resource, InstrumentationScope: full.InstrumentationScope}
	spans := tracetest.SpanStubs{full, bare}
	for kind := trace.SpanKindUnspecified; kind <= trace.SpanKindConsumer; kind++ {
		for _, code := range []codes.Code{codes.Unset, codes.Ok, codes.Error} {
			bare.SpanKind, bare.Status.Code = kind, code
			spans = append(spans, bare)
		}
	}
	var theirs kept
	exporter, err := otlptrace.New(t.Context(), &theirs)
	if err != nil {
		t.Fatal(err)
	}
	if err := exporter.ExportSpans(t.Context(), spans.Snapshots()); err != nil {
		t.Fatal(err)
	}
	// Links carry their trace state, which the exporter leaves out.
	for _, link := range theirs.spans[0].GetScopeSpans()[0].GetSpans()[0].GetLinks()[:1] {
		link.TraceState = "vendor=value"
	}
	want := &tracepb.TracesData{ResourceSpans: theirs.spans}
	if got := decode(t, spans...); !proto.Equal(got, want) {
		t.Errorf("written:\n%v\nwant:\n%v", got, want)
	}
}

func TestSpansStayWithTheirOrigin(t *testing.T) {
	t.Parallel()
	made := func(service, scope string) tracetest.SpanStub {
		return tracetest.SpanStub{
			Name: service + scope, Resource: resource.NewSchemaless(attribute.String("service.name", service)),
			InstrumentationScope: instrumentation.Scope{Name: scope},
		}
	}
	read := decode(t, made("a", "1"), made("a", "1"), made("a", "2"), made("b", "2"), made("a", "1"))
	count := 0
	for _, group := range read.GetResourceSpans() {
		for _, scope := range group.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				count++
				if want := group.GetResource().GetAttributes()[0].GetValue().GetStringValue() + scope.GetScope().GetName(); span.GetName() != want {
					t.Errorf("%s is with %s", span.GetName(), want)
				}
			}
		}
	}
	if count != 5 || len(read.GetResourceSpans()) != 4 {
		t.Errorf("%d spans in %d groups", count, len(read.GetResourceSpans()))
	}
}

// TestTextThatIsNotUTF8IsMended: one such string, from OTEL_RESOURCE_ATTRIBUTES for instance, would cost all spans.
func TestTextThatIsNotUTF8IsMended(t *testing.T) {
	t.Parallel()
	span := fullSpan()
	span.Name = "a\xffb"
	if got := decode(t, span).GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()[0].GetName(); got != "a\uFFFDb" {
		t.Errorf("%q", got)
	}
}
