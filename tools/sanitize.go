package tools

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/robutlerai/robutler-mcp/internal/plain"
)

// stripInvisible takes out of encoded JSON every character that people cannot see and models can: control, bidi,
// zero-width, tag and private-use characters, in strings of whatever field. Line breaks and tabs stay. It works on
// the bytes, so that no field can be forgotten.
func stripInvisible(encoded []byte) []byte {
	begin := firstInvisible(encoded)
	if begin == len(encoded) {
		return encoded
	}
	clean := append(make([]byte, 0, len(encoded)), encoded[:begin]...)
	for i := begin; i < len(encoded); {
		if encoded[i] == '\\' && i+1 < len(encoded) {
			width := escapeWidth(encoded[i:])
			if visibleEscape(encoded[i : i+width]) {
				clean = append(clean, encoded[i:i+width]...)
			} else {
				width += terminalSequence(encoded[i:i+width], encoded[i+width:])
			}
			i += width
			continue
		}
		r, size := utf8.DecodeRune(encoded[i:])
		if !invisible(r) || joins(r, encoded[:i], encoded[i+size:]) {
			clean = append(clean, encoded[i:i+size]...)
		}
		i += size
	}
	return clean
}

// escapeCharacter begins the sequences that color terminals and more.
const escapeCharacter = `\u001b`

// terminalSequence gives the length of what belongs to an escape character: the rest of a control sequence, or of a
// command up to its end.
func terminalSequence(escape, rest []byte) int {
	if !bytes.EqualFold(escape, []byte(escapeCharacter)) || len(rest) == 0 {
		return 0
	}
	switch rest[0] {
	case '[':
		for i := 1; i < len(rest); i++ {
			if c := rest[i]; c >= '@' && c <= '~' && c != '\\' {
				return i + 1
			} else if c < ' ' || c > '?' || c == '"' {
				return i
			}
		}
	case ']':
		if end := bytes.IndexByte(rest, '\\'); end > 0 && !bytes.ContainsAny(rest[:end], `"`) {
			return end
		}
	}
	return 0
}

// joins reports whether a joiner stands between two characters that it may join: words of several scripts and many
// emoji are not themselves without it.
func joins(r rune, before, after []byte) bool {
	const nonJoiner, joiner, firstJoined = 0x200C, 0x200D, 0x2FF
	if r != nonJoiner && r != joiner {
		return false
	}
	last, _ := utf8.DecodeLastRune(before)
	next, _ := utf8.DecodeRune(after)
	return last > firstJoined && next > firstJoined && !invisible(last) && !invisible(next) && last != utf8.RuneError && next != utf8.RuneError
}

// visible is a text without the characters that [stripInvisible] takes out, and on one line.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if invisible(r) {
			return -1
		}
		return r
	}, text)
}

// firstInvisible gives where the first character stands that is to be taken out, or the end: nearly every result is kept
// as it is.
func firstInvisible(encoded []byte) int {
	for i := 0; i < len(encoded); {
		switch b := encoded[i]; {
		case b == '\\' && i+1 < len(encoded):
			width := escapeWidth(encoded[i:])
			if !visibleEscape(encoded[i : i+width]) {
				return i
			}
			i += width
		case b < ' ' || b >= 0x7f:
			r, width := utf8.DecodeRune(encoded[i:])
			if invisible(r) && !joins(r, encoded[:i], encoded[i+width:]) {
				return i
			}
			i += width
		default:
			i = plain.ASCIIEnd(encoded, i+1, '\\')
		}
	}
	return len(encoded)
}

// escapeWidth is the length of the escape sequence that text starts with.
func escapeWidth(text []byte) int {
	if text[1] == 'u' && len(text) >= 6 {
		return 6
	}
	return 2
}

// visibleEscape reports whether an escape stands for a character that people see, a line break or a tab. Go's encoder
// writes control characters, U+2028, U+2029 and the HTML characters < > & as escapes, and no others.
func visibleEscape(escape []byte) bool {
	if len(escape) == 2 {
		return escape[1] != 'b' && escape[1] != 'f' && escape[1] != 'r'
	}
	var r rune
	for _, digit := range escape[2:] {
		r <<= 4
		switch {
		case digit >= '0' && digit <= '9':
			r |= rune(digit - '0')
		case digit >= 'a' && digit <= 'f':
			r |= rune(digit-'a') + 10
		case digit >= 'A' && digit <= 'F':
			r |= rune(digit-'A') + 10
		}
	}
	return r >= ' ' && !invisible(r)
}

// emojiVariation picks the colored form of a symbol; alone it carries nothing.
const emojiVariation = 0xFE0F

func invisible(r rune) bool {
	switch {
	case r == '\n', r == '\t', r == emojiVariation, r >= ' ' && r < 0x7f:
		return false
	case r == 0x034F, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFFA0:
		return true // fillers that draw nothing
	case r >= 0x180B && r <= 0x180F, r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0000 && r <= 0xE0FFF:
		return true // variation selectors and tags
	default:
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
	}
}
