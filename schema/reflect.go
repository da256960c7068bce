package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/invopop/jsonschema"
	"github.com/shopspring/decimal"
)

// decimalPattern is what a decimal string looks like: no exponent, no plus sign, no white space.
const decimalPattern = `^-?[0-9]+(\.[0-9]+)?$`

// reflectType makes a flat schema of a struct: no $ref, no union, no boolean schema, since one vendor or another
// rejects the whole tool list for each of these.
func reflectType(t reflect.Type) (*jsonschema.Schema, error) {
	if t.Kind() != reflect.Struct || mapType(t) != nil {
		return nil, errors.New("the type is not a struct of arguments")
	}
	if err := checkType(t, nil); err != nil {
		return nil, err
	}
	reflector := &jsonschema.Reflector{
		Anonymous: true, ExpandedStruct: true, DoNotReference: true, Mapper: mapType,
	}
	reflected := reflector.ReflectFromType(t)
	flatten(reflected)
	return reflected, nil
}

// mapType gives the schemas of types that encode as something other than what they are made of.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[decimal.Decimal]():
		return &jsonschema.Schema{Type: typeString, Pattern: decimalPattern}
	case reflect.TypeFor[time.Time]():
		return &jsonschema.Schema{Type: typeString, Format: formatDateTime}
	case reflect.TypeFor[json.Number]():
		return &jsonschema.Schema{Type: typeNumber}
	case reflect.TypeFor[json.RawMessage](), reflect.TypeFor[any]():
		return anything()
	case reflect.TypeFor[map[string]any]():
		return &jsonschema.Schema{Type: typeObject}
	default:
		return nil
	}
}

// anything is the schema {}. Its empty extras keep the reflector's encoder from writing it as the boolean true.
func anything() *jsonschema.Schema { return &jsonschema.Schema{Extras: map[string]any{}} }

// isBoolean reports whether a schema would be written as true or false.
func isBoolean(s *jsonschema.Schema) bool {
	if s.Type != "" || s.Properties != nil || s.Extras != nil {
		return false // without the encoding, which costs more than all the rest
	}
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

// compile turns a reflected schema into what calls are held to.
func compile(s *jsonschema.Schema) (*node, error) {
	if keyword := unenforced(s); keyword != "" {
		return nil, fmt.Errorf("%s is not enforced", keyword)
	}
	n := &node{kind: s.Type, description: asClause(s.Description)}
	for _, step := range []func(*node, *jsonschema.Schema) error{
		compileBounds, compileText, compileItems, compileProperties, compileDefault,
	} {
		if err := step(n, s); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func compileItems(n *node, s *jsonschema.Schema) (err error) {
	if s.Items != nil {
		n.items, err = compile(s.Items)
	}
	return err
}

func compileProperties(n *node, s *jsonschema.Schema) (err error) {
	boolean := s.AdditionalProperties != nil && isBoolean(s.AdditionalProperties)
	n.closed = s.Properties != nil && boolean
	if s.AdditionalProperties != nil && !boolean {
		if n.values, err = compile(s.AdditionalProperties); err != nil {
			return err
		}
	}
	if s.Properties == nil {
		return nil
	}
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	n.index = map[string]int{}
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		child, err := compile(pair.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", pair.Key, err)
		}
		n.index[pair.Key] = len(n.properties)
		n.properties = append(n.properties, property{name: pair.Key, node: child, required: required[pair.Key]})
	}
	return nil
}
