package client

import (
	"encoding/binary"
	"math/bits"
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
type part struct{ key, value []byte }

// maxMembers bounds the members that are kept of an object: a part takes ten times the room of the shortest member. No answer
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
	end := validNested(data, begin, 0, '}', func(data []byte, at, depth int) int {
		keyEnd, value := validKey(data, at)
		if value < 0 || len(top) == maxMembers {
			return -1
		}
		end := validEnd(data, value, depth)
		if end >= 0 {
			top = append(top, part{plainKey(data[at:keyEnd]), data[value:end]})
		}
		return end
	})
	if end < 0 || spaces(data, end) != len(data) {
		return top, false
	}
	return top, true
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
	for at = plainEnd(data, at+1); at < len(data); at = plainEnd(data, at) {
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

// plainEnd gives the place of the first byte from at on that is not plain within a string: a quote, a backslash or a control
// character. It looks at eight bytes at a time, each of which has its highest bit set by what is sought in it.
func plainEnd(data []byte, at int) int {
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	for ; at+8 <= len(data); at += 8 {
		word := binary.LittleEndian.Uint64(data[at:])
		quote, backslash := word^('"'*ones), word^('\\'*ones)
		control := (word - ' '*ones) & ^word
		found := (control | (quote-ones)&^quote | (backslash-ones)&^backslash) & highest
		if found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(data) && data[at] >= ' ' && data[at] != '"' && data[at] != '\\' {
		at++
	}
	return at
}
