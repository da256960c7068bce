// Package schema makes JSON Schemas from Go types and holds calls to them: it coerces what models send in the wrong
// type, reports every fault of a call in one message, and lints schemas for what model vendors do not accept.
package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"github.com/invopop/jsonschema"
	"github.com/shopspring/decimal"
)

// Schema is the JSON Schema of a struct, compiled. It is immutable and safe for concurrent use.
type Schema struct {
	raw  json.RawMessage
	root *node
}

// For reflects the struct T. Fields without omitempty or omitzero are required; descriptions come from the tag
// jsonschema_description, bounds and enums from the tag jsonschema. What cannot be a flat schema that every vendor
// takes, or promises what calls are not held to, is an error: recursion, unions, misspelled tags, defaults out of
// bounds.
func For[T any]() (*Schema, error) {
	reflected, err := reflectType(reflect.TypeFor[T]())
	if err != nil {
		return nil, fmt.Errorf("reflect schema: %w", err)
	}
	return finish(reflected)
}

// finish encodes, checks and compiles a reflected schema.
func finish(reflected *jsonschema.Schema) (*Schema, error) {
	raw, err := json.Marshal(reflected)
	if err != nil {
		return nil, fmt.Errorf("encode schema: %w", err)
	}
	if findings := lintStructure(raw); len(findings) > 0 {
		return nil, fmt.Errorf("reflect schema: %w", errors.New(findings[0]))
	}
	root, err := compile(reflected)
	if err != nil {
		return nil, fmt.Errorf("compile schema: %w", err)
	}
	return &Schema{raw: raw, root: root}, nil
}

// JSON gives the schema as compact JSON, its properties in the order of the struct's fields. The caller owns it.
func (s *Schema) JSON() json.RawMessage { return slices.Clone(s.raw) }

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
	description string // as it reads within a sentence
	properties  []property
	index       map[string]int // of properties; nil for an object of any members
	closed      bool           // members beyond properties are faults
	values      *node          // of the members of an object of any members, or nil
	items       *node
	enum        []string
	minimum     *decimal.Decimal
	maximum     *decimal.Decimal
	minLength   int
	maxLength   int // 0: unbounded
	minItems    int
	maxItems    int // 0: unbounded
	pattern     *regexp.Regexp
	encoding    *encoding
	fallback    json.RawMessage // the default, or nil
	refusesNone bool            // the empty text is no value of this choice, pattern or encoding
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
