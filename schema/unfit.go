package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
)

// unfit finds the arguments that a type has no room for although their schema takes them, such as 300 for a number of 8
// bits, and gives the others. It decodes one at a time, on the way to an error only.
func unfit(of reflect.Type, root *node, encoded []byte) (faults []Fault, others []byte) {
	var members map[string]json.RawMessage
	if json.Unmarshal(encoded, &members) != nil {
		return nil, encoded
	}
	others = []byte{'{'}
	for _, p := range root.properties {
		value, present := members[p.name]
		if !present {
			continue
		}
		member := append(appendString(nil, p.name), ':')
		member = append(member, value...)
		probe := reflect.New(of).Interface()
		if err := json.Unmarshal(fmt.Appendf(nil, "{%s}", member), probe); err != nil {
			faults = append(faults, unfitFault(p, value, err))
			continue
		}
		if len(others) > 1 {
			others = append(others, ',')
		}
		others = append(others, member...)
	}
	return faults, append(others, '}')
}

func unfitFault(p property, value json.RawMessage, err error) Fault {
	fault := Fault{Field: p.name}
	given := "a value"
	if tree, err := parse(value); err == nil {
		given = describe(tree)
	}
	if refused, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if strings.HasPrefix(refused.Field, p.name+".") {
			fault.Field = refused.Field
			given = "one beyond"
		}
		if number, isNumber := strings.CutPrefix(refused.Value, "number "); isNumber && refused.Type.Kind() == reflect.Float64 {
			fault.Problem = "must hold only numbers that fit 64 bits, got " + excerpt(number)
			return fault
		}
		if expected := rangeOf(refused.Type.Kind()); expected != "" {
			fault.Problem = fmt.Sprintf("must be %s, got %s", expected, given)
			return fault
		}
	}
	expected := p.node.description
	if expected == "" {
		expected = nameOf(p.node.kind)
	}
	fault.Problem = fmt.Sprintf("does not fit: %s, got %s", expected, given)
	return fault
}

// rangeOf says what a number's Go type holds, or nothing when the type is no bounded number.
func rangeOf(kind reflect.Kind) string {
	const between = "between %d and %d"
	switch kind {
	case reflect.Int8:
		return fmt.Sprintf(between, math.MinInt8, math.MaxInt8)
	case reflect.Int16:
		return fmt.Sprintf(between, math.MinInt16, math.MaxInt16)
	case reflect.Int32:
		return fmt.Sprintf(between, math.MinInt32, math.MaxInt32)
	case reflect.Uint8:
		return fmt.Sprintf(between, 0, math.MaxUint8)
	case reflect.Uint16:
		return fmt.Sprintf(between, 0, math.MaxUint16)
	case reflect.Uint32:
		return fmt.Sprintf(between, 0, math.MaxUint32)
	case reflect.Uint, reflect.Uint64:
		return fmt.Sprintf("between 0 and %d", math.MaxInt64)
	case reflect.Float32:
		return "a number that fits 32 bits"
	default:
		return ""
	}
}
