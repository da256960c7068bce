package schema

import (
	"encoding/json"
	"errors"
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
	if kindOf(t) != typeObject || t.Kind() != reflect.Struct {
		return nil, errors.New("the type is not a struct of arguments")
	}
	if err := checkType(t, nil); err != nil {
		return nil, err
	}
	reflector := &jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, DoNotReference: true, Mapper: mapType}
	return reflector.ReflectFromType(t), nil
}

// mapType gives the reflector the schemas of types that encode as something other than what they are made of.
func mapType(t reflect.Type) *jsonschema.Schema {
	kind, mapped := mappedKind(t)
	if !mapped {
		return nil
	}
	made := &jsonschema.Schema{Type: kind}
	switch t {
	case reflect.TypeFor[decimal.Decimal]():
		made.Pattern = decimalPattern
	case reflect.TypeFor[time.Time]():
		made.Format = formatDateTime
	}
	return made
}

// mappedKind gives the type in JSON of what encodes as something other than what it is made of: none for what holds
// anything.
func mappedKind(t reflect.Type) (kind string, mapped bool) {
	switch t {
	case reflect.TypeFor[decimal.Decimal](), reflect.TypeFor[time.Time]():
		return typeString, true
	case reflect.TypeFor[json.Number]():
		return typeNumber, true
	case reflect.TypeFor[json.RawMessage](), reflect.TypeFor[any]():
		return "", true
	case reflect.TypeFor[map[string]any]():
		return typeObject, true
	default:
		return "", false
	}
}

// kindOf gives the type in JSON of a type in Go: none for what holds anything, or nothing of JSON.
func kindOf(t reflect.Type) string {
	if kind, mapped := mappedKind(t); mapped {
		return kind
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Struct, reflect.Map:
		return typeObject
	case reflect.Slice:
		if t.Elem() == reflect.TypeFor[byte]() {
			return typeString // base64
		}
		return typeArray
	case reflect.Array:
		return typeArray
	case reflect.String:
		return typeString
	case reflect.Bool:
		return typeBoolean
	case reflect.Float32, reflect.Float64:
		return typeNumber
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return typeInteger
	default:
		return ""
	}
}
