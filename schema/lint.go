package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of the lint: what one model vendor or another does not take, or what models read badly.
const (
	lintMaxDepth          = 3
	lintMinDescription    = 10
	lintMaxDescription    = 200
	lintOutputMaxDepth    = 5
	lintDepthOfTypes      = 64 // what Go types nest is judged by the others
	lintPropertyNameShape = `^[a-z][a-z0-9_]{0,63}$`
)

// LintInput reports, a line each, what is wrong with the input schema of a tool: everything of [LintOutput], a
// property without a description, and a string, number or list without bounds.
func LintInput(raw json.RawMessage) []string {
	l := newLinter(lintMaxDepth)
	l.input, l.words = true, true
	l.root(raw)
	return l.findings
}

// LintOutput reports, a line each, what is wrong with the output schema of a tool: references, unions, boolean
// schemas, lists without items, open objects, odd names and formats, texts beyond ASCII, too much depth.
func LintOutput(raw json.RawMessage) []string {
	l := newLinter(lintOutputMaxDepth)
	l.words = true
	l.root(raw)
	return l.findings
}

// lintStructure reports only what no schema of this package may have.
func lintStructure(raw json.RawMessage) []string {
	l := newLinter(lintDepthOfTypes)
	l.root(raw)
	return l.findings
}

type linter struct {
	findings []string
	maxDepth int
	input    bool // bounds and descriptions are wanted
	words    bool // names, formats and texts are judged
	names    *regexp.Regexp
}

func newLinter(maxDepth int) *linter {
	return &linter{maxDepth: maxDepth, names: regexp.MustCompile(lintPropertyNameShape)}
}

func (l *linter) find(path, format string, a ...any) {
	if path == "" {
		path = "schema"
	}
	l.findings = append(l.findings, path+": "+fmt.Sprintf(format, a...))
}

func (l *linter) root(raw json.RawMessage) {
	members := l.members("", raw)
	if members == nil {
		return
	}
	if string(members["type"]) != `"object"` {
		l.find("", "the root must be of type object")
	}
	l.schema("", raw, 0)
}

// members reads a schema, which must be an object: boolean schemas break whole tool lists.
func (l *linter) members(path string, raw json.RawMessage) map[string]json.RawMessage {
	if trimmed := bytes.TrimSpace(raw); len(trimmed) == 0 || trimmed[0] != '{' {
		l.find(path, "the schema is not an object")
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		l.find(path, "the schema is not valid JSON")
		return nil
	}
	return members
}

// barred are the keywords that one vendor or another rejects or ignores.
func barred() []string {
	return []string{
		"$ref", "$defs", "definitions", "$schema", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$comment",
		"anyOf", "oneOf", "allOf", "not", "if", "then", "else", "const", "nullable",
		"patternProperties", "dependentSchemas", "dependentRequired", "propertyNames", "unevaluatedProperties",
		"minProperties", "maxProperties", "prefixItems", "additionalItems", "unevaluatedItems", "contains", "minContains",
		"maxContains",
	}
}

func (l *linter) schema(path string, raw json.RawMessage, depth int) {
	members := l.members(path, raw)
	if members == nil {
		return
	}
	if depth > l.maxDepth {
		l.find(path, "it nests deeper than %d levels", l.maxDepth)
		return
	}
	for _, keyword := range barred() {
		if _, used := members[keyword]; used {
			l.find(path, "the keyword %s is not taken by every vendor", keyword)
		}
	}
	var kind string
	if json.Unmarshal(members["type"], &kind) != nil && members["type"] != nil {
		l.find(path, "the type must be one name")
	}
	l.enum(path, members)
	if l.words {
		l.description(path, members, depth)
		l.format(path, members)
	}
	switch kind {
	case typeObject:
		l.object(path, members, depth)
	case typeArray:
		l.array(path, members, depth)
	case typeString:
		if l.input && members["maxLength"] == nil && members["enum"] == nil {
			l.find(path, "a string needs maxLength or enum")
		}
	case typeInteger, typeNumber:
		if l.input && (members["minimum"] == nil || members["maximum"] == nil) {
			l.find(path, "a number needs minimum and maximum")
		}
	}
}

func (l *linter) description(path string, members map[string]json.RawMessage, depth int) {
	var text string
	_ = json.Unmarshal(members["description"], &text) // absent or no string: empty
	length := utf8.RuneCountInString(text)
	wanted := l.input && depth > 0 && !strings.HasSuffix(path, "[]") && !strings.HasSuffix(path, "{}")
	switch {
	case length == 0 && wanted:
		l.find(path, "it has no description")
	case length > lintMaxDescription || (length < lintMinDescription && wanted):
		l.find(path, "its description has %d characters, not %d to %d", length, lintMinDescription, lintMaxDescription)
	}
	if containsBeyondASCII(text) {
		l.find(path, "its description has characters beyond ASCII")
	}
}

// format refuses what clients do not know: some throw at the whole list for it.
func (l *linter) format(path string, members map[string]json.RawMessage) {
	var name string
	_ = json.Unmarshal(members["format"], &name) // absent or no string: empty
	switch name {
	case "", "date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid":
	default:
		l.find(path, "the format %q is not known to every client", name)
	}
}

// enum refuses an empty choice, which nothing fits, and one that offers a value twice.
func (l *linter) enum(path string, members map[string]json.RawMessage) {
	raw, given := members["enum"]
	if !given {
		return
	}
	var values []any
	if json.Unmarshal(raw, &values) != nil || len(values) == 0 {
		l.find(path, "the enum is not a list of values")
	}
	seen := map[string]bool{}
	for _, value := range values {
		text := fmt.Sprint(value)
		if seen[text] {
			l.find(path, "the enum has %q twice", text)
		}
		seen[text] = true
	}
}

func containsBeyondASCII(text string) bool {
	for _, r := range text {
		if r > unicode.MaxASCII {
			return true
		}
	}
	return false
}

func (l *linter) object(path string, members map[string]json.RawMessage, depth int) {
	raw, fixed := members["properties"]
	if !fixed {
		if l.input {
			l.find(path, "a free-form object is not checked")
		}
		if values, typed := members["additionalProperties"]; typed && string(values) != "false" {
			l.schema(path+"{}", values, depth+1)
		}
		return
	}
	if string(members["additionalProperties"]) != "false" {
		l.find(path, "additionalProperties must be false")
	}
	var properties map[string]json.RawMessage
	if json.Unmarshal(raw, &properties) != nil {
		l.find(path, "properties is not an object")
		return
	}
	var required []string
	_ = json.Unmarshal(members["required"], &required) // absent: empty
	for _, name := range required {
		if _, known := properties[name]; !known {
			l.find(path, "required names %q, which is no property", name)
		}
	}
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		child := join(path, name)
		if l.words && !l.names.MatchString(name) {
			l.find(child, "the name must be of a-z, 0-9 and _")
		}
		l.schema(child, properties[name], depth+1)
	}
}

func (l *linter) array(path string, members map[string]json.RawMessage, depth int) {
	items, ok := members["items"]
	if !ok {
		l.find(path, "a list needs items")
		return
	}
	if l.input && members["maxItems"] == nil {
		l.find(path, "a list needs maxItems")
	}
	l.schema(path+"[]", items, depth+1)
}
