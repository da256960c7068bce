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

// compile turns a reflected schema into what calls are held to.
func compile(s *jsonschema.Schema) (*node, error) {
	n := &node{kind: s.Type, description: asClause(s.Description), closed: s.AdditionalProperties == jsonschema.FalseSchema}
	for _, step := range []func(*node, *jsonschema.Schema) error{
		compileBounds, compileText, compileItems, compileProperties, compileDefault,
	} {
		if err := step(n, s); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func compileItems(n *node, s *jsonschema.Schema) (err error) {
	if s.Items != nil {
		n.items, err = compile(s.Items)
	}
	return err
}

func compileProperties(n *node, s *jsonschema.Schema) (err error) {
	if !n.closed && s.AdditionalProperties != nil {
		if n.values, err = compile(s.AdditionalProperties); err != nil {
			return err
		}
	}
	if s.Properties == nil {
		return nil
	}
	n.index = map[string]int{}
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		child, err := compile(pair.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", pair.Key, err)
		}
		n.index[pair.Key] = len(n.properties)
		n.properties = append(n.properties, property{
			name: pair.Key, node: child, required: slices.Contains(s.Required, pair.Key),
		})
	}
	return nil
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
			return fmt.Errorf("the choice %v is no text", value)
		}
		n.enum = append(n.enum, choice)
	}
	if s.Pattern != "" {
		if n.pattern, err = regexp.Compile(s.Pattern); err != nil {
			return fmt.Errorf("pattern: %w", err)
		}
	}
	if s.Format != "" && s.Format != formatDateTime {
		return fmt.Errorf("format %s is not enforced", s.Format)
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
	value, err := parse(appendValue(nil, s.Default))
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
