package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep arguments may nest.
const maxDepth = 64

// whiteSpace is what JSON takes for it.
const whiteSpace = " \t\r\n"

var errNotJSON = errors.New("the arguments are not valid JSON")

// parse reads arguments into a tree of map[string]any, []any, string, json.Number, bool and nil. Unlike encoding/json
// it refuses a member that comes twice, since two readers could see two different calls, and text that would have to
// be altered to be read.
func parse(arguments json.RawMessage) (any, error) {
	if !utf8.Valid(arguments) {
		return nil, errors.New("the arguments are not valid UTF-8")
	}
	// The tree's texts are parts of one copy: the caller may change the arguments.
	r := &reader{text: strings.Trim(string(arguments), whiteSpace)}
	if r.text == "" {
		return nil, nil //nolint:nilnil // no arguments
	}
	if !json.Valid(arguments) {
		return nil, errNotJSON
	}
	return r.value(0)
}

// reader walks a text that is known to be valid JSON, so that it has to find borders only.
type reader struct {
	text     string
	position int
}

// next skips white space and gives the character behind it.
func (r *reader) next() byte {
	for strings.IndexByte(whiteSpace, r.text[r.position]) >= 0 {
		r.position++
	}
	return r.text[r.position]
}

func (r *reader) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("the arguments nest deeper than %d levels", maxDepth)
	}
	switch r.next() {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		return r.string()
	case 't':
		r.position += len("true")
		return true, nil
	case 'f':
		r.position += len("false")
		return false, nil
	case 'n':
		r.position += len("null")
		return nil, nil //nolint:nilnil // null
	default:
		return r.number(), nil
	}
}

func (r *reader) object(depth int) (any, error) {
	members := map[string]any{}
	for r.more('}') {
		r.next()
		name, err := r.string()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("%q is given twice", excerpt(name))
		}
		r.next()
		r.position++ // the colon
		if members[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return members, nil
}

func (r *reader) array(depth int) (any, error) {
	items := []any{}
	for r.more(']') {
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// more steps over the opening character, a comma or the closing one, and reports whether another value follows.
func (r *reader) more(closing byte) bool {
	opening := r.next() != ',' && r.text[r.position] != closing
	if r.text[r.position] == closing {
		r.position++
		return false
	}
	r.position++
	if opening && r.next() == closing {
		r.position++
		return false
	}
	return true
}

func (r *reader) number() json.Number {
	start := r.position
	for r.position < len(r.text) && strings.IndexByte("+-.0123456789eE", r.text[r.position]) >= 0 {
		r.position++
	}
	return json.Number(r.text[start:r.position])
}

func (r *reader) string() (string, error) {
	start := r.position
	r.position++
	escaped := false
	for r.text[r.position] != '"' {
		if r.text[r.position] == '\\' {
			escaped = true
			r.position++
		}
		r.position++
	}
	r.position++
	quoted := r.text[start:r.position]
	if !escaped {
		return quoted[1 : len(quoted)-1], nil
	}
	if hasHalfCharacter(quoted) {
		return "", errors.New(`the arguments hold half a character (one \u escape of a pair)`)
	}
	var text string
	if err := json.Unmarshal([]byte(quoted), &text); err != nil {
		return "", errNotJSON
	}
	return text, nil
}

// hasHalfCharacter reports whether a quoted text has a surrogate escape without its other half, which decoders replace
// by another character without a word.
func hasHalfCharacter(quoted string) bool {
	const length = 6 // of \uXXXX
	for i := 0; i < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		first := escapedRune(quoted[i:])
		switch {
		case !utf16.IsSurrogate(first):
			i++
		case utf16.DecodeRune(first, escapedRune(quoted[i+length:])) == utf8.RuneError:
			return true
		default:
			i += 2*length - 1
		}
	}
	return false
}

// escapedRune gives the character that a text's first escape stands for, or -1 when it starts with none of \uXXXX.
func escapedRune(text string) rune {
	const start, length, hexadecimal, bits = 2, 6, 16, 32
	if len(text) < length || text[:start] != `\u` {
		return -1
	}
	code, err := strconv.ParseInt(text[start:length], hexadecimal, bits)
	if err != nil {
		return -1
	}
	return rune(code)
}
