package telemetry

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Redactor takes secrets out of texts: those that it was told by value, in whatever form they are written, and others by
// their shape. It is safe for concurrent use.
type Redactor struct {
	// credentials are the keys that calls are made with: nobody ever gets to see them. Others are shown to whoever they
	// were made for, once.
	credentials, others *secretSet
}

const redacted = "[redacted]"

// NewRedactor makes a redactor that knows no value yet.
func NewRedactor() *Redactor {
	return &Redactor{credentials: newSecretSet(), others: newSecretSet()}
}

// KeepCredential tells the redactor of a key that calls are made with for as long as the program runs. Values of less
// than 8 characters are not taken for secrets.
func (r *Redactor) KeepCredential(key string) { r.credentials.add(strings.TrimSpace(key), true) }

// AddCredential tells the redactor of a key that a call is made with. The 4096 that were seen last are remembered.
func (r *Redactor) AddCredential(key string) { r.credentials.add(strings.TrimSpace(key), false) }

// Add tells the redactor of another secret, such as one that was just made. The 4096 that were seen last are remembered.
func (r *Redactor) Add(secret string) { r.others.add(secret, false) }

// maxPasses ends the search for what taking a secret out has joined.
const maxPasses = 4

// Text gives a text without secrets, without characters that cannot be seen other than line breaks and tabs, and as
// valid UTF-8. A text that went through it comes out of it as it is.
func (r *Redactor) Text(text string) string {
	text = visible(text)
	for range maxPasses {
		spans := slices.Concat(r.credentials.find(text), r.others.find(text), shapes(text))
		if len(spans) == 0 {
			break
		}
		cleaned := cut(text, spans)
		if cleaned == text {
			break
		}
		text = cleaned
	}
	return text
}

// cut replaces spans of a text.
func cut(text string, spans [][]int) string {
	slices.SortFunc(spans, func(a, b []int) int { return a[0] - b[0] })
	var b strings.Builder
	done := 0
	for i := 0; i < len(spans); {
		begin, end := spans[i][0], spans[i][1]
		for i++; i < len(spans) && spans[i][0] <= end; i++ {
			end = max(end, spans[i][1])
		}
		b.WriteString(text[done:begin])
		b.WriteString(redacted)
		done = end
	}
	b.WriteString(text[done:])
	return b.String()
}

// visible takes out what cannot be seen: it could hide a secret from the search, and drive a terminal.
func visible(text string) string {
	if plain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t', r == ' ':
			return r
		case !unicode.IsPrint(r):
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}

// plain is the fast path: printable ASCII needs no care.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < ' ' && c != '\n' && c != '\r' && c != '\t') || c >= 0x7f {
			return false
		}
	}
	return true
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

// attribute redacts the value of an attribute of a log record, whatever its type prints as. The handlers pass the
// message through it, too.
func (r *Redactor) attribute(_ []string, attribute slog.Attr) slog.Attr {
	switch attribute.Value.Kind() {
	case slog.KindString:
		attribute.Value = slog.StringValue(r.Text(attribute.Value.String()))
	case slog.KindAny:
		switch value := attribute.Value.Any().(type) {
		case slog.Level, *slog.Source, nil:
		case []byte:
			attribute.Value = slog.StringValue(r.Text(string(value)))
		case json.RawMessage:
			attribute.Value = slog.StringValue(r.Text(string(value)))
		default:
			attribute.Value = slog.StringValue(r.Text(printed(value)))
		}
	}
	return attribute
}
