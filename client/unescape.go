package client

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape gives what stands between the quotes of a JSON string in one allocation, as encoding/json does: half a surrogate
// pair and what is no UTF-8 become U+FFFD. It reports false for an escape that JSON does not have.
func unescape(inner []byte) (string, bool) {
	var plain strings.Builder
	plain.Grow(len(inner))
	for {
		escape := bytes.IndexByte(inner, '\\')
		if escape < 0 {
			writeValid(&plain, inner)
			return plain.String(), true
		}
		writeValid(&plain, inner[:escape])
		r, width := escaped(inner[escape:])
		if width == 0 {
			return "", false
		}
		plain.WriteRune(r)
		inner = inner[escape+width:]
	}
}

func writeValid(to *strings.Builder, text []byte) {
	if utf8.Valid(text) {
		to.Write(text)
		return
	}
	for len(text) > 0 {
		r, width := utf8.DecodeRune(text)
		to.WriteRune(r)
		text = text[width:]
	}
}

// escaped gives the character that an escape at the beginning of text stands for, and the bytes that it takes: none when it
// is not one.
func escaped(text []byte) (r rune, width int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch text[1] {
	case '"', '\\', '/':
		return rune(text[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	}
	r, ok := escapedUnit(text)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, unitWidth
	}
	if second, ok := escapedUnit(text[unitWidth:]); ok {
		if pair := utf16.DecodeRune(r, second); pair != utf8.RuneError {
			return pair, 2 * unitWidth
		}
	}
	return utf8.RuneError, unitWidth
}

// unitWidth is how many bytes an escape by number takes.
const unitWidth = len(`\u0000`)

// escapedUnit gives the number of an escape by number.
func escapedUnit(text []byte) (rune, bool) {
	if len(text) < unitWidth || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:unitWidth]), 16, 16)
	return rune(unit), err == nil
}
