// Package plain goes fast through the plain parts of texts, which is most of them: it looks at eight bytes at a time, each of
// which has its highest bit set by what is sought in it.
package plain

import "math/bits"

const (
	ones    = 0x0101010101010101
	highest = 0x8080808080808080
	// width is how many bytes are looked at at a time.
	width      = 8
	bitsOfByte = 8
)

// StringEnd gives the place of the first byte from at on that is not plain within a JSON string: a quote, a backslash or a control
// character. Without one it gives the length of the text.
func StringEnd(text []byte, at int) int {
	for ; at+width <= len(text); at += width {
		word := load(text, at)
		quote, backslash := word^('"'*ones), word^('\\'*ones)
		if found := (below(word, ' ') | (quote-ones)&^quote | (backslash-ones)&^backslash) & highest; found != 0 {
			return at + first(found)
		}
	}
	for at < len(text) && text[at] >= ' ' && text[at] != '"' && text[at] != '\\' {
		at++
	}
	return at
}

// ASCIIEnd gives the place of the first byte from at on that is no visible character of ASCII and no space, or that is stop; 0, which
// is neither, stands for no other. Without one it gives the length of the text.
func ASCIIEnd[T ~string | ~[]byte](text T, at int, stop byte) int {
	for ; at+width <= len(text); at += width {
		word := load(text, at)
		deleted, stopping := word^(0x7f*ones), word^(uint64(stop)*ones)
		if found := (word | below(word, ' ') | (deleted-ones)&^deleted | (stopping-ones)&^stopping) & highest; found != 0 {
			return at + first(found)
		}
	}
	for at < len(text) && text[at] >= ' ' && text[at] < 0x7f && text[at] != stop {
		at++
	}
	return at
}

// load gives eight bytes, the first of which is the lowest.
func load[T ~string | ~[]byte](text T, at int) uint64 {
	part := text[at : at+width]
	return uint64(part[0]) | uint64(part[1])<<8 | uint64(part[2])<<16 | uint64(part[3])<<24 |
		uint64(part[4])<<32 | uint64(part[5])<<40 | uint64(part[6])<<48 | uint64(part[7])<<56
}

// below marks the bytes of ASCII below a bound; above the first of those, other bytes too.
func below(word uint64, bound byte) uint64 { return (word - uint64(bound)*ones) & ^word }

// first gives which byte is the first that is marked. Those behind it may be marked in error: what is taken away from it may be
// borrowed from them.
func first(marked uint64) int { return bits.TrailingZeros64(marked) / bitsOfByte }
