package cli

import (
	"fmt"
	"strings"
)

const (
	// columnGap is the space between columns.
	columnGap = 2
	// mostColumns is how many columns a person still takes in at a terminal.
	mostColumns = 8
	// narrowText is the narrowest that a text is cut to; where there is less room its column is left out.
	narrowText = 16
	// wideName and wideText are what names and texts get before others do.
	wideName, wideText = 24, 40
)

// table shows rows of a list, as many columns as fit.
func (p *page) table(indent, name string, rows [][]member) {
	all := columnsOf(rows)
	room := p.width
	if room > 0 {
		room = max(room-len(indent), 1)
	}
	columns, leftOut := fit(all, room)
	fmt.Fprintf(p, "%s%s (%d)\n", indent, name, len(rows))
	if len(columns) == 0 {
		return
	}
	headers := make([]string, len(columns))
	for i := range columns {
		headers[i] = columns[i].header()
	}
	p.WriteString(indent + p.bold(lineOf(columns, headers)) + "\n")
	cells := make([]string, len(columns))
	for row := range rows {
		for i := range columns {
			cells[i] = columns[i].cells[row]
		}
		p.WriteString(indent + lineOf(columns, cells) + "\n")
	}
	if len(leftOut) > 0 {
		p.paragraph(indent, "Left out: "+strings.Join(leftOut, ", ")+". All of it: --output json.")
	}
}

// lineOf aligns cells, cut to their columns.
func lineOf(columns []column, cells []string) string {
	var line strings.Builder
	for i, c := range columns {
		if i > 0 {
			line.WriteString(strings.Repeat(" ", columnGap))
		}
		line.WriteString(pad(cut(cells[i], c.wide), c.wide, c.right))
	}
	return strings.TrimRight(line.String(), " ")
}

// fit chooses the columns for which there is room, and their widths; 0 is room for all. The first is always shown. It
// tells the names of those that are left out.
func fit(all []column, room int) (columns []column, leftOut []string) {
	if room <= 0 {
		return all, nil
	}
	var wanted []int
	left := room
	for i, c := range all {
		gap := columnGap
		if i == 0 {
			gap = 0
		}
		least := c.wide
		if !c.whole {
			least = min(c.wide, narrowText)
		}
		if i > 0 && (least+gap > left || len(columns) == mostColumns) {
			leftOut = append(leftOut, c.name)
			continue
		}
		wanted = append(wanted, c.wide)
		c.wide = min(c.firstShare(), max(left-gap, 1))
		left -= c.wide + gap
		columns = append(columns, c)
	}
	for i := range columns { // what is left goes to the texts, the more useful first
		more := max(min(wanted[i]-columns[i].wide, left), 0)
		columns[i].wide += more
		left -= more
	}
	return columns, leftOut
}

// firstShare is the width that a column gets before the others have any.
func (c *column) firstShare() int {
	switch {
	case c.whole:
		return c.wide
	case c.rank() == rankIdentity:
		return min(c.wide, wideName)
	default:
		return min(c.wide, wideText)
	}
}
