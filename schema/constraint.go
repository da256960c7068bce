package schema

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/shopspring/decimal"
)

// compile turns a schema into what calls are held to.
func compile(s *shape) (*node, error) {
	n := &node{kind: s.kind, description: asClause(s.description), enum: s.enum, closed: s.closed}
	for _, step := range []func(*node, *shape) error{
		compileBounds, compileText, compileItems, compileProperties, compileDefault,
	} {
		if err := step(n, s); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func compileItems(n *node, s *shape) (err error) {
	if s.items != nil {
		n.items, err = compile(s.items)
	}
	return err
}

func compileProperties(n *node, s *shape) (err error) {
	if s.values != nil {
		if n.values, err = compile(s.values); err != nil {
			return err
		}
	}
	if !s.closed {
		return nil
	}
	n.index = map[string]int{}
	for _, each := range s.properties {
		child, err := compile(each.of)
		if err != nil {
			return fmt.Errorf("%s: %w", each.name, err)
		}
		n.index[each.name] = len(n.properties)
		n.properties = append(n.properties, property{name: each.name, node: child, required: each.required})
	}
	return nil
}

func compileBounds(n *node, s *shape) (err error) {
	if n.minimum, err = limit(s.minimum); err != nil {
		return err
	}
	if n.maximum, err = limit(s.maximum); err != nil {
		return err
	}
	n.minLength, n.maxLength, n.minItems, n.maxItems = bound(s.minLength), bound(s.maxLength), bound(s.minItems), bound(s.maxItems)
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

func limit(value string) (*decimal.Decimal, error) {
	if value == "" {
		return nil, nil //nolint:nilnil // no bound
	}
	number, ok := parseNumber(value)
	if !ok {
		return nil, fmt.Errorf("bound %q is out of range", value)
	}
	return &number, nil
}

func compileText(n *node, s *shape) (err error) {
	if s.pattern != "" {
		if n.pattern, err = regexp.Compile(s.pattern); err != nil {
			return fmt.Errorf("pattern: %w", err)
		}
	}
	n.encoding = encodingOf(s)
	n.refusesNone = (len(n.enum) > 0 && !slices.Contains(n.enum, "")) ||
		(n.pattern != nil && !n.pattern.MatchString("")) || (n.encoding != nil && !n.encoding.fits(""))
	return nil
}

// compileDefault holds the default to its own schema: a call that leaves the argument out must not fail for it.
func compileDefault(n *node, s *shape) error {
	if s.fallback == nil {
		return nil
	}
	value, err := parse(s.fallback)
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
