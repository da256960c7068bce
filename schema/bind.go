package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Checker is implemented by argument structs with rules across their fields, such as "exactly one of these".
type Checker interface {
	// Check gives the faults that a field's own schema cannot see.
	Check() []Fault
}

// Bind holds a call's arguments to a schema made by For[T] and gives them as a T: coerced, with defaults filled in and
// checked. The error is an [*ArgumentError] that holds every fault of the call, or what Check of the schema reports.
func Bind[T any](s *Schema, arguments json.RawMessage) (T, error) {
	none := len(arguments) == 0 || string(arguments) == "{}"
	if kept := s.defaults.Load(); none && kept != nil {
		if defaults, ok := (*kept).(T); ok {
			return defaults, nil
		}
	}
	var bound T
	if err := s.fill(&bound, arguments); err != nil {
		var nothing T
		return nothing, err
	}
	if none && copies(reflect.TypeFor[T]()) {
		defaults := any(bound)
		s.defaults.Store(&defaults)
	}
	return bound, nil
}

// copies reports whether a copy of a value of a type shares nothing that can be changed with it.
func copies(of reflect.Type) bool {
	switch of.Kind() {
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return true
	case reflect.Struct:
		for field := range of.Fields() {
			if !copies(field.Type) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// fill is Bind for what a pointer points to. It is not generic: each instance is linked, and there is one for each tool.
func (s *Schema) fill(bound any, arguments json.RawMessage) error {
	root, err := s.compiled()
	if err != nil {
		return err
	}
	tree, err := parseArguments(arguments)
	if err != nil {
		return &ArgumentError{Faults: []Fault{{Problem: err.Error()}}}
	}
	checked := &inspection{out: make([]byte, 0, len(arguments)+outReserve)}
	checked.value(root, tree)
	faults := checked.faults
	if checked.more > 0 {
		faults = append(faults, Fault{Problem: fmt.Sprintf("there are %d more problems", checked.more)})
	}
	if len(checked.out) > 0 {
		faults = append(faults, decode(root, checked.out, faults, bound)...)
	}
	if len(faults) > 0 {
		return &ArgumentError{Faults: faults}
	}
	return nil
}

// outReserve is what defaults usually add to a call, in bytes.
const outReserve = 64

// parseArguments reads the arguments of a call. Absent ones and null are none, and a string may hold all of them.
func parseArguments(arguments json.RawMessage) (any, error) {
	tree, err := parse(arguments)
	if text, ok := tree.(string); ok && strings.HasPrefix(strings.TrimSpace(text), "{") {
		tree, err = parse(json.RawMessage(text))
	}
	if err == nil && tree == nil {
		tree = map[string]any{}
	}
	return tree, err
}

// decode fills what bound points to with what is valid of a call and gives the faults that only then are seen: values that
// the Go type has no room for, and those of the rules across fields, except of fields that are already known to be at fault.
func decode(root *node, encoded []byte, known []Fault, bound any) []Fault {
	var further []Fault
	if json.Unmarshal(encoded, bound) != nil {
		further, encoded = unfit(reflect.TypeOf(bound).Elem(), root, encoded)
		rest := reflect.New(reflect.TypeOf(bound).Elem())
		if json.Unmarshal(encoded, rest.Interface()) != nil {
			return append(further, Fault{Problem: "the arguments cannot be read"})
		}
		reflect.ValueOf(bound).Elem().Set(rest.Elem())
	}
	checker, ok := bound.(Checker)
	if !ok {
		return further
	}
	at := slices.Concat(known, further)
	for _, fault := range checker.Check() {
		if !concerns(fault, at) {
			further = append(further, fault)
		}
	}
	return further
}

// concerns reports whether a fault is about an argument that is already at fault, or about a choice between arguments
// of which one is.
func concerns(fault Fault, known []Fault) bool {
	for _, other := range known {
		argument := argumentOf(other.Field)
		if argument == "" {
			continue
		}
		if argument == argumentOf(fault.Field) {
			return true
		}
		for _, choice := range fault.ValidValues {
			if fault.Field == "" && choice == argument {
				return true
			}
		}
	}
	return false
}

// argumentOf gives the argument that a field is of. An item's number is no help: those behind a faulty one move up.
func argumentOf(field string) string {
	if end := strings.IndexAny(field, ".["); end >= 0 {
		return field[:end]
	}
	return field
}
