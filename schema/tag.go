package schema

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// checkType walks a type as the reflector will, which would never end on a type that holds itself, panics on what JSON
// cannot hold, and drops without a word what it does not know in a tag.
func checkType(t reflect.Type, above []reflect.Type) error {
	if mapType(t) != nil {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return checkType(t.Elem(), above)
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return errors.New("a map needs strings as keys")
		}
		return checkType(t.Elem(), above)
	case reflect.Struct:
		return checkFields(t, above)
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Uintptr, reflect.Invalid:
		return fmt.Errorf("JSON has no type for %s", t.Kind())
	default:
		return nil
	}
}

func checkFields(t reflect.Type, above []reflect.Type) error {
	if slices.Contains(above, t) {
		return fmt.Errorf("the type %s holds itself", t.Name())
	}
	above = append(slices.Clone(above), t)
	for field := range t.Fields() {
		if field.Tag.Get("json") == "-" || (!field.IsExported() && !field.Anonymous) {
			continue
		}
		if field.Anonymous && !field.IsExported() && field.Type.Kind() == reflect.Pointer {
			return fmt.Errorf("field %s: an unexported type cannot be embedded by pointer", field.Name)
		}
		if err := checkTag(field.Tag.Get("jsonschema")); err != nil {
			return fmt.Errorf("field %s: %w", field.Name, err)
		}
		if err := checkType(field.Type, above); err != nil {
			return fmt.Errorf("field %s: %w", field.Name, err)
		}
	}
	return nil
}

// checkTag refuses a tag of which the reflector would drop a part, most often the rest of a pattern after a comma.
func checkTag(tag string) error {
	for part := range strings.SplitSeq(strings.ReplaceAll(tag, `\,`, ""), ",") {
		keyword, _, _ := strings.Cut(part, "=")
		switch keyword {
		case "", "-", "required", "title", "description", "enum", "default", "example", "minimum", "maximum",
			"exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "format",
			"minItems", "maxItems", "uniqueItems", "readOnly", "writeOnly", "nullable":
		default:
			return fmt.Errorf("the tag says %q, which is no keyword", part)
		}
	}
	return nil
}
