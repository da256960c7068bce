package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/invopop/jsonschema"
	"github.com/shopspring/decimal"
)

// unenforced names a keyword that a tag can set and calls are not held to: a schema must not promise more than it
// keeps.
func unenforced(s *jsonschema.Schema) string {
	switch {
	case s.ExclusiveMinimum != "" || s.ExclusiveMaximum != "":
		return "exclusive bounds"
	case s.MultipleOf != "":
		return "multipleOf"
	case s.UniqueItems:
		return "uniqueItems"
	case s.Format != "" && s.Format != formatDateTime:
		return "format " + s.Format
	case len(s.Enum) > 0 && s.Type != typeString:
		return "an enum of " + s.Type
	default:
		return ""
	}
}

func compileBounds(n *node, s *jsonschema.Schema) (err error) {
	if n.minimum, err = limit(s.Minimum); err != nil {
		return err
	}
	if n.maximum, err = limit(s.Maximum); err != nil {
		return err
	}
	n.minLength, n.maxLength, n.minItems, n.maxItems = bound(s.MinLength), bound(s.MaxLength), bound(s.MinItems), bound(s.MaxItems)
	empty := n.minimum != nil && n.maximum != nil && n.minimum.GreaterThan(*n.maximum)
	if empty || (n.maxLength > 0 && n.minLength > n.maxLength) || (n.maxItems > 0 && n.minItems > n.maxItems) {
		return errors.New("its lower bound is above its upper one")
	}
	return nil
}

func bound(value *uint64) int {
	if value == nil {
		return 0
	}
	const largest = 1 << 31
	return int(min(*value, largest))
}

func limit(value json.Number) (*decimal.Decimal, error) {
	if value == "" {
		return nil, nil //nolint:nilnil // no bound
	}
	number, ok := parseNumber(value.String())
	if !ok {
		return nil, fmt.Errorf("bound %q is out of range", value)
	}
	return &number, nil
}

func compileText(n *node, s *jsonschema.Schema) (err error) {
	for _, value := range s.Enum {
		choice, ok := value.(string)
		if !ok {
			return fmt.Errorf("enum value %v is no text", value)
		}
		n.enum = append(n.enum, choice)
	}
	if s.Pattern != "" {
		if n.pattern, err = regexp.Compile(s.Pattern); err != nil {
			return fmt.Errorf("pattern: %w", err)
		}
	}
	n.encoding = encodingOf(s)
	n.refusesNone = (len(n.enum) > 0 && !slices.Contains(n.enum, "")) ||
		(n.pattern != nil && !n.pattern.MatchString("")) || (n.encoding != nil && !n.encoding.fits(""))
	return nil
}

// compileDefault holds the default to its own schema: a call that leaves the argument out must not fail for it.
func compileDefault(n *node, s *jsonschema.Schema) error {
	if s.Default == nil {
		return nil
	}
	encoded, err := json.Marshal(s.Default)
	if err != nil {
		return fmt.Errorf("default: %w", err)
	}
	value, err := parse(encoded)
	if err != nil {
		return fmt.Errorf("default: %w", err)
	}
	checked := &inspection{}
	if !checked.value(n, value) {
		return fmt.Errorf("its default %s", checked.faults[0].Problem)
	}
	n.fallback = checked.out
	return nil
}
