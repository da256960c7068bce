package telemetry

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/robutlerai/robutler-mcp/internal/plain"
)

// Redactor takes secrets out of texts: those of the configuration and those of the call at hand, in whatever form they are
// written, and others by their shape. It is safe for concurrent use.
type Redactor struct {
	mu   sync.RWMutex
	kept patterns
}

const redacted = "[redacted]"

// NewRedactor makes a redactor that knows no value yet.
func NewRedactor() *Redactor { return &Redactor{} }

// Keep tells the redactor of a secret of the configuration. Nobody ever gets to see it. Values of less than 8 characters
// are not taken for secrets.
func (r *Redactor) Keep(secret string) {
	found := patternsOf(strings.TrimSpace(secret))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = slices.Concat(r.kept, found)
}

// find gives where the secrets of the configuration are in a text.
func (r *Redactor) find(text string) [][]int {
	r.mu.RLock()
	kept := r.kept
	r.mu.RUnlock()
	return kept.find(text)
}

// maxPasses ends the search for what taking a secret out has joined.
const maxPasses = 4

// Text gives a text without secrets, without characters that cannot be seen other than line breaks and tabs, and as
// valid UTF-8. A text that went through it comes out of it as it is.
func (r *Redactor) Text(text string) string { return r.text(text, ofCall{key: none, others: none}) }

// text does the same with the secrets of a call.
func (r *Redactor) text(text string, of ofCall) string {
	text = visible(text)
	for range maxPasses {
		spans := slices.Concat(r.find(text), of.key().find(text), of.others().find(text), shapes(text))
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
	if isVisible(text) {
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

// isVisible is the fast path: a text of characters that can be seen needs no care, in whatever script.
func isVisible(text string) bool {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			r, width := utf8.DecodeRuneInString(text[i:])
			if width == 1 || !unicode.IsPrint(r) {
				return false
			}
			i += width
		case c == '\n', c == '\r', c == '\t':
			i++
		case c < ' ', c == 0x7f:
			return false
		default:
			i = plain.ASCIIEnd(text, i, 0)
		}
	}
	return true
}
