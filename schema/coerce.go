package schema

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/shopspring/decimal"
)

// maxNumberLength bounds the text of a number, in bytes, and with it the exponent that a hostile call can ask for.
const maxNumberLength = 32

// coerce turns a value into the type that a schema wants where nothing is lost by it: models send numbers and lists as
// strings, and single values for lists. What cannot be turned stays as it is, for validation to report.
func coerce(n *node, value any) any {
	switch n.kind {
	case typeString:
		return coerceString(n, value)
	case typeInteger, typeNumber:
		return coerceNumber(n, value)
	case typeBoolean:
		return coerceBoolean(value)
	case typeArray:
		return coerceArray(n, value)
	case typeObject:
		if text, ok := value.(string); ok {
			if members, ok := parseText(text).(map[string]any); ok {
				return members
			}
		}
	}
	return value
}

func coerceString(n *node, value any) any {
	switch given := value.(type) {
	case json.Number:
		value = given.String()
	case bool:
		value = "false"
		if given {
			value = "true"
		}
	}
	text, ok := value.(string)
	if !ok || len(n.enum) == 0 {
		return value
	}
	trimmed := strings.TrimSpace(text)
	for _, candidate := range n.enum {
		if canonical, ok := candidate.(string); ok && strings.EqualFold(canonical, trimmed) {
			return canonical
		}
	}
	return value
}

func coerceNumber(n *node, value any) any {
	var text string
	switch given := value.(type) {
	case json.Number:
		text = given.String()
	case string:
		text = strings.TrimSpace(given)
		if !isNumber(text) {
			return value
		}
	default:
		return value
	}
	number, ok := parseNumber(text)
	if !ok {
		return value
	}
	if n.kind == typeInteger {
		if !number.IsInteger() || !number.BigInt().IsInt64() {
			return value
		}
		return json.Number(number.BigInt().String())
	}
	return json.Number(text)
}

// isNumber reports whether a text is a number of JSON.
func isNumber(text string) bool {
	if text == "" || (text[0] != '-' && (text[0] < '0' || text[0] > '9')) {
		return false
	}
	return json.Valid([]byte(text))
}

// parseNumber reads a number of JSON if a float64 can hold something like it.
func parseNumber(text string) (decimal.Decimal, bool) {
	if len(text) > maxNumberLength {
		return decimal.Decimal{}, false
	}
	if float, err := json.Number(text).Float64(); err != nil || math.IsInf(float, 0) {
		return decimal.Decimal{}, false
	}
	number, err := decimal.NewFromString(text)
	return number, err == nil
}

func coerceBoolean(value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true":
		return true
	case "false":
		return false
	default:
		return value
	}
}

func coerceArray(n *node, value any) any {
	switch given := value.(type) {
	case []any, map[string]any:
		return value
	case string:
		if items, ok := parseText(given).([]any); ok {
			return items
		}
	}
	if n.items == nil || n.items.kind == typeObject || n.items.kind == typeArray {
		return value
	}
	return []any{value}
}

// parseText reads a string that holds an encoded list or object, or gives nil.
func parseText(text string) any {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || (trimmed[0] != '[' && trimmed[0] != '{') {
		return nil
	}
	value, err := parse(json.RawMessage(trimmed))
	if err != nil {
		return nil
	}
	return value
}
