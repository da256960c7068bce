package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// inspection walks a call's tree beside its schema, coerces it, and gathers the faults.
type inspection struct {
	faults []Fault
}

func (i *inspection) report(field, problem string, a ...any) {
	i.faults = append(i.faults, Fault{Field: field, Problem: fmt.Sprintf(problem, a...)})
}

// value coerces and checks a value. It reports whether the value, as returned, may be used.
func (i *inspection) value(n *node, field string, given any) (any, bool) {
	given = coerce(n, given)
	before := len(i.faults)
	switch n.kind {
	case typeObject:
		members, ok := given.(map[string]any)
		if !ok {
			i.wrongType(n, field, given)
			return nil, false
		}
		if n.index == nil {
			return members, true
		}
		// What is valid of an object is kept, so that the rules across its fields can still be checked.
		return i.object(n, field, members), len(i.faults) == before || field == ""
	case typeArray:
		items, ok := given.([]any)
		if !ok {
			i.wrongType(n, field, given)
			return nil, false
		}
		given = i.array(n, field, items)
	case typeString:
		i.text(n, field, given)
	case typeInteger, typeNumber:
		i.number(n, field, given)
	case typeBoolean:
		if _, ok := given.(bool); !ok {
			i.wrongType(n, field, given)
		}
	}
	return given, len(i.faults) == before
}

func (i *inspection) object(n *node, field string, members map[string]any) map[string]any {
	kept := make(map[string]any, len(members))
	for _, p := range n.properties {
		given, present := members[p.name]
		if given == nil || (given == "" && len(p.node.enum) > 0 && !p.required) {
			present = false // null stands for absent, and so does an empty choice
		}
		if !present {
			switch {
			case p.required:
				i.missing(p, join(field, p.name))
			case p.node.fallback != nil:
				kept[p.name] = p.node.fallback
			}
			continue
		}
		if value, ok := i.value(p.node, join(field, p.name), given); ok {
			kept[p.name] = value
		}
	}
	if n.closed {
		i.unknown(n, field, members)
	}
	return kept
}

func (i *inspection) missing(p property, field string) {
	problem := "is required"
	if p.node.description != "" {
		problem += ": " + strings.TrimRight(lowerFirst(p.node.description), ".")
	}
	i.faults = append(i.faults, Fault{Field: field, Problem: problem, ValidValues: enumTexts(p.node)})
}

// unknown reports the members that the schema does not have. A null one says nothing and does no harm.
func (i *inspection) unknown(n *node, field string, members map[string]any) {
	var strangers []string
	for name := range members {
		if _, known := n.index[name]; !known {
			strangers = append(strangers, name)
		}
	}
	sort.Strings(strangers)
	for position, name := range strangers {
		valid := n.names()
		fault := Fault{Problem: fmt.Sprintf("unknown argument %q", excerpt(join(field, name))), ValidValues: valid}
		fault.Suggestion, _ = Nearest(name, valid)
		switch {
		case position > 0: // they are listed once
		case len(valid) == 0:
			fault.Problem += "; this takes no arguments"
		default:
			fault.Problem += "; the arguments are " + strings.Join(valid, ", ")
		}
		i.faults = append(i.faults, fault)
	}
}

func (i *inspection) array(n *node, field string, items []any) []any {
	if len(items) < n.minItems {
		i.report(field, "must have at least %d items, got %d", n.minItems, len(items))
	}
	if n.maxItems > 0 && len(items) > n.maxItems {
		i.report(field, "must have at most %d items, got %d", n.maxItems, len(items))
		items = items[:n.maxItems]
	}
	if n.items == nil {
		return items
	}
	kept := make([]any, 0, len(items))
	for index, item := range items {
		if value, ok := i.value(n.items, fmt.Sprintf("%s[%d]", field, index), item); ok {
			kept = append(kept, value)
		}
	}
	return kept
}

