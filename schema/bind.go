package schema

import (
	"encoding/json"
	"strings"
)

// Checker is implemented by argument structs with rules across their fields, such as "exactly one of these".
type Checker interface {
	// Check gives the faults that a field's own schema cannot see.
	Check() []Fault
}

// Bind holds a call's arguments to a schema made by For[T] and gives them as a T: coerced, with defaults filled in and
// checked. The error is an [*ArgumentError] that holds every fault of the call.
func Bind[T any](s *Schema, arguments json.RawMessage) (T, error) {
	var bound T
	tree, err := parse(arguments)
	if err != nil {
		return bound, &ArgumentError{Faults: []Fault{{Problem: err.Error()}}}
	}
	if tree == nil {
		tree = map[string]any{}
	}
	checked := &inspection{}
	kept, _ := checked.value(s.root, "", tree)
	faults := checked.faults
	if members, ok := kept.(map[string]any); ok {
		faults = append(faults, decodeAndCheck(&bound, members, faults)...)
	}
	if len(faults) > 0 {
		var none T
		return none, &ArgumentError{Faults: faults}
	}
	return bound, nil
}

// decodeAndCheck decodes what is valid of the call and gives the faults that span fields, except of fields that are
// already known to be at fault.
func decodeAndCheck[T any](bound *T, members map[string]any, known []Fault) []Fault {
	encoded, err := json.Marshal(members)
	if err != nil {
		return []Fault{{Problem: "the arguments cannot be read"}}
	}
	if err := json.Unmarshal(encoded, bound); err != nil {
		if len(known) > 0 {
			return nil
		}
		return []Fault{{Problem: "the arguments cannot be read"}}
	}
	checker, ok := any(*bound).(Checker)
	if !ok {
		if checker, ok = any(bound).(Checker); !ok {
			return nil
		}
	}
	var further []Fault
	for _, fault := range checker.Check() {
		if !concerns(fault, known) {
			further = append(further, fault)
		}
	}
	return further
}

// concerns reports whether a fault is about a field that is already at fault, or about a choice between fields of
// which one is.
func concerns(fault Fault, known []Fault) bool {
	for _, other := range known {
		field, _, _ := strings.Cut(other.Field, "[")
		if field == "" {
			continue
		}
		if field == fault.Field {
			return true
		}
		for _, choice := range fault.ValidValues {
			if fault.Field == "" && choice == field {
				return true
			}
		}
	}
	return false
}
