package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
)

// redactor takes secrets out of texts: the live ones by value, others by their shape.
type redactor struct {
	values *strings.Replacer
}

const redacted = "[redacted]"

// minSecretLength keeps a key of a test's few letters from taking every such letter out of the log.
const minSecretLength = 8

func newRedactor(secrets []string) *redactor {
	var pairs []string
	for _, secret := range secrets {
		if len(secret) >= minSecretLength {
			pairs = append(pairs, secret, redacted)
		}
	}
	return &redactor{values: strings.NewReplacer(pairs...)}
}

func (r *redactor) text(text string) string {
	return client.RedactSecrets(r.values.Replace(text))
}

// attribute redacts the value of an attribute, whatever its type prints as.
func (r *redactor) attribute(_ []string, attribute slog.Attr) slog.Attr {
	switch attribute.Value.Kind() {
	case slog.KindString:
		attribute.Value = slog.StringValue(r.text(attribute.Value.String()))
	case slog.KindAny:
		switch value := attribute.Value.Any().(type) {
		case slog.Level, *slog.Source, nil:
		default:
			attribute.Value = slog.StringValue(r.text(fmt.Sprint(value)))
		}
	}
	return attribute
}

// messageRedactor redacts messages, which ReplaceAttr sees as attributes of the handler's own output only.
type messageRedactor struct {
	slog.Handler
	redact *redactor
}

func (h messageRedactor) Handle(ctx context.Context, record slog.Record) error {
	record.Message = h.redact.text(record.Message)
	return h.Handler.Handle(ctx, record) //nolint:wrapcheck // a handler passes on
}

func (h messageRedactor) WithAttrs(attributes []slog.Attr) slog.Handler {
	return messageRedactor{h.Handler.WithAttrs(attributes), h.redact}
}

func (h messageRedactor) WithGroup(name string) slog.Handler {
	return messageRedactor{h.Handler.WithGroup(name), h.redact}
}