func (i *inspection) text(n *node, field string, given any) {
	text, ok := given.(string)
	if !ok {
		i.wrongType(n, field, given)
		return
	}
	if len(n.enum) > 0 {
		i.enum(n, field, text)
		return
	}
	length := utf8.RuneCountInString(text)
	switch {
	case length < n.minLength && length == 0:
		i.report(field, "must not be empty")
	case length < n.minLength:
		i.report(field, "must have at least %d characters, got %d", n.minLength, length)
	case n.maxLength > 0 && length > n.maxLength:
		i.report(field, "must have at most %d characters, got %d", n.maxLength, length)
	}
	if n.pattern != nil && length > 0 && !n.pattern.MatchString(text) {
		expected := "must match " + n.pattern.String()
		if n.description != "" {
			expected = "does not fit: " + strings.TrimRight(lowerFirst(n.description), ".")
		}
		i.report(field, "%s, got %q", expected, excerpt(text))
	}
}

func (i *inspection) enum(n *node, field, text string) {
	if slices.Contains(n.enum, any(text)) {
		return
	}
	valid := enumTexts(n)
	fault := Fault{
		Field: field, ValidValues: valid,
		Problem: fmt.Sprintf("must be one of %s, got %q", strings.Join(valid, ", "), excerpt(text)),
	}
	if len(valid) == 1 {
		fault.Problem = fmt.Sprintf("must be %s, got %q", valid[0], excerpt(text))
	}
	fault.Suggestion, _ = Nearest(text, valid)
	i.faults = append(i.faults, fault)
}

func enumTexts(n *node) []string {
	var texts []string
	for _, value := range n.enum {
		texts = append(texts, fmt.Sprint(value))
	}
	return texts
}

func (i *inspection) number(n *node, field string, given any) {
	literal, ok := given.(json.Number)
	if !ok {
		i.wrongType(n, field, given)
		return
	}
	number, ok := parseNumber(literal.String())
	if !ok {
		i.report(field, "must be %s that fits 64 bits, got %s", nameOf(n.kind), excerpt(literal.String()))
		return
	}
	switch {
	case n.kind == typeInteger && (!number.IsInteger() || !number.BigInt().IsInt64()):
		i.report(field, "must be a whole number, got %s", excerpt(literal.String()))
	case n.minimum != nil && number.LessThan(*n.minimum):
		i.report(field, "must be at least %s, got %s", n.minimum, excerpt(literal.String()))
	case n.maximum != nil && number.GreaterThan(*n.maximum):
		i.report(field, "must be at most %s, got %s", n.maximum, excerpt(literal.String()))
	}
}

func (i *inspection) wrongType(n *node, field string, given any) {
	i.report(field, "must be %s, got %s", nameOf(n.kind), describe(given))
}

// nameOf names a type as people do.
func nameOf(kind string) string {
	switch kind {
	case typeObject:
		return "an object"
	case typeArray:
		return "a list"
	case typeString:
		return "a text"
	case typeInteger:
		return "a whole number"
	case typeNumber:
		return "a number"
	case typeBoolean:
		return "true or false"
	default:
		return "a value"
	}
}

// describe says what was given: a short scalar itself, of anything larger its kind.
func describe(given any) string {
	switch value := given.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the text %q", excerpt(value))
	case json.Number:
		return excerpt(value.String())
	case bool:
		return strconv.FormatBool(value)
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

// maxExcerpt bounds what a fault quotes of a value, in characters.
const maxExcerpt = 40

// excerpt gives the start of a text without what cannot be seen.
func excerpt(text string) string {
	var b strings.Builder
	count := 0
	for _, r := range text {
		if count == maxExcerpt {
			b.WriteString("...")
			break
		}
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			count++
		}
	}
	return b.String()
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

func lowerFirst(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	if second, _ := utf8.DecodeRuneInString(text[size:]); unicode.IsUpper(second) {
		return text // an abbreviation
	}
	return string(unicode.ToLower(r)) + text[size:]
}
