package telemetry

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
)

// WithoutCredentials gives what is shown to a caller, JSON or other bytes, without the keys that calls are made with.
func (r *Redactor) WithoutCredentials(shown []byte) []byte {
	return clean(shown, r.credentials.find)
}

// Stored gives JSON that is kept, without these keys and without what has the shape of one. Addresses stay whole.
func (r *Redactor) Stored(object []byte) []byte {
	return clean(object, func(text string) [][]int { return slices.Concat(r.credentials.find(text), client.FindSecrets(text)) })
}

// clean cuts out what find finds, also where characters that cannot be seen hide it. In JSON that is done string by
// string: across an escape a cut would not leave JSON.
func clean(content []byte, find func(string) [][]int) []byte {
	text := visible(string(content))
	spans := find(text)
	switch {
	case len(spans) == 0 && !hides(text):
		return content
	case json.Valid(content):
		return cleanJSON(content, find)
	case len(spans) == 0:
		return content
	default:
		return []byte(cut(text, spans))
	}
}

// hides reports whether JSON holds escapes of characters that cannot be seen.
func hides(text string) bool {
	for _, escape := range []string{`\u`, `\b`, `\f`} {
		if strings.Contains(text, escape) {
			return true
		}
	}
	return false
}

func cleanJSON(content []byte, find func(string) [][]int) []byte {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return content
	}
	value, changed := cleanValue(value, find)
	if !changed {
		return content
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return []byte(`{}`)
	}
	return bytes.TrimRight(buffer.Bytes(), "\n")
}

// cleanValue cleans every string and every name of a member. It reports whether there was anything to clean.
func cleanValue(value any, find func(string) [][]int) (cleaned any, changed bool) {
	switch value := value.(type) {
	case string:
		text := visible(value)
		spans := find(text)
		if len(spans) == 0 {
			return value, false
		}
		return cut(text, spans), true
	case []any:
		for i, item := range value {
			var some bool
			value[i], some = cleanValue(item, find)
			changed = changed || some
		}
		return value, changed
	case map[string]any:
		clean := make(map[string]any, len(value))
		for name, member := range value {
			cleanName, renamed := cleanValue(name, find)
			text, _ := cleanName.(string)
			member, some := cleanValue(member, find)
			clean[text], changed = member, changed || renamed || some
		}
		return clean, changed
	default:
		return value, false
	}
}
