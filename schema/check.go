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
	if _, mapped := mappedKind(t); mapped {
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
	case reflect.Interface:
		return nil
	default:
		if kindOf(t) == "" {
			return fmt.Errorf("JSON has no type for %s", t.Kind())
		}
		return nil
	}
}

// checkFields checks the fields of a struct. Those above it are the structs that it is a part of.
func checkFields(t reflect.Type, above []reflect.Type) error {
	if slices.Contains(above, t) {
		return fmt.Errorf("the type %s holds itself", t.Name())
	}
	above = append(slices.Clone(above), t)
	for field := range t.Fields() {
		if field.Tag.Get("json") == "-" || (!field.IsExported() && !field.Anonymous) {
			continue
		}
		if err := checkField(field, above); err != nil {
			return fmt.Errorf("field %s: %w", field.Name, err)
		}
	}
	return nil
}

func checkField(field reflect.StructField, above []reflect.Type) error {
	if field.Anonymous && !field.IsExported() && field.Type.Kind() == reflect.Pointer {
		return errors.New("an unexported type cannot be embedded by pointer")
	}
	if err := checkType(field.Type, above); err != nil {
		return err
	}
	return taggedOf(field).check(field.Tag.Get("jsonschema"))
}

// taggedOf gives what the tags of a field are about.
func taggedOf(field reflect.StructField) tagged {
	of := tagged{kind: kindOf(field.Type)}
	if of.kind == typeArray {
		list := field.Type
		for list.Kind() == reflect.Pointer {
			list = list.Elem()
		}
		of.items = kindOf(list.Elem())
	}
	_, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	switch of.kind {
	case typeInteger, typeNumber, typeBoolean:
		if hasOption(options, "string") {
			of.kind = typeString
		}
	}
	return of
}

// hasOption reports whether the options of a json tag hold one.
func hasOption(options, wanted string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == wanted {
			return true
		}
	}
	return false
}
