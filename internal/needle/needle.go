// Package needle looks for a text in others that hardly ever hold it, such as a key in what is shown.
package needle

import (
	"bytes"
	"strings"
)

// Index gives where a text first holds another one, or -1, as [strings.Index] does. It is several times as fast for texts in
// JSON whose first letters are frequent in it, as those of words and keys are: it looks for their rarest byte.
func Index(text, wanted string) int {
	return index(text, wanted, strings.IndexByte, strings.Index)
}

// In reports whether bytes hold a text.
func In(text []byte, wanted string) bool {
	return index(text, wanted, bytes.IndexByte, func(text []byte, wanted string) int { return bytes.Index(text, []byte(wanted)) }) >= 0
}

// index looks with the functions of a library for the kind of text.
func index[T ~string | ~[]byte](text T, wanted string, indexByte func(T, byte) int, usual func(T, string) int) int {
	rare := rarest(wanted)
	if rare < 0 {
		return 0
	}
	astray := 0
	for at := rare; at < len(text); at++ {
		found := indexByte(text[at:], wanted[rare])
		if found < 0 {
			return -1
		}
		at += found
		begin := at - rare
		if end := begin + len(wanted); end <= len(text) && string(text[begin:end]) == wanted {
			return begin
		}
		astray++
		if astray > patience+at/64 {
			return further(text, begin+1, wanted, usual)
		}
	}
	return -1
}

// further looks behind a place in the library's way.
func further[T ~string | ~[]byte](text T, begin int, wanted string, usual func(T, string) int) int {
	found := usual(text[begin:], wanted)
	if found < 0 {
		return -1
	}
	return begin + found
}

// patience is how many times the rare byte may lead astray before the library's way is the faster one, which is never slow.
const patience = 16

// rarest gives the place of the byte of a text that is rarest in JSON; -1 where there is none.
func rarest(text string) int {
	best := -1
	for i := range len(text) {
		if best < 0 || frequency(text[i]) < frequency(text[best]) {
			best = i
		}
	}
	return best
}

// frequency ranks bytes by how often JSON of names, ids and English text has them.
func frequency(b byte) int {
	switch b {
	case ' ', '"', 'e', 't', 'a', 'o', 'i', 'n', 's', 'r':
		return 5
	case ',', ':', 'h', 'l', 'd', 'c', 'u', 'm', '0', '1', '2':
		return 4
	case 'f', 'g', 'p', 'b', 'y', 'w', '-', '.', '/', '3', '4', '5', '6', '7', '8', '9':
		return 3
	case 'v', 'k', 'x', '{', '}', 'A', 'I', 'S', 'T':
		return 2
	default:
		if b >= 'A' && b <= 'Z' {
			return 1
		}
		return 0
	}
}
