package cli

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// ellipsis ends what was cut.
const ellipsis = "…"

// widthOf tells how many cells of a terminal a text takes up.
func widthOf(text string) int {
	cells := 0
	for _, r := range text {
		cells += widthOfRune(r)
	}
	return cells
}

// widthOfRune errs on the wide side where terminals differ: a table with a gap too much can still be read, one whose
// lines break cannot.
func widthOfRune(r rune) int {
	const pictureForm, firstJoinedJamo, lastJoinedJamo = 0xFE0F, 0x1160, 0x11FF
	switch {
	case r == pictureForm: // makes the narrow sign before it a wide picture
		return 1
	case r >= firstJoinedJamo && r <= lastJoinedJamo, unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// cut shortens a text to what fits into some cells. Marks stay with the character that they are on.
func cut(text string, most int) string {
	if widthOf(text) <= most {
		return text
	}
	if most < 1 {
		return ""
	}
	room := most - widthOf(ellipsis)
	for i, r := range text {
		if room -= widthOfRune(r); room < 0 {
			return strings.TrimRight(text[:i], " \u200d") + ellipsis
		}
	}
	return text
}

// pad fills a text up with spaces, before it where it is to stand on the right.
func pad(text string, cells int, right bool) string {
	space := strings.Repeat(" ", max(cells-widthOf(text), 0))
	if right {
		return space + text
	}
	return text + space
}

// wrap breaks the lines of a text between words where they are too wide; 0 is any width. A word is never broken: it may
// be an address or a key that somebody copies.
func wrap(text string, most int) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if most <= 0 || widthOf(line) <= most {
			lines = append(lines, line)
			continue
		}
		var current strings.Builder
		cells := 0
		for word := range strings.FieldsSeq(line) {
			wide := widthOf(word)
			if cells > 0 && cells+1+wide > most {
				lines = append(lines, current.String())
				current.Reset()
				cells = 0
			}
			if cells > 0 {
				current.WriteByte(' ')
				cells++
			}
			current.WriteString(word)
			cells += wide
		}
		lines = append(lines, current.String())
	}
	return lines
}
