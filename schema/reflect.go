package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// decimalPattern is what a decimal string looks like: no exponent, no plus sign, no white space.
const decimalPattern = `^-?[0-9]+(\.[0-9]+)?$`

// reflectType makes a flat schema of a struct: no $ref, no union, no boolean schema, since one vendor or another
// rejects the whole tool list for each of these.
func reflectType(t reflect.Type) (*shape, error) {
	if t.Kind() != reflect.Struct || mapType(t) != nil {
		return nil, errors.New("the type is not a struct of arguments")
	}
	return reflectAny(t, nil)
}

// mapType gives the schemas of types that encode as something other than what they are made of.
func mapType(t reflect.Type) *shape {
	switch t {
	case reflect.TypeFor[decimal.Decimal]():
		return &shape{kind: typeString, pattern: decimalPattern}
	case reflect.TypeFor[time.Time]():
		return &shape{kind: typeString, format: formatDateTime}
	case reflect.TypeFor[json.Number]():
		return &shape{kind: typeNumber}
	case reflect.TypeFor[json.RawMessage](), reflect.TypeFor[any]():
		return &shape{}
	case reflect.TypeFor[map[string]any]():
		return &shape{kind: typeObject}
	case reflect.TypeFor[[]byte]():
		return &shape{kind: typeString, encoding: encodingBase64}
	default:
		return nil
	}
}

// reflectAny makes the schema of a type. Those above it are the structs that it is a part of.
func reflectAny(t reflect.Type, above []reflect.Type) (*shape, error) {
	if mapped := mapType(t); mapped != nil {
		return mapped, nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return reflectAny(t.Elem(), above)
	case reflect.Struct:
		made := &shape{kind: typeObject, closed: true}
		return made, addFields(made, t, above)
	case reflect.Slice, reflect.Array:
		return reflectList(t, above)
	case reflect.Map:
		return reflectMap(t, above)
	case reflect.Interface:
		return &shape{}, nil
	case reflect.String:
		return &shape{kind: typeString}, nil
	case reflect.Bool:
		return &shape{kind: typeBoolean}, nil
	case reflect.Float32, reflect.Float64:
		return &shape{kind: typeNumber}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &shape{kind: typeInteger}, nil
	default:
		return nil, fmt.Errorf("JSON has no type for %s", t.Kind())
	}
}

func reflectList(t reflect.Type, above []reflect.Type) (*shape, error) {
	items, err := reflectAny(t.Elem(), above)
	made := &shape{kind: typeArray, items: items}
	if t.Kind() == reflect.Array {
		length := uint64(t.Len()) //nolint:gosec // no length is negative
		made.minItems, made.maxItems = &length, &length
	}
	return made, err
}

func reflectMap(t reflect.Type, above []reflect.Type) (*shape, error) {
	if t.Key().Kind() != reflect.String {
		return nil, errors.New("a map needs strings as keys")
	}
	made := &shape{kind: typeObject}
	if t.Elem().Kind() == reflect.Interface {
		return made, nil
	}
	var err error
	made.values, err = reflectAny(t.Elem(), above)
	return made, err
}

// addFields adds the fields of a struct, and of those that it embeds, as encoding/json has them.
func addFields(into *shape, t reflect.Type, above []reflect.Type) error {
	if slices.Contains(above, t) {
		return fmt.Errorf("the type %s holds itself", t.Name())
	}
	above = append(slices.Clone(above), t)
	into.properties = slices.Grow(into.properties, t.NumField())
	for field := range t.Fields() {
		if field.Tag.Get("json") == "-" || (!field.IsExported() && !field.Anonymous) {
			continue
		}
		if field.Anonymous && !field.IsExported() && field.Type.Kind() == reflect.Pointer {
			return fmt.Errorf("field %s: an unexported type cannot be embedded by pointer", field.Name)
		}
		if err := addField(into, field, above); err != nil {
			return fmt.Errorf("field %s: %w", field.Name, err)
		}
	}
	return nil
}

func addField(into *shape, field reflect.StructField, above []reflect.Type) error {
	name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	if embedded := embeddedStruct(field); embedded != nil && name == "" {
		return addFields(into, embedded, above)
	}
	of, err := reflectAny(field.Type, above)
	if err != nil {
		return err
	}
	if name == "" {
		name = field.Name
	}
	if hasOption(options, "string") && of.kind != typeObject && of.kind != typeArray {
		of.kind = typeString
	}
	if err := of.applyTag(field.Tag); err != nil {
		return err
	}
	into.set(member{name: name, of: of, required: !hasOption(options, "omitempty") && !hasOption(options, "omitzero")})
	return nil
}

// embeddedStruct gives the struct that a field embeds, or nil.
func embeddedStruct(field reflect.StructField) reflect.Type {
	t := field.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !field.Anonymous || t.Kind() != reflect.Struct {
		return nil
	}
	return t
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
