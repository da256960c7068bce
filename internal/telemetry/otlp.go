package telemetry

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// encodeSpans writes spans as OTLP's ExportTraceServiceRequest, fields as numbered by the definitions of OTLP 1:
// https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto.
func encodeSpans(spans []sdktrace.ReadOnlySpan) []byte {
	var request message
	for len(spans) > 0 {
		end := 1
		for end < len(spans) && sameOrigin(spans[0], spans[end]) {
			end++
		}
		request.nested(1, func(m *message) { m.resourceSpans(spans[:end]) })
		spans = spans[end:]
	}
	return request
}

func sameOrigin(a, b sdktrace.ReadOnlySpan) bool {
	return a.Resource().Equal(b.Resource()) && a.InstrumentationScope() == b.InstrumentationScope()
}

// resourceSpans writes spans that one resource and one scope of instrumentation made.
func (m *message) resourceSpans(spans []sdktrace.ReadOnlySpan) {
	resource, scope := spans[0].Resource(), spans[0].InstrumentationScope()
	m.nested(1, func(m *message) { m.attributes(1, resource.Attributes()) })
	m.nested(2, func(m *message) {
		m.nested(1, func(m *message) {
			m.text(1, scope.Name)
			m.text(2, scope.Version)
			m.attributes(3, scope.Attributes.ToSlice())
		})
		for _, span := range spans {
			m.nested(2, func(m *message) { m.span(span) })
		}
		m.text(3, scope.SchemaURL)
	})
	m.text(3, resource.SchemaURL())
}

func (m *message) span(span sdktrace.ReadOnlySpan) {
	m.ids(span.SpanContext())
	if parent := span.Parent().SpanID(); parent.IsValid() {
		m.bytes(4, parent[:])
	}
	m.text(5, span.Name())
	m.varint(6, uint64(max(0, span.SpanKind()))) // numbered as OTLP does
	m.time(7, span.StartTime())
	m.time(8, span.EndTime())
	m.attributes(9, span.Attributes())
	m.count(10, span.DroppedAttributes())
	for _, event := range span.Events() {
		m.nested(11, func(m *message) { m.event(event) })
	}
	m.count(12, span.DroppedEvents())
	for _, link := range span.Links() {
		m.nested(13, func(m *message) { m.link(link) })
	}
	m.count(14, span.DroppedLinks())
	m.nested(15, func(m *message) { m.status(span.Status()) })
	m.fixed32(16, flags(span.SpanContext(), span.Parent()))
}

func (m *message) event(event sdktrace.Event) {
	m.time(1, event.Time)
	m.text(2, event.Name)
	m.attributes(3, event.Attributes)
	m.count(4, event.DroppedAttributeCount)
}

func (m *message) link(link sdktrace.Link) {
	m.ids(link.SpanContext)
	m.attributes(4, link.Attributes)
	m.count(5, link.DroppedAttributeCount)
	m.fixed32(6, flags(link.SpanContext, link.SpanContext))
}

func (m *message) status(status sdktrace.Status) {
	m.text(2, status.Description)
	switch status.Code { // numbered otherwise than OTLP does
	case codes.Ok:
		m.varint(3, 1)
	case codes.Error:
		m.varint(3, 2)
	default: // unset is 0, which is not written
	}
}

// flags are those of W3C, and whether the parent is of another process.
func flags(own, parent trace.SpanContext) uint32 {
	const remoteIsKnown, remote = 1 << 8, 1 << 9
	bits := uint32(own.TraceFlags()) | remoteIsKnown
	if parent.IsRemote() {
		bits |= remote
	}
	return bits
}

// ids writes the first three fields of a span and of a link.
func (m *message) ids(of trace.SpanContext) {
	whole, span := of.TraceID(), of.SpanID()
	m.bytes(1, whole[:])
	m.bytes(2, span[:])
	m.text(3, of.TraceState().String())
}

func (m *message) time(field uint64, at time.Time) {
	m.fixed64(field, uint64(max(0, at.UnixNano())))
}

func (m *message) count(field uint64, count int) {
	if count > 0 {
		m.varint(field, min(uint64(count), math.MaxUint32))
	}
}

func (m *message) attributes(field uint64, attributes []attribute.KeyValue) {
	for _, each := range attributes {
		m.nested(field, func(m *message) {
			m.text(1, string(each.Key))
			m.nested(2, func(m *message) { m.value(each.Value) })
		})
	}
}

// value writes an AnyValue, whose fields stand for the types of values.
func (m *message) value(value attribute.Value) {
	switch value.Type() {
	case attribute.EMPTY:
	case attribute.BOOL:
		m.varint(2, truth(value.AsBool()))
	case attribute.INT64:
		m.varint(3, uint64(value.AsInt64())) //nolint:gosec // negative numbers are written as two's complement
	case attribute.FLOAT64:
		m.fixed64(4, math.Float64bits(value.AsFloat64()))
	case attribute.BOOLSLICE:
		list(m, value.AsBoolSlice(), attribute.BoolValue)
	case attribute.INT64SLICE:
		list(m, value.AsInt64Slice(), attribute.Int64Value)
	case attribute.FLOAT64SLICE:
		list(m, value.AsFloat64Slice(), attribute.Float64Value)
	case attribute.STRINGSLICE:
		list(m, value.AsStringSlice(), attribute.StringValue)
	case attribute.SLICE:
		list(m, value.AsSlice(), func(each attribute.Value) attribute.Value { return each })
	case attribute.MAP:
		m.nested(6, func(m *message) { m.attributes(1, value.AsMap()) })
	case attribute.BYTESLICE:
		m.bytes(7, value.AsByteSlice())
	default:
		m.text(1, value.String())
	}
}

// list writes the AnyValue that has several.
func list[T any](m *message, values []T, valueOf func(T) attribute.Value) {
	m.nested(5, func(m *message) {
		for _, each := range values {
			m.nested(1, func(m *message) { m.value(valueOf(each)) })
		}
	})
}

func truth(value bool) uint64 {
	if value {
		return 1
	}
	return 0
}
