package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// applyTag adds what the tags of a field say. It refuses what calls are not held to, and what is no keyword: most often the
// rest of a pattern after a comma.
func (s *shape) applyTag(tag reflect.StructTag) error {
	s.description = tag.Get("jsonschema_description")
	var defaults []string
	for part := range keywords(tag.Get("jsonschema")) {
		keyword, value, _ := strings.Cut(part, "=")
		var err error
		switch {
		case keyword == "default":
			defaults = append(defaults, value)
		case s.kind != typeArray:
			err = s.applyKeyword(part, keyword, value)
		case keyword == "minItems":
			err = readCount(&s.minItems, value)
		case keyword == "maxItems":
			err = readCount(&s.maxItems, value)
		default:
			err = s.items.applyKeyword(part, keyword, value)
		}
		if err != nil {
			return err
		}
	}
	return s.setDefault(defaults)
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

func (s *shape) applyKeyword(part, keyword, value string) error {
	switch keyword {
	case "minLength", "maxLength", "pattern", "format", "enum":
		if s.kind != typeString {
			return fmt.Errorf("%s of %s is not enforced", keyword, nameOf(s.kind))
		}
		return s.applyText(keyword, value)
	case "minimum", "maximum":
		if s.kind != typeInteger && s.kind != typeNumber {
			return fmt.Errorf("%s of %s is not enforced", keyword, nameOf(s.kind))
		}
		return s.applyBound(keyword, value)
	case "minItems", "maxItems", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems":
		return fmt.Errorf("%s is not enforced", keyword)
	default:
		return fmt.Errorf("the tag says %q, which is no keyword", part)
	}
}

func (s *shape) applyText(keyword, value string) error {
	switch keyword {
	case "minLength":
		return readCount(&s.minLength, value)
	case "maxLength":
		return readCount(&s.maxLength, value)
	case "enum":
		s.enum = append(s.enum, value)
	case "pattern":
		s.pattern = value
	case "format":
		if value != formatDateTime {
			return fmt.Errorf("format %s is not enforced", value)
		}
		s.format = value
	}
	return nil
}

func (s *shape) applyBound(keyword, value string) error {
	if !isNumber(value) {
		return fmt.Errorf("the bound %q is no number", value)
	}
	if keyword == "minimum" {
		s.minimum = value
	} else {
		s.maximum = value
	}
	return nil
}

func readCount(into **uint64, value string) error {
	count, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return fmt.Errorf("the bound %q is no count", value)
	}
	*into = &count
	return nil
}

// setDefault notes the default: of a list all that the tag names, else the last.
func (s *shape) setDefault(defaults []string) error {
	if len(defaults) == 0 {
		return nil
	}
	last := defaults[len(defaults)-1]
	switch s.kind {
	case typeArray:
		s.fallback = appendTexts(nil, defaults)
	case typeString:
		s.fallback = appendString(nil, last)
	default:
		s.fallback = json.RawMessage(last)
	}
	if !json.Valid(s.fallback) {
		return fmt.Errorf("the default %q is not valid", last)
	}
	return nil
}
