package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/robutlerai/robutler-mcp/schema"
	"github.com/robutlerai/robutler-mcp/tools"
)

// callArguments turns name=value pairs into a JSON object, and gives all that cannot be. A name that comes twice makes a
// list; the tool's schema turns the words into numbers and booleans where those are wanted.
func callArguments(pairs []string, object string) (json.RawMessage, []schema.Fault) {
	var faults []schema.Fault
	values := map[string]json.RawMessage{}
	if object != "" {
		if err := json.Unmarshal([]byte(object), &values); err != nil || values == nil {
			faults = append(faults, schema.Fault{Problem: "--args must be a JSON object: " + whyNoObject(object, err)})
			values = map[string]json.RawMessage{}
		} else {
			faults = append(faults, givenTwice(object)...)
		}
	}
	words := map[string][]string{}
	for _, pair := range pairs {
		name, value, found := strings.Cut(pair, "=")
		if !found || name == "" {
			faults = append(faults, schema.Fault{Field: pair, Problem: "must look like name=value"})
			continue
		}
		words[name] = append(words[name], value)
	}
	for _, name := range slices.Sorted(maps.Keys(words)) {
		if _, both := values[name]; both {
			faults = append(faults, schema.Fault{Field: name, Problem: "is given in --args and as " + name + "=value: leave out one of them"})
			continue
		}
		given := words[name]
		var value any = given
		if len(given) == 1 {
			value = given[0]
		}
		values[name], _ = json.Marshal(value) // words never fail to be
	}
	encoded, err := json.Marshal(values)
	if err != nil {
		faults = append(faults, schema.Fault{Problem: "the arguments cannot be encoded"})
	}
	return encoded, faults
}

// givenTwice gives the members that come twice in an object: readers differ in which of them counts. Those of objects in
// it are found by the tool's schema.
func givenTwice(object string) []schema.Fault {
	var faults []schema.Fault
	seen := map[json.Token]bool{}
	decoder := json.NewDecoder(strings.NewReader(object))
	_, err := decoder.Token() // the brace
	for err == nil && decoder.More() {
		var name json.Token
		var value json.RawMessage
		if name, err = decoder.Token(); err == nil {
			err = decoder.Decode(&value)
		}
		if seen[name] {
			faults = append(faults, schema.Fault{Field: fmt.Sprint(name), Problem: "is given twice in --args"})
		}
		seen[name] = true
	}
	return faults
}

// whyNoObject says what a text is in place of a JSON object, or where it ceases to be JSON.
func whyNoObject(text string, err error) string {
	const shown = 24
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return "this is " + kindOf(strings.TrimSpace(text))
	}
	read := []rune(text[:min(int(syntax.Offset), len(text))])
	if utf8.RuneCountInString(text) > len(read) || !strings.Contains(syntax.Error(), "unexpected end") {
		read = read[:max(len(read)-1, 0)] // the last one is what is wrong
	}
	where := "at its beginning"
	if len(read) > 0 {
		where = "after " + plainText(string(read[max(len(read)-shown, 0):]))
	}
	return syntax.Error() + ", " + where
}

// kindOf names what valid JSON is that is no object.
func kindOf(text string) string {
	switch text[0] {
	case '[':
		return "an array"
	case '"':
		return "a string"
	default:
		return text
	}
}

// refuseTyped tells all that is wrong with a call that cannot even be made: what was typed, and what the tool itself finds
// in the rest.
func refuseTyped(streams Streams, made madeCall, faults []schema.Fault) error {
	if err := made.settings.LoadWithoutKey(made.flags, streams.Environment); err != nil {
		return usage(err)
	}
	made.catalog = wholeCatalog()
	tool, err := made.catalog.Find(made.tool)
	if err != nil {
		return fail(streams, made, tools.Explain(err))
	}
	made.badObject = slices.ContainsFunc(faults, func(f schema.Fault) bool { return strings.HasPrefix(f.Problem, "--args") })
	if !made.badObject { // else nobody knows what is missing
		faults = append(faults, furtherFaults(tool, made.arguments, faults)...)
	}
	return fail(streams, made, tools.Explain(fmt.Errorf("read the command line: %w", &schema.ArgumentError{Faults: faults})))
}

// furtherFaults gives what the tool finds, but for arguments that are known to be at fault.
func furtherFaults(tool tools.Tool, arguments json.RawMessage, known []schema.Fault) []schema.Fault {
	_, err := schema.Bind[map[string]any](tool.Input, arguments)
	found, ok := errors.AsType[*schema.ArgumentError](err)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(found.Faults, func(f schema.Fault) bool {
		return slices.ContainsFunc(known, func(k schema.Fault) bool { return k.Field != "" && k.Field == f.Field })
	})
}

// answers reports whether a tool gives an agent's answer, which comes in parts. Of an unknown one something else is said.
func answers(name string) bool {
	tool, err := wholeCatalog().Find(name)
	if err != nil {
		return true
	}
	var output struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	return json.Unmarshal(tool.Output.JSON(), &output) == nil && output.Properties[answerMember] != nil
}
