package client

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"

	"github.com/robutlerai/robutler-mcp/internal/plain"
)

// The functions of this file take JSON apart without checking it again: an answer is checked once, whole, and its lists
// are long. What is no JSON comes apart in some way; they never panic on it.

// members gives the members of a JSON object, in order; of anything else it gives none. The values are parts of data.
func members(data []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		at := spaces(data, 0)
		if at == len(data) || data[at] != '{' {
			return
		}
		for at = spaces(data, at+1); at < len(data) && data[at] == '"'; {
			end := valueEnd(data, at)
			key := plainKey(data[at:end])
			at = spaces(data, end)
			if at == len(data) || data[at] != ':' {
				return
			}
			at = spaces(data, at+1)
			end = valueEnd(data, at)
			if !yield(key, data[at:end]) {
				return
			}
			at = spaces(data, end)
			if at == len(data) || data[at] != ',' {
				return
			}
			at = spaces(data, at+1)
		}
	}
}

// member gives the value of a name in a JSON object, the last one where there are several; nil when there is none.
func member(data []byte, name string) (found []byte) {
	for key, value := range members(data) {
		if string(key) == name {
			found = value
		}
	}
	return found
}

// maxReserved bounds what is reserved for a list ahead of reading it.
const maxReserved = 128

// maxElements bounds a list: an answer of 8 MiB has room for millions of rows that are empty, and each takes twelve times as
// much once it is read.
const maxElements = 1 << 17

// elements gives the elements of a JSON array, which are parts of data, in room as far as it goes. It reports false for
// anything else.
func elements(room []json.RawMessage, data []byte) (of []json.RawMessage, ok bool) {
	at := spaces(data, 0)
	if at == len(data) || data[at] != '[' {
		return nil, false
	}
	of = room[:0]
	for at = spaces(data, at+1); at < len(data) && data[at] != ']'; {
		end := valueEnd(data, at)
		if end == at || len(of) == maxElements {
			return nil, false
		}
		if cap(of) == 0 {
			of = roomFor(len(data)-at, end-at)
		}
		of = append(of, data[at:end:end])
		at = spaces(data, end)
		if at < len(data) && data[at] == ',' {
			at = spaces(data, at+1)
		}
	}
	return of, true
}

// roomFor gives room for the elements that there may be in so many bytes, the first of which takes some of them: most lists are of
// things of a size.
func roomFor(left, first int) []json.RawMessage {
	return make([]json.RawMessage, 0, min(left/first+1, maxReserved))
}

// spaces gives the place of the first byte from at on that is no white space.
func spaces(data []byte, at int) int {
	for at < len(data) && (data[at] == ' ' || data[at] == '\n' || data[at] == '\r' || data[at] == '\t') {
		at++
	}
	return at
}

// valueEnd gives the place behind the value that begins at a place.
func valueEnd(data []byte, at int) int {
	if at == len(data) {
		return at
	}
	switch data[at] {
	case '"':
		return stringEnd(data, at)
	case '{', '[':
		return nestedEnd(data, at)
	}
	for at < len(data) {
		switch data[at] {
		case ',', ':', '}', ']', ' ', '\n', '\r', '\t':
			return at
		}
		at++
	}
	return at
}

// nestedEnd gives the place behind the object or array that begins at a place.
func nestedEnd(data []byte, at int) int {
	for depth := 0; at < len(data); {
		switch data[at] {
		case '"':
			at = stringEnd(data, at)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		at++
		if depth == 0 {
			return at
		}
	}
	return at
}

// stringEnd gives the place behind the string that begins at a place.
func stringEnd(data []byte, at int) int {
	for at = plain.StringEnd(data, at+1); at < len(data); at = plain.StringEnd(data, at) {
		switch data[at] {
		case '"':
			return at + 1
		case '\\':
			at += 2 // the byte behind the backslash is skipped
		default:
			at++
		}
	}
	return len(data)
}

// plainKey gives the text of a key.
func plainKey(quoted []byte) []byte {
	if len(quoted) < 2 {
		return nil
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text, _ := plainString(quoted)
	return []byte(text)
}

// plainString gives the text of a JSON string, and reports whether it is one.
func plainString(quoted []byte) (text string, ok bool) {
	if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return "", false
	}
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), true
	}
	return unescape(inner)
}
