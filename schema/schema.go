// Package schema makes JSON Schemas from Go types and holds calls to them: it coerces what models send in the wrong
// type, reports every fault of a call in one message, and lints schemas for what model vendors do not accept.
package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"

	"github.com/shopspring/decimal"
)

// Schema is the JSON Schema of a struct, compiled. It is immutable and safe for concurrent use.
type Schema struct {
	raw  json.RawMessage
	root *node
}

// For reflects the struct T. Fields without omitempty or omitzero are required; descriptions come from the tag
// jsonschema_description, bounds and enums from the tag jsonschema. A recursive type is an error.
func For[T any]() (*Schema, error) {
	t := reflect.TypeFor[T]()
	reflected, err := reflectType(t)
	if err != nil {
		return nil, fmt.Errorf("reflect schema: %w", err)
	}
	raw, err := json.Marshal(reflected)
	if err != nil {
		return nil, fmt.Errorf("encode schema: %w", err)
	}
	root, err := compile(reflected)
	if err != nil {
		return nil, fmt.Errorf("compile schema: %w", err)
	}
	return &Schema{raw: raw, root: root}, nil
}

// JSON gives the schema as compact JSON, its properties in the order of the struct's fields.
func (s *Schema) JSON() json.RawMessage { return s.raw }

// The types of JSON Schema that this package makes.
const (
	typeObject  = "object"
	typeArray   = "array"
	typeString  = "string"
	typeInteger = "integer"
	typeNumber  = "number"
	typeBoolean = "boolean"
)

// node is a compiled schema: everything that a call is held to, ready without reflection or regexp compilation.
type node struct {
	kind        string
	description string
	properties  []property
	index       map[string]int
	closed      bool
	items       *node
	enum        []any
	minimum     *decimal.Decimal
	maximum     *decimal.Decimal
	minLength   int
	maxLength   int // 0: unbounded
	minItems    int
	maxItems    int // 0: unbounded
	pattern     *regexp.Regexp
	fallback    any // the default, or nil
}

type property struct {
	name     string
	node     *node
	required bool
}

// names gives the properties' names in order.
func (n *node) names() []string {
	names := make([]string, 0, len(n.properties))
	for _, p := range n.properties {
		names = append(names, p.name)
	}
	return names
}
