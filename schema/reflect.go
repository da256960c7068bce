package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"time"

	"github.com/invopop/jsonschema"
	"github.com/shopspring/decimal"
)

// decimalPattern is what a decimal string looks like: no exponent, no plus sign, no white space.
const decimalPattern = `^-?[0-9]+(\.[0-9]+)?$`

// reflectType makes a flat schema of a struct: no $ref, no union, no boolean schema, since one vendor or another
// rejects the whole tool list for each of these.
func reflectType(t reflect.Type) (reflected *jsonschema.Schema, err error) {
	// The reflector panics on what JSON cannot hold, such as a channel.
	defer func() {
		if recovered := recover(); recovered != nil {
			reflected, err = nil, fmt.Errorf("%v", recovered)
		}
	}()
	if t.Kind() != reflect.Struct {
		return nil, errors.New("the type is not a struct")
	}
	if err := refuseRecursion(t, nil); err != nil {
		return nil, err
	}
	reflector := &jsonschema.Reflector{
		Anonymous: true, ExpandedStruct: true, DoNotReference: true, Mapper: mapType,
	}
	reflected = reflector.ReflectFromType(t)
	reflected.Version = ""
	flatten(reflected)
	return reflected, nil
}

// mapType gives the schemas of types that encode as something other than what they are made of.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[decimal.Decimal]():
		return &jsonschema.Schema{Type: typeString, Pattern: decimalPattern}
	case reflect.TypeFor[time.Time]():
		return &jsonschema.Schema{Type: typeString, Format: "date-time"}
	case reflect.TypeFor[json.RawMessage](), reflect.TypeFor[any]():
		return anything()
	case reflect.TypeFor[map[string]any]():
		return &jsonschema.Schema{Type: typeObject}
	default:
		return nil
	}
}

// refuseRecursion walks a type as the reflector will, which would never end on a type that holds itself.
func refuseRecursion(t reflect.Type, above []reflect.Type) error {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || mapType(t) != nil {
		return nil
	}
	if slices.Contains(above, t) {
		return fmt.Errorf("the type %s holds itself", t.Name())
	}
	above = append(above, t)
	for field := range t.Fields() {
		if err := refuseRecursion(field.Type, above); err != nil {
			return err
		}
	}
	return nil
}

// anything is the schema {}. Its empty extras keep the reflector's encoder from writing it as the boolean true.
func anything() *jsonschema.Schema { return &jsonschema.Schema{Extras: map[string]any{}} }

// isBoolean reports whether a schema would be written as true or false.
func isBoolean(s *jsonschema.Schema) bool {
	encoded, err := json.Marshal(s)
	return err == nil && (bytes.Equal(encoded, []byte("true")) || bytes.Equal(encoded, []byte("false")))
}

// flatten takes out what the reflector adds and vendors do not take.
func flatten(s *jsonschema.Schema) {
	s.ID, s.Version, s.Title = "", "", ""
	if s.AdditionalProperties != nil && !isBoolean(s.AdditionalProperties) {
		flatten(s.AdditionalProperties)
	}
	if s.Items != nil {
		if isBoolean(s.Items) {
			s.Items = anything()
		}
		flatten(s.Items)
	}
	if s.Properties == nil {
		return
	}
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		if isBoolean(pair.Value) {
			pair.Value = anything()
		}
		flatten(pair.Value)
	}
}

// unenforced names a keyword that a tag can set and calls are not held to: a schema must not promise more than it
// keeps.
func unenforced(s *jsonschema.Schema) string {
	switch {
	case s.ExclusiveMinimum != "" || s.ExclusiveMaximum != "":
		return "exclusive bounds"
	case s.MultipleOf != "":
		return "multipleOf"
	case s.UniqueItems:
		return "uniqueItems"
	case s.Format != "" && s.Format != "date-time":
		return "format " + s.Format
	case len(s.Enum) > 0 && s.Type != typeString:
		return "an enum of " + s.Type
	default:
		return ""
	}
}

// compile turns a reflected schema into what calls are held to.
func compile(s *jsonschema.Schema) (*node, error) {
	if keyword := unenforced(s); keyword != "" {
		return nil, fmt.Errorf("%s is not enforced", keyword)
	}
	n := &node{
		kind: s.Type, description: s.Description, enum: s.Enum, fallback: normalize(s.Default),
		minLength: bound(s.MinLength), maxLength: bound(s.MaxLength), minItems: bound(s.MinItems), maxItems: bound(s.MaxItems),
	}
	for i := range n.enum {
		n.enum[i] = normalize(n.enum[i])
	}
	var err error
	if n.minimum, err = limit(s.Minimum); err != nil {
		return nil, err
	}
	if n.maximum, err = limit(s.Maximum); err != nil {
		return nil, err
	}
	if s.Pattern != "" {
		if n.pattern, err = regexp.Compile(s.Pattern); err != nil {
			return nil, fmt.Errorf("pattern: %w", err)
		}
	}
	if s.Items != nil {
		if n.items, err = compile(s.Items); err != nil {
			return nil, err
		}
	}
	if s.Properties == nil {
		return n, nil
	}
	n.closed = s.AdditionalProperties != nil && isBoolean(s.AdditionalProperties)
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	n.index = map[string]int{}
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		child, err := compile(pair.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pair.Key, err)
		}
		n.index[pair.Key] = len(n.properties)
		n.properties = append(n.properties, property{name: pair.Key, node: child, required: required[pair.Key]})
	}
	return n, nil
}

// normalize gives a value as the decoder of calls would: numbers as json.Number.
func normalize(value any) any {
	if value == nil {
		return nil
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return value
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	var plain any
	if decoder.Decode(&plain) != nil {
		return value
	}
	return plain
}

func bound(value *uint64) int {
	if value == nil {
		return 0
	}
	const largest = 1 << 31
	return int(min(*value, largest))
}

func limit(value json.Number) (*decimal.Decimal, error) {
	if value == "" {
		return nil, nil //nolint:nilnil // no bound
	}
	number, err := decimal.NewFromString(value.String())
	if err != nil {
		return nil, fmt.Errorf("bound %q is not a number", value)
	}
	return &number, nil
}
