package telemetry

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
)

// recordHandler takes secrets out of every record on its way to another handler.
type recordHandler struct {
	next     slog.Handler
	redactor *Redactor
}

// Enabled reports whether records of a level are logged.
func (h recordHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle logs a record without secrets. Those of its call are searched for where others' words are; messages are the
// server's own, and a caller who sends one as a secret must not blank it.
func (h recordHandler) Handle(ctx context.Context, record slog.Record) error {
	of := secretsOf(ctx)
	clean := slog.NewRecord(record.Time, record.Level, h.redactor.Text(record.Message), record.PC)
	record.Attrs(func(attribute slog.Attr) bool {
		clean.AddAttrs(h.redactor.attribute(attribute, of))
		return true
	})
	return h.next.Handle(ctx, clean)
}

// WithAttrs gives a handler whose records have attributes beside their own.
func (h recordHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, 0, len(attributes))
	for _, attribute := range attributes {
		clean = append(clean, h.redactor.attribute(attribute, secretsOf(context.Background())))
	}
	return recordHandler{next: h.next.WithAttrs(clean), redactor: h.redactor}
}

// WithGroup gives a handler whose records have their attributes in a group.
func (h recordHandler) WithGroup(name string) slog.Handler {
	return recordHandler{next: h.next.WithGroup(name), redactor: h.redactor}
}

// ownWords reports whether the values of an attribute are of the server's own making.
func ownWords(attribute string) bool {
	switch attribute {
	case "tool", "class", "code", "operation", "route", "transport", "caller", "owner", "permission", "reason", "reference",
		"outcome", "check":
		return true
	default:
		return false
	}
}

// attribute redacts the value of an attribute of a log record, whatever its type prints as.
func (r *Redactor) attribute(attribute slog.Attr, of ofCall) slog.Attr {
	if ownWords(attribute.Key) {
		of = ofCall{key: none, others: none}
	}
	attribute.Value = attribute.Value.Resolve()
	switch attribute.Value.Kind() {
	case slog.KindString:
		attribute.Value = slog.StringValue(r.text(attribute.Value.String(), of))
	case slog.KindGroup:
		members := attribute.Value.Group()
		clean := make([]slog.Attr, 0, len(members))
		for _, member := range members {
			clean = append(clean, r.attribute(member, of))
		}
		attribute.Value = slog.GroupValue(clean...)
	case slog.KindAny:
		switch value := attribute.Value.Any().(type) {
		case slog.Level, *slog.Source, nil:
		case []byte:
			attribute.Value = slog.StringValue(r.text(string(value), of))
		case json.RawMessage:
			attribute.Value = slog.StringValue(r.text(string(value), of))
		default:
			attribute.Value = slog.StringValue(r.text(printed(value), of))
		}
	}
	return attribute
}

// printed is how a value prints, where that is text: the bytes and the pointers that others hold would print as numbers,
// which no search finds a secret in.
func printed(value any) string {
	switch value.(type) {
	case error, fmt.Stringer:
		return fmt.Sprint(value)
	}
	switch kind := reflect.TypeOf(value).Kind(); kind {
	case reflect.Struct, reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return fmt.Sprintf("(%T)", value)
	case reflect.Slice, reflect.Array:
		if reflect.TypeOf(value).Elem().Kind() != reflect.String {
			return fmt.Sprintf("(%T)", value)
		}
	}
	return fmt.Sprint(value)
}
