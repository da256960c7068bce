package schema

import (
	"encoding/json"
	"slices"
	"strconv"
)

// shape is a JSON Schema as a type and its tags have it.
type shape struct {
	kind        string
	description string
	properties  []member
	closed      bool   // of a struct: it has its properties and no further ones
	values      *shape // of the members of a map, or nil
	items       *shape
	enum        []string
	maximum     string // a number of JSON, or empty
	minimum     string
	maxLength   *uint64
	minLength   *uint64
	maxItems    *uint64
	minItems    *uint64
	pattern     string
	format      string
	encoding    string
	fallback    json.RawMessage // the default, or nil
}

// member is a property by name.
type member struct {
	name     string
	of       *shape
	required bool
}

// property gives the place of a property by name, or -1.
func (s *shape) property(name string) int {
	return slices.IndexFunc(s.properties, func(m member) bool { return m.name == name })
}

// set adds a property, or puts it in the place of the one of that name.
func (s *shape) set(added member) {
	if at := s.property(added.name); at >= 0 {
		s.properties[at] = added
		return
	}
	s.properties = append(s.properties, added)
}

// required names the properties that must be there.
func (s *shape) required() []string {
	var names []string
	for _, each := range s.properties {
		if each.required {
			names = append(names, each.name)
		}
	}
	return names
}

// appendTo writes the schema as compact JSON.
func (s *shape) appendTo(out []byte) []byte {
	w := shapeWriter{append(out, '{')}
	if s.items != nil {
		w.out = s.items.appendTo(w.key("items"))
	}
	if s.closed {
		w.properties(s.properties)
		w.out = append(w.key("additionalProperties"), "false"...)
	}
	if s.values != nil {
		w.out = s.values.appendTo(w.key("additionalProperties"))
	}
	w.text("type", s.kind)
	w.texts("enum", s.enum)
	w.raw("maximum", s.maximum)
	w.raw("minimum", s.minimum)
	w.count("maxLength", s.maxLength)
	w.count("minLength", s.minLength)
	w.text("pattern", s.pattern)
	w.count("maxItems", s.maxItems)
	w.count("minItems", s.minItems)
	w.texts("required", s.required())
	w.text("format", s.format)
	w.text("contentEncoding", s.encoding)
	w.text("description", s.description)
	w.raw("default", string(s.fallback))
	return append(w.out, '}')
}

// shapeWriter writes the members of a schema that are there.
type shapeWriter struct{ out []byte }

// key writes the name of a member and gives what it is in.
func (w *shapeWriter) key(name string) []byte {
	if w.out[len(w.out)-1] != '{' {
		w.out = append(w.out, ',')
	}
	w.out = append(append(append(w.out, '"'), name...), '"', ':')
	return w.out
}

func (w *shapeWriter) properties(members []member) {
	w.out = append(w.key("properties"), '{')
	for i, each := range members {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = each.of.appendTo(append(appendString(w.out, each.name), ':'))
	}
	w.out = append(w.out, '}')
}

func (w *shapeWriter) text(name, value string) {
	if value != "" {
		w.out = appendString(w.key(name), value)
	}
}

func (w *shapeWriter) texts(name string, values []string) {
	if len(values) > 0 {
		w.out = appendTexts(w.key(name), values)
	}
}

func (w *shapeWriter) raw(name, value string) {
	if value != "" {
		w.out = append(w.key(name), value...)
	}
}

func (w *shapeWriter) count(name string, value *uint64) {
	if value != nil {
		w.out = strconv.AppendUint(w.key(name), *value, 10)
	}
}

func appendTexts(out []byte, values []string) []byte {
	out = append(out, '[')
	for i, value := range values {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendString(out, value)
	}
	return append(out, ']')
}
