package server

import (
	"bytes"
	"encoding/json"
	"unicode"
)

// maxID bounds an id, in bytes: it is kept until its request is answered.
const maxID = 1024

// validID reports whether an id, which is valid JSON, is a string or an integer that mcp-go can read.
func validID(raw json.RawMessage) bool {
	if len(raw) > maxID {
		return false
	}
	if digits(raw) {
		return true
	}
	var id any
	if json.Unmarshal(raw, &id) != nil {
		return false
	}
	switch id := id.(type) {
	case string:
		for _, r := range id {
			if unicode.IsControl(r) || r == unicode.ReplacementChar {
				return false
			}
		}
		return true
	case float64:
		return !bytes.ContainsAny(raw, ".eE")
	default:
		return false
	}
}

// digits reports whether an id, which is valid JSON, is an integer that is not negative.
func digits(raw json.RawMessage) bool {
	for _, c := range raw {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(raw) > 0
}

// idKey tells ids apart: integers of any size by their digits, strings by what they mean.
func idKey(raw json.RawMessage) string {
	if text, ok := textOf(raw); ok {
		return `"` + text
	}
	return string(raw)
}
