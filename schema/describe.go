package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

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

// asClause turns a description into the part of a sentence: no capital, unless of an abbreviation, and no period.
func asClause(text string) string {
	text = strings.TrimRight(text, ".")
	first, size := utf8.DecodeRuneInString(text)
	if second, _ := utf8.DecodeRuneInString(text[size:]); size == 0 || unicode.IsUpper(second) {
		return text
	}
	return string(unicode.ToLower(first)) + text[size:]
}
