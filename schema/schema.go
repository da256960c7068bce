// Package schema makes JSON Schemas from Go types and holds calls to them: it coerces what models send in the wrong
// type, reports every fault of a call in one message, and lints schemas for what model vendors do not accept.
package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"sync"
	"sync/atomic"

	"github.com/invopop/jsonschema"
	"github.com/shopspring/decimal"
)

// Schema is the JSON Schema of a struct. It is immutable and safe for concurrent use.
type Schema struct {
	of          reflect.Type                       // nil for one that is joined of two others
	first, also *Schema                            // what it is joined of, or nil
	kept        func() (*jsonschema.Schema, error) // gives what is reflected once, or nil

	// defaults is what a call without arguments was bound to last, once there was one: many have none.
	defaults atomic.Pointer[any]

	once sync.Once
	root *node // what calls are held to
	err  error
}

// For reflects the struct T. Fields without omitempty or omitzero are required; descriptions come from the tag
// jsonschema_description, bounds and enums from the tag jsonschema. What cannot be a flat schema that every vendor
// takes, or promises what calls are not held to, is an error: recursion, unions, misspelled tags, defaults out of
// bounds.
func For[T any]() (*Schema, error) {
	s := Lazy[T]()
	if err := s.Check(); err != nil {
		return nil, err
	}
	return s, nil
}

// Lazy is [For] for a program that declares more schemas than it will use: T is reflected when the schema is first
// needed. A mistake comes out of Check, which tests call; without it the schema takes no call, and one of a type that has
// none encodes as nothing.
func Lazy[T any]() *Schema { return &Schema{of: reflect.TypeFor[T]()} }

// Shared is [Lazy] for a struct whose members other schemas are joined with: it is reflected once for all of them, and kept.
func Shared[T any]() *Schema {
	return &Schema{kept: sync.OnceValues(func() (*jsonschema.Schema, error) { return reflectType(reflect.TypeFor[T]()) })}
}

// Join makes a schema with the members of two, when it is first needed. Those of the second stay optional, and one that both
// have is the first's.
func Join(first, also *Schema) *Schema { return &Schema{first: first, also: also} }

// compiled gives what calls are held to.
func (s *Schema) compiled() (*node, error) {
	s.once.Do(func() {
		of, err := s.reflected()
		if err != nil {
			s.err = fmt.Errorf("reflect schema: %w", err)
			return
		}
		if s.root, err = compile(of); err != nil {
			s.err = fmt.Errorf("compile schema: %w", err)
		}
	})
	return s.root, s.err
}

// reflected makes the schema of the types. What it gives may be shared: it is only read.
func (s *Schema) reflected() (*jsonschema.Schema, error) {
	switch {
	case s.first != nil:
		return s.joined()
	case s.kept != nil:
		return s.kept()
	default:
		return reflectType(s.of)
	}
}

// joined makes the schema of what a schema is joined of.
func (s *Schema) joined() (*jsonschema.Schema, error) {
	base, err := s.first.reflected()
	if err != nil {
		return nil, err
	}
	further, err := s.also.reflected()
	if err != nil {
		return nil, err
	}
	joined := *base
	joined.Properties = jsonschema.NewProperties()
	for _, of := range []*jsonschema.Schema{base, further} {
		for pair := of.Properties.Oldest(); pair != nil; pair = pair.Next() {
			if _, taken := joined.Properties.Get(pair.Key); !taken {
				joined.Properties.Set(pair.Key, pair.Value)
			}
		}
	}
	return &joined, nil
}

// Check reports what is wrong with the type that the schema is made of.
func (s *Schema) Check() error {
	if _, err := s.compiled(); err != nil {
		return err
	}
	if findings := lintStructure(s.JSON()); len(findings) > 0 {
		return fmt.Errorf("reflect schema: %w", errors.New(findings[0]))
	}
	return nil
}

// JSON gives the schema as compact JSON, its properties in the order of the struct's fields; nil for a type that has none.
// It is made anew each time: whoever needs it more than once keeps it.
func (s *Schema) JSON() json.RawMessage {
	of, err := s.reflected()
	if err != nil {
		return nil
	}
	return appendSchema(make([]byte, 0, usualSize), of)
}

// usualSize is what most schemas fit into, in bytes.
const usualSize = 1 << 10

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
