package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxSuggestions bounds for how many unknown names of a call a likely one is looked for.
const maxSuggestions = 20

func (i *inspection) object(n *node, given any) bool {
	members, ok := given.(map[string]any)
	if !ok {
		return i.wrongType(n, given)
	}
	if n.index == nil {
		return i.open(n, members)
	}
	i.out = append(i.out, '{')
	for _, p := range n.properties {
		value := members[p.name]
		if value == "" && p.node.refusesNone && !p.required {
			value = nil // an empty choice stands for absent, and so does null
		}
		switch {
		case value != nil:
			start := i.member(p.name)
			i.inside(step{name: p.name}, p.node, value, start)
		case p.required:
			i.missing(p)
		case p.node.fallback != nil:
			i.member(p.name)
			i.out = append(i.out, p.node.fallback...)
		}
	}
	i.out = append(i.out, '}')
	if n.closed {
		i.unknown(n, members)
	}
	return true
}

// open checks an object whose names are free and whose values may not be.
func (i *inspection) open(n *node, members map[string]any) bool {
	if n.values == nil {
		return true
	}
	i.out = append(i.out, '{')
	for _, name := range slices.Sorted(maps.Keys(members)) {
		start := i.member(name)
		i.inside(step{name: excerpt(name)}, n.values, members[name], start)
	}
	i.out = append(i.out, '}')
	return true
}

// member writes what stands before a member's value and gives where it starts.
func (i *inspection) member(name string) int {
	start := i.separate()
	i.out = append(appendString(i.out, name), ':')
	return start
}

func (i *inspection) missing(p property) {
	expected := p.node.description
	if expected == "" {
		expected = nameOf(p.node.kind)
	}
	if len(p.node.enum) > 0 {
		expected += " (one of " + strings.Join(p.node.enum, ", ") + ")"
	}
	i.path = append(i.path, step{name: p.name})
	i.add(Fault{Problem: "is required: " + expected, ValidValues: slices.Clone(p.node.enum)})
	i.path = i.path[:len(i.path)-1]
}

// unknown reports the members that the schema does not have.
func (i *inspection) unknown(n *node, members map[string]any) {
	var strangers []string
	for name := range members {
		if _, known := n.index[name]; !known {
			strangers = append(strangers, name)
		}
	}
	if len(strangers) == 0 {
		return
	}
	slices.Sort(strangers)
	valid, above := n.names(), i.field()
	path := i.path
	i.path = nil // the problem itself says where
	for position, name := range strangers {
		fault := Fault{Problem: fmt.Sprintf("unknown argument %q", excerpt(join(above, name))), ValidValues: valid}
		if position < maxSuggestions {
			fault.Suggestion, _ = Nearest(name, valid)
		}
		switch {
		case position > 0: // they are listed once
		case len(valid) == 0:
			fault.Problem += "; this takes no arguments"
		default:
			fault.Problem += "; the arguments are " + strings.Join(valid, ", ")
		}
		i.add(fault)
	}
	i.path = path
}
