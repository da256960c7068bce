package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// inspection walks a call's tree beside its schema, coerces it, gathers the faults, and writes what is valid.
type inspection struct {
	faults []Fault
	more   int // faults beyond maxFaults
	out    []byte
	path   []step
}

// step is one level of the way to a value: the member of an object, or the item of a list.
type step struct {
	name  string
	item  bool
	index int
}

// maxFaults bounds what a hostile call can make of one byte; no honest one comes near.
const maxFaults = 1000

func (i *inspection) add(fault Fault) {
	if len(i.faults) >= maxFaults {
		i.more++
		return
	}
	fault.Field = i.field()
	i.faults = append(i.faults, fault)
}

func (i *inspection) report(problem string, a ...any) {
	i.add(Fault{Problem: fmt.Sprintf(problem, a...)})
}

// field gives the way to the value that is looked at, such as intents[2].name.
func (i *inspection) field() string {
	var b strings.Builder
	for _, s := range i.path {
		switch {
		case s.item:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case b.Len() == 0:
			b.WriteString(s.name)
		default:
			b.WriteString("." + s.name)
		}
	}
	return b.String()
}

func (i *inspection) wrongType(n *node, given any) bool {
	i.report("must be %s, got %s", nameOf(n.kind), describe(given))
	return false
}

// value coerces and checks a value, and writes it if it is valid. Of the call as a whole it writes the valid
// arguments, so that the rules across fields can still be checked.
func (i *inspection) value(n *node, given any) bool {
	given = coerce(n, given)
	before, start := i.count(), len(i.out)
	ok := true
	switch n.kind {
	case typeObject:
		ok = i.object(n, given)
	case typeArray:
		ok = i.array(n, given)
	case typeString:
		ok = i.text(n, given)
	case typeInteger, typeNumber:
		ok = i.number(n, given)
	case typeBoolean:
		if _, ok = given.(bool); !ok {
			i.wrongType(n, given)
		}
	}
	if ok = ok && i.count() == before; !ok {
		if len(i.path) > 0 {
			i.out = i.out[:start]
		}
		return false
	}
	if len(i.out) == start {
		i.out = appendValue(i.out, given)
	}
	return true
}

// inside checks a value one step further in. With a value at fault goes what was written since start, before it.
func (i *inspection) inside(s step, n *node, given any, start int) {
	i.path = append(i.path, s)
	if !i.value(n, given) {
		i.out = i.out[:start]
	}
	i.path = i.path[:len(i.path)-1]
}

// count gives how many faults there are by now.
func (i *inspection) count() int { return len(i.faults) + i.more }

// separate writes what stands before a member or an item.
func (i *inspection) separate() int {
	start := len(i.out)
	if last := i.out[start-1]; last != '{' && last != '[' {
		i.out = append(i.out, ',')
	}
	return start
}

func (i *inspection) array(n *node, given any) bool {
	items, ok := given.([]any)
	if !ok {
		return i.wrongType(n, given)
	}
	if len(items) < n.minItems {
		i.report("must have at least %d items, got %d", n.minItems, len(items))
	}
	if n.maxItems > 0 && len(items) > n.maxItems {
		i.report("must have at most %d items, got %d", n.maxItems, len(items))
		items = items[:n.maxItems]
	}
	if n.items == nil {
		return true
	}
	i.out = append(i.out, '[')
	for index, item := range items {
		i.inside(step{item: true, index: index}, n.items, item, i.separate())
	}
	i.out = append(i.out, ']')
	return true
}

func (i *inspection) text(n *node, given any) bool {
	text, ok := given.(string)
	if !ok {
		return i.wrongType(n, given)
	}
	if len(n.enum) > 0 {
		return i.choice(n, text)
	}
	length := utf8.RuneCountInString(text)
	switch {
	case length < n.minLength && length == 0:
		i.report("must not be empty")
		return false
	case length < n.minLength:
		i.report("must have at least %d characters, got %d", n.minLength, length)
	case n.maxLength > 0 && length > n.maxLength:
		i.report("must have at most %d characters, got %d", n.maxLength, length)
	}
	if n.encoding != nil && !n.encoding.fits(text) {
		i.report("must be %s, got %q", n.encoding.name, excerpt(text))
	}
	if n.pattern != nil && !n.pattern.MatchString(text) {
		expected := "must match " + n.pattern.String()
		switch {
		case n.description != "" && negated(n, text):
			expected = "must not be negative: " + n.description
		case n.description != "":
			expected = "does not fit: " + n.description
		}
		i.report("%s, got %q", expected, excerpt(text))
	}
	return true
}

// negated reports whether a text is a number of which only the sign is at fault.
func negated(n *node, text string) bool {
	_, isNumber := parseNumber(text)
	amount, negative := strings.CutPrefix(text, "-")
	return isNumber && negative && n.pattern.MatchString(amount)
}

func (i *inspection) choice(n *node, text string) bool {
	if slices.Contains(n.enum, text) {
		return true
	}
	fault := Fault{
		Problem:     fmt.Sprintf("must be one of %s, got %q", strings.Join(n.enum, ", "), excerpt(text)),
		ValidValues: slices.Clone(n.enum),
	}
	if len(n.enum) == 1 {
		fault.Problem = fmt.Sprintf("must be %s, got %q", n.enum[0], excerpt(text))
	}
	fault.Suggestion, _ = Nearest(text, n.enum)
	i.add(fault)
	return false
}

func (i *inspection) number(n *node, given any) bool {
	literal, ok := given.(json.Number)
	if !ok {
		return i.wrongType(n, given)
	}
	number, ok := parseNumber(literal.String())
	switch {
	case !ok:
		i.report("must be %s that fits 64 bits, got %s", nameOf(n.kind), excerpt(literal.String()))
	case n.kind == typeInteger && !number.IsInteger():
		i.report("must be a whole number, got %s", excerpt(literal.String()))
	case n.minimum != nil && number.LessThan(*n.minimum):
		i.report("must be at least %s, got %s", n.minimum, excerpt(literal.String()))
	case n.maximum != nil && number.GreaterThan(*n.maximum):
		i.report("must be at most %s, got %s", n.maximum, excerpt(literal.String()))
	case n.kind == typeInteger && !isWhole(number):
		i.report("must be a whole number that fits 64 bits, got %s", excerpt(literal.String()))
	}
	return true
}
