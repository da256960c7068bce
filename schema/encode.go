package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// appendValue writes a tree as JSON, its numbers as they were given and its members sorted.
func appendValue(out []byte, value any) []byte {
	switch given := value.(type) {
	case map[string]any:
		out = append(out, '{')
		for i, name := range slices.Sorted(maps.Keys(given)) {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendString(out, name), ':')
			out = appendValue(out, given[name])
		}
		return append(out, '}')
	case []any:
		out = append(out, '[')
		for i, item := range given {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendValue(out, item)
		}
		return append(out, ']')
	case string:
		return appendString(out, given)
	case json.Number:
		return append(out, given...)
	case bool:
		return strconv.AppendBool(out, given)
	default:
		return append(out, "null"...)
	}
}

// appendString writes a text, which is valid UTF-8, as JSON.
func appendString(out []byte, text string) []byte {
	out = append(out, '"')
	start := 0
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		out = append(out, text[start:i]...)
		if c < ' ' {
			out = fmt.Appendf(out, `\u%04x`, c)
		} else {
			out = append(out, '\\', c)
		}
		start = i + 1
	}
	out = append(out, text[start:]...)
	return append(out, '"')
}
