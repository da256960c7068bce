package client

import (
	"encoding/json"

	"github.com/robutlerai/robutler-mcp/internal/plain"
)

// maxNesting is how deep encoding/json lets values nest.
const maxNesting = 10_000

// validJSON reports whether data is one JSON value by the rules of encoding/json, whose own check takes as long as all else
// that is done with an answer.
func validJSON(data []byte) bool {
	end := validEnd(data, spaces(data, 0), 0)
	return end >= 0 && spaces(data, end) == len(data)
}

// part is a member of an object.
type part struct {
	key, value []byte
	// elements are those of an array, unless there were too many to be kept.
	elements []json.RawMessage
}

// maxMembers bounds the members that are kept of an object: a part takes fifteen times the room of the shortest member, beside
// the elements, of which no more than [maxElements] are kept of all members together. No answer
// of the platform's has nearly as many.
const maxMembers = 1 << 14

// checkedMembers reports whether data is one JSON value, and gives the members where that is an object, in room as far as it
// goes. Long answers are not gone through again to find them. An object of more than [maxMembers] is not gone through to its
// end.
func checkedMembers(room []part, data []byte) (top []part, ok bool) {
	begin := spaces(data, 0)
	if begin == len(data) || data[begin] != '{' {
		return nil, validJSON(data)
	}
	top = room[:0]
	var kept []json.RawMessage // all elements, so that many short arrays need no room each
	end := validNested(data, begin, 0, '}', func(data []byte, at, depth int) int {
		keyEnd, value := validKey(data, at)
		if value < 0 || len(top) == maxMembers {
			return -1
		}
		first, end := len(kept), 0
		if end, kept = checkedElements(kept, data, value, depth); end >= 0 {
			top = append(top, part{plainKey(data[at:keyEnd]), data[value:end], kept[first:len(kept):len(kept)]})
		}
		return end
	})
	if end < 0 || spaces(data, end) != len(data) {
		return top, false
	}
	return top, true
}

// checkedElements gives the place behind a value, as validEnd does, and where that is an array adds its elements to those that are
// kept, if there is room for all of them.
func checkedElements(kept []json.RawMessage, data []byte, at, depth int) (end int, _ []json.RawMessage) {
	if at == len(data) || data[at] != '[' {
		return validEnd(data, at, depth), kept
	}
	before, fit := len(kept), true
	end = validNested(data, at, depth, ']', func(data []byte, at, depth int) int {
		end := validEnd(data, at, depth)
		if end < 0 || !fit {
			return end
		}
		if cap(kept) == 0 {
			kept = roomFor(len(data)-at, end-at)
		}
		if fit = len(kept) < maxElements; fit {
			kept = append(kept, data[at:end:end])
		}
		return end
	})
	if !fit {
		kept = kept[:before]
	}
	return end, kept
}

// The functions below give the place behind what begins at a place, or -1 where that is not what it should be.

func validEnd(data []byte, at, depth int) int {
	if at == len(data) {
		return -1
	}
	switch data[at] {
	case '{':
		return validNested(data, at, depth, '}', validMember)
	case '[':
		return validNested(data, at, depth, ']', validEnd)
	case '"':
		return validString(data, at)
	case 't':
		return validWord(data, at, "true")
	case 'f':
		return validWord(data, at, "false")
	case 'n':
		return validWord(data, at, "null")
	default:
		return validNumber(data, at)
	}
}

func validNested(data []byte, at, depth int, closing byte, part func(data []byte, at, depth int) int) int {
	if depth == maxNesting {
		return -1
	}
	at = spaces(data, at+1)
	if at < len(data) && data[at] == closing {
		return at + 1
	}
	for {
		if at = part(data, at, depth+1); at < 0 {
			return -1
		}
		switch at = spaces(data, at); {
		case at == len(data):
			return -1
		case data[at] == closing:
			return at + 1
		case data[at] != ',':
			return -1
		}
		at = spaces(data, at+1)
	}
}

func validMember(data []byte, at, depth int) int {
	_, value := validKey(data, at)
	if value < 0 {
		return -1
	}
	return validEnd(data, value, depth)
}

// validKey gives the place behind the key of a member and that of its value.
func validKey(data []byte, at int) (end, value int) {
	if at == len(data) || data[at] != '"' {
		return -1, -1
	}
	if end = validString(data, at); end < 0 {
		return -1, -1
	}
	if at = spaces(data, end); at == len(data) || data[at] != ':' {
		return -1, -1
	}
	return end, spaces(data, at+1)
}

func validString(data []byte, at int) int {
	for at = plain.StringEnd(data, at+1); at < len(data); at = plain.StringEnd(data, at) {
		switch data[at] {
		case '"':
			return at + 1
		case '\\':
			_, width := escaped(data[at:min(at+unitWidth, len(data))])
			if width == 0 {
				return -1
			}
			at += width
		default:
			return -1 // a control character
		}
	}
	return -1
}

func validWord(data []byte, at int, word string) int {
	if end := at + len(word); end <= len(data) && string(data[at:end]) == word {
		return end
	}
	return -1
}

func validNumber(data []byte, at int) int {
	if data[at] == '-' {
		at++
	}
	whole := digitsEnd(data, at)
	if whole == at || (data[at] == '0' && whole > at+1) {
		return -1
	}
	at = whole
	if at < len(data) && data[at] == '.' {
		fraction := digitsEnd(data, at+1)
		if fraction == at+1 {
			return -1
		}
		at = fraction
	}
	if at == len(data) || (data[at] != 'e' && data[at] != 'E') {
		return at
	}
	at++
	if at < len(data) && (data[at] == '+' || data[at] == '-') {
		at++
	}
	exponent := digitsEnd(data, at)
	if exponent == at {
		return -1
	}
	return exponent
}

func digitsEnd(data []byte, at int) int {
	for at < len(data) && data[at] >= '0' && data[at] <= '9' {
		at++
	}
	return at
}
