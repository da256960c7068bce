package server

import (
	"bytes"
	"unicode/utf8"
)

// string reads a string and gives it with its quotes.
func (r *strictReader) string() ([]byte, bool) {
	start := r.at
	wide := false
	for r.at++; ; r.at++ {
		switch b := r.peek(); {
		case b == '"':
			r.at++
			quoted := r.text[start:r.at]
			if wide && !utf8.Valid(quoted) {
				r.refuse("a text is not valid UTF-8")
			}
			return quoted, true
		case b == '\\':
			if !r.escape() {
				return nil, false
			}
		case b < ' ':
			return nil, false // also at the end
		case b >= utf8.RuneSelf:
			wide = true
		}
	}
}

// escape passes what follows a backslash, up to its last byte.
func (r *strictReader) escape() bool {
	r.at++
	switch r.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
	default:
		return false
	}
	unit, ok := r.unit(r.at + 1)
	if !ok {
		return false
	}
	r.at += 4
	switch {
	case unit >= 0xDC00 && unit < 0xE000:
		r.refuse("a text holds half a character: a lone surrogate")
	case unit >= 0xD800 && unit < 0xDC00:
		low, ok := r.unit(r.at + 3)
		if !ok || r.text[r.at+1] != '\\' || r.text[r.at+2] != 'u' || low < 0xDC00 || low >= 0xE000 {
			r.refuse("a text holds half a character: a lone surrogate")
			return true
		}
		r.at += 6
	}
	return true
}

// unit reads the four hexadecimal digits of an escape.
func (r *strictReader) unit(at int) (unit rune, ok bool) {
	if at+4 > len(r.text) {
		return 0, false
	}
	for _, digit := range r.text[at : at+4] {
		switch {
		case digit >= '0' && digit <= '9':
			unit = unit<<4 | rune(digit-'0')
		case digit|0x20 >= 'a' && digit|0x20 <= 'f':
			unit = unit<<4 | rune(digit|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return unit, true
}

// unquoted gives what a string means.
func unquoted(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	meant, _ := textOf(quoted) // it is valid
	return []byte(meant)
}
