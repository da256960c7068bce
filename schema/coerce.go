package schema

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

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
		return coerceObject(value)
	default:
		return value
	}
}

func coerceString(n *node, value any) any {
	switch given := value.(type) {
	case json.Number:
		value = given.String()
	case bool:
		value = strconv.FormatBool(given)
	case map[string]any:
		value = coerceEncoded(n, given)
	}
	text, ok := value.(string)
	if !ok || len(n.enum) == 0 || slices.Contains(n.enum, text) {
		return value
	}
	trimmed := strings.TrimSpace(text)
	for _, canonical := range n.enum {
		if strings.EqualFold(canonical, trimmed) {
			return canonical
		}
	}
	return value
}

// coerceEncoded writes an object as JSON where a text is wanted that looks like one: models send what they should have
// encoded.
func coerceEncoded(n *node, object map[string]any) any {
	encoded := string(appendValue(nil, object))
	if n.pattern == nil || !n.pattern.MatchString("{") || !n.pattern.MatchString(encoded) {
		return object
	}
	return encoded
}

func coerceNumber(n *node, value any) any {
	var text string
	switch given := value.(type) {
	case json.Number:
		text = given.String()
	case string:
		if text = strings.TrimSpace(given); !isNumber(text) {
			return value
		}
	default:
		return value
	}
	if n.kind == typeInteger {
		return coerceInteger(text, value)
	}
	if _, ok := parseNumber(text); !ok {
		return value
	}
	return json.Number(text)
}

// coerceInteger writes a whole number without point and exponent, which the decoder does not take.
func coerceInteger(text string, value any) any {
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		if number, ok := value.(json.Number); ok && whole != 0 { // not -0
			return number
		}
		return json.Number(strconv.FormatInt(whole, 10))
	}
	number, ok := parseNumber(text)
	if !ok || !isWhole(number) {
		return value
	}
	return json.Number(number.BigInt().String())
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
	case []any, nil:
		return value
	case string:
		if items, ok := parseText(given).([]any); ok {
			return items
		}
	}
	if n.items == nil {
		return value
	}
	switch item := coerce(n.items, value).(type) {
	case map[string]any:
		if n.items.kind == typeObject {
			return []any{item}
		}
	case []any:
	default:
		if n.items.kind != typeObject && n.items.kind != typeArray {
			return []any{value}
		}
	}
	return value
}

func coerceObject(value any) any {
	if text, ok := value.(string); ok {
		if members, ok := parseText(text).(map[string]any); ok {
			return members
		}
	}
	return value
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
