package client

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// The types of this file read what the platform's generations write in different forms: numbers as strings and strings
// as numbers, null for an empty list, objects nested under a name or flat. A form that cannot be read is taken as
// absent; it never fails the whole answer.

// text reads a string, or the literal of a number or a boolean.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if plain, ok := plainString(data); ok {
		*t = text(plain)
		return nil
	}
	*t = text(literal(data))
	return nil
}

// literal gives the bytes of a string, a number or a boolean, and nothing for anything else.
func literal(data []byte) []byte {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0, data[0] == '{', data[0] == '[', string(data) == "null":
		return nil
	case data[0] != '"', len(data) < 2:
		return data
	case bytes.IndexByte(data, '\\') < 0:
		return data[1 : len(data)-1]
	}
	plain, _ := plainString(data)
	return []byte(plain)
}

// flag reads a boolean, or the words and numbers that stand for one.
type flag bool

func (f *flag) UnmarshalJSON(data []byte) error {
	switch strings.ToLower(string(literal(data))) {
	case "true", "1", "yes":
		*f = true
	default:
		*f = false
	}
	return nil
}

// count reads a whole number of at least 0.
type count struct {
	value int64
	known bool
}

func (c *count) UnmarshalJSON(data []byte) error {
	*c = count{}
	number := literal(data)
	if whole, err := strconv.ParseInt(string(number), 10, 64); err == nil {
		*c = count{value: max(whole, 0), known: true}
		return nil
	}
	if fraction, err := strconv.ParseFloat(string(number), 64); err == nil && fraction >= 0 && fraction < math.MaxInt32 {
		*c = count{value: int64(fraction), known: true}
	}
	return nil
}

func (c count) pointer() *int {
	if !c.known || c.value > math.MaxInt32 {
		return nil
	}
	n := int(c.value)
	return &n
}

// amount reads a decimal number or decimal string exactly.
type amount struct {
	value decimal.Decimal
	known bool
}

func (a *amount) UnmarshalJSON(data []byte) error {
	*a = amount{}
	if value, err := parseAmount(string(literal(data))); err == nil {
		*a = amount{value: value, known: true}
	}
	return nil
}

func (a amount) pointer() *decimal.Decimal {
	if !a.known {
		return nil
	}
	value := a.value
	return &value
}

// texts reads an array of texts. Null and anything else that is no array are empty lists; elements that are null are left
// out.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	*t = texts{}
	var room [16]json.RawMessage
	raw, ok := elements(room[:], data)
	if !ok {
		return nil
	}
	items := make(texts, 0, len(raw))
	for _, element := range raw {
		if string(element) == "null" {
			continue
		}
		var item text
		_ = item.UnmarshalJSON(element) // text never fails
		items = append(items, string(item))
	}
	*t = items
	return nil
}

// plain gives the texts, never nil.
func (t texts) plain() []string {
	if t == nil {
		return []string{}
	}
	return t
}

// readable reports whether data could be read into a value.
func readable(data []byte, into any) bool { return json.Unmarshal(data, into) == nil }

// object reads a JSON object and takes anything else as absent.
type object map[string]any

func (o *object) UnmarshalJSON(data []byte) error {
	*o = nil
	if !isObject(data) {
		return nil // without an error to make
	}
	var members map[string]any
	if json.Unmarshal(data, &members) == nil {
		*o = members
	}
	return nil
}

// moment reads an ISO 8601 time, or seconds, milliseconds or microseconds since 1970.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(data []byte) error {
	m.Time = time.Time{}
	told := string(literal(data))
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if parsed, err := time.Parse(layout, told); err == nil {
			m.set(parsed)
			return nil
		}
	}
	if number, err := strconv.ParseInt(told, 10, 64); err == nil && number > 0 {
		switch {
		case number > 1e14:
			m.set(time.UnixMicro(number))
		case number > 1e11:
			m.set(time.UnixMilli(number))
		default:
			m.set(time.Unix(number, 0))
		}
	}
	return nil
}

// set takes a time that JSON can hold: of the years 1 to 9999.
func (m *moment) set(t time.Time) {
	if t = t.UTC(); t.Year() >= 1 && t.Year() <= 9999 {
		m.Time = t
	}
}

func (m moment) pointer() *time.Time {
	if m.IsZero() {
		return nil
	}
	known := m.Time // else every moment would be kept, known or not
	return &known
}

// first gives the first text that is not empty.
func first(candidates ...text) string {
	for _, candidate := range candidates {
		if candidate != "" {
			return string(candidate)
		}
	}
	return ""
}

// unwrap gives the object that stands under name in data, or data itself where it is flat.
func unwrap(data []byte, name string) []byte {
	if !bytes.Contains(data, []byte(`"`+name+`"`)) && !bytes.Contains(data, []byte(`\u`)) {
		return data // most are flat: they need not be taken apart to see that
	}
	if inner := member(data, name); isObject(inner) {
		return inner
	}
	return data
}

// decodeAnswer reads an answer's object, which is known to be valid JSON, into a wire type. What is no object is no answer
// of the platform.
func decodeAnswer(o *operation, body []byte, into any) error {
	if !isObject(body) {
		return unusable(o, "the answer is not a JSON object")
	}
	if err := decodeValue(body, into); err != nil {
		return unusable(o, "the answer does not have the platform's form")
	}
	return nil
}

// unusable is the error for a success status whose body is not what the operation promises. Of a write it leaves open
// what happened.
func unusable(o *operation, message string) *APIError {
	apiError := &APIError{Operation: o.Name, StatusCode: 200, Message: message, kind: ErrBadResponse}
	if o.Class != Read {
		apiError.causes = []error{ErrBadResponse}
		apiError.kind = ErrOutcomeUnknown
	}
	return apiError
}
