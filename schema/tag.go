package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// tagged is what the tags of a field are about: its type in JSON and, of a list, that of its items.
type tagged struct{ kind, items string }

// check refuses in a tag what calls are not held to, what the reflector drops without a word, and what is no keyword: most
// often the rest of a pattern after a comma.
func (t tagged) check(tag string) error {
	for part := range keywords(tag) {
		keyword, value, _ := strings.Cut(part, "=")
		var err error
		switch {
		case t.kind == typeArray && strings.Contains(value, "="):
			err = fmt.Errorf("%s of a list cannot hold an equals sign", keyword)
		case keyword == "default":
			err = checkDefault(t.kind, value)
		case t.kind != typeArray:
			err = checkKeyword(t.kind, part)
		case keyword == "minItems" || keyword == "maxItems":
			err = checkCount(value)
		default:
			err = checkKeyword(t.items, part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keywords splits a tag at its commas, but for those behind a backslash.
func keywords(tag string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for tag != "" {
			part, rest, _ := strings.Cut(tag, ",")
			for strings.HasSuffix(part, `\`) {
				var more string
				more, rest, _ = strings.Cut(rest, ",")
				part = strings.TrimSuffix(part, `\`) + "," + more
			}
			if part != "" && !yield(part) {
				return
			}
			tag = rest
		}
	}
}

// checkKeyword refuses a keyword that says nothing of a type in JSON.
func checkKeyword(kind, part string) error {
	keyword, value, _ := strings.Cut(part, "=")
	switch keyword {
	case "minLength", "maxLength", "pattern", "format", "enum":
		if kind != typeString {
			return fmt.Errorf("%s of %s is not enforced", keyword, nameOf(kind))
		}
		if strings.HasSuffix(keyword, "Length") {
			return checkCount(value)
		}
		return nil
	case "minimum", "maximum":
		if kind != typeInteger && kind != typeNumber {
			return fmt.Errorf("%s of %s is not enforced", keyword, nameOf(kind))
		}
		if !isNumber(value) {
			return fmt.Errorf("the bound %q is no number", value)
		}
		return nil
	case "minItems", "maxItems", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems":
		return fmt.Errorf("%s is not enforced", keyword)
	default:
		return fmt.Errorf("the tag says %q, which is no keyword", part)
	}
}

func checkCount(value string) error {
	if _, err := strconv.ParseUint(value, 10, 64); err != nil {
		return fmt.Errorf("the bound %q is no count", value)
	}
	return nil
}

func checkDefault(kind, value string) error {
	fits := true
	switch kind {
	case typeInteger, typeNumber:
		fits = isNumber(value)
	case typeBoolean:
		fits = value == "true" || value == "false"
	case typeObject, "":
		return fmt.Errorf("the default of %s is not kept", nameOf(kind))
	}
	if !fits {
		return fmt.Errorf("the default %q is not valid", value)
	}
	return nil
}
