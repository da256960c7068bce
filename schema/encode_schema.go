package schema

import (
	"encoding/json"
	"strconv"

	"github.com/invopop/jsonschema"
)

// appendSchema writes a reflected schema as compact JSON, in one pass: the library's own encoder marshals each level into the
// next. It leaves out what names a schema, and writes as {} what the library would write as true.
func appendSchema(out []byte, s *jsonschema.Schema) []byte {
	w := schemaWriter{append(out, '{')}
	w.schema("items", s.Items)
	w.properties(s)
	w.schema("additionalProperties", s.AdditionalProperties)
	w.text("type", s.Type)
	if len(s.Enum) > 0 {
		w.out = appendValue(w.key("enum"), s.Enum)
	}
	w.number("maximum", s.Maximum)
	w.number("minimum", s.Minimum)
	w.count("maxLength", s.MaxLength)
	w.count("minLength", s.MinLength)
	w.text("pattern", s.Pattern)
	w.count("maxItems", s.MaxItems)
	w.count("minItems", s.MinItems)
	w.texts("required", s.Required)
	w.text("format", s.Format)
	w.text("contentEncoding", s.ContentEncoding)
	w.text("description", s.Description)
	if s.Default != nil {
		w.out = appendValue(w.key("default"), s.Default)
	}
	return append(w.out, '}')
}

// schemaWriter writes the members of a schema that are there.
type schemaWriter struct{ out []byte }

// key writes the name of a member and gives what it is in.
func (w *schemaWriter) key(name string) []byte {
	if w.out[len(w.out)-1] != '{' {
		w.out = append(w.out, ',')
	}
	w.out = append(append(append(w.out, '"'), name...), '"', ':')
	return w.out
}

func (w *schemaWriter) schema(name string, of *jsonschema.Schema) {
	switch of {
	case nil:
	case jsonschema.FalseSchema:
		w.out = append(w.key(name), "false"...)
	default:
		w.out = appendSchema(w.key(name), of)
	}
}

func (w *schemaWriter) properties(of *jsonschema.Schema) {
	if of.Properties == nil {
		return
	}
	w.out = append(w.key("properties"), '{')
	for pair := of.Properties.Oldest(); pair != nil; pair = pair.Next() {
		if w.out[len(w.out)-1] != '{' {
			w.out = append(w.out, ',')
		}
		w.out = appendSchema(append(appendString(w.out, pair.Key), ':'), pair.Value)
	}
	w.out = append(w.out, '}')
}

func (w *schemaWriter) text(name, value string) {
	if value != "" {
		w.out = appendString(w.key(name), value)
	}
}

func (w *schemaWriter) texts(name string, values []string) {
	if len(values) == 0 {
		return
	}
	w.out = append(w.key(name), '[')
	for i, value := range values {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = appendString(w.out, value)
	}
	w.out = append(w.out, ']')
}

func (w *schemaWriter) number(name string, value json.Number) {
	if value != "" {
		w.out = append(w.key(name), value...)
	}
}

func (w *schemaWriter) count(name string, value *uint64) {
	if value != nil {
		w.out = strconv.AppendUint(w.key(name), *value, 10)
	}
}
