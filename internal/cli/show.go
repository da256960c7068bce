package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// screenWidth is what tables are cut to where the terminal does not tell its width.
	screenWidth = 100
	// maxColumns is how many columns a person still takes in.
	maxColumns = 6
	// maxCell is the widest that a column may be, in characters.
	maxCell = 48
)

// member is a member of a JSON object, in its place.
type member struct {
	name  string
	value json.RawMessage
}

// show prints a result for a person: a list as a table, all else as names and values.
func show(to io.Writer, result json.RawMessage, width int) error {
	members, err := membersOf(result)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	for _, m := range members {
		if rows, ok := rowsOf(m.value); ok {
			showTable(&page, m.name, rows, width)
			continue
		}
		showMember(&page, "", m)
	}
	if _, err := page.WriteTo(to); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}

// membersOf reads an object without losing the order of its members.
func membersOf(object json.RawMessage) ([]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if opened, err := decoder.Token(); err != nil || opened != json.Delim('{') {
		return nil, errors.New("read result: it is not a JSON object")
	}
	var members []member
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read result: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("read result: %w", err)
		}
		members = append(members, member{strings.ReplaceAll(plainText(fmt.Sprint(name)), "\n", " "), value})
	}
	return members, nil
}

// rowsOf reads a list of objects.
func rowsOf(value json.RawMessage) ([][]member, bool) {
	var items []json.RawMessage
	if json.Unmarshal(value, &items) != nil || len(items) == 0 {
		return nil, false
	}
	rows := make([][]member, 0, len(items))
	for _, item := range items {
		if item[0] != '{' {
			return nil, false
		}
		row, err := membersOf(item)
		if err != nil {
			return nil, false
		}
		rows = append(rows, row)
	}
	return rows, true
}

// showMember prints a name and a value; an object below its name.
func showMember(page *bytes.Buffer, indent string, m member) {
	if len(m.value) > 0 && m.value[0] == '{' {
		if inner, err := membersOf(m.value); err == nil && len(inner) > 0 {
			fmt.Fprintf(page, "%s%s\n", indent, m.name)
			for _, each := range inner {
				showMember(page, indent+"  ", each)
			}
			return
		}
	}
	line := fmt.Sprintf("%s%-*s  %s", indent, max(18-len(indent), 0), m.name, plainValue(m.value, true))
	page.WriteString(strings.TrimRight(line, " ") + "\n")
}

// showTable prints rows below the names of their members. Members that are objects or long lists of text are left out:
// the JSON has them.
func showTable(page *bytes.Buffer, name string, rows [][]member, width int) {
	columns := columnsOf(rows)
	cells := make([][]string, 0, len(rows)+1)
	header := make([]string, len(columns))
	for i, column := range columns {
		header[i] = strings.ToUpper(column)
	}
	cells = append(cells, header)
	for _, row := range rows {
		line := make([]string, len(columns))
		for _, m := range row {
			for i, column := range columns {
				if m.name == column {
					line[i] = cut(plainValue(m.value, false), maxCell)
				}
			}
		}
		cells = append(cells, line)
	}
	fmt.Fprintf(page, "%s (%d)\n", name, len(rows))
	writeCells(page, cells, width)
}

// columnsOf chooses the members that are worth a column: the first that hold a single value anywhere.
func columnsOf(rows [][]member) []string {
	var columns []string
	seen := map[string]bool{}
	for _, row := range rows {
		for _, m := range row {
			if !seen[m.name] && len(columns) < maxColumns && m.value[0] != '{' {
				seen[m.name] = true
				columns = append(columns, m.name)
			}
		}
	}
	return columns
}

// minCell is the narrowest that a column is cut to; where there is less room it is left out.
const minCell = 16

// writeCells aligns cells, and cuts or leaves out columns for which there is no room. The first column always has.
func writeCells(page *bytes.Buffer, cells [][]string, width int) {
	widths := make([]int, len(cells[0]))
	for _, line := range cells {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	room, shown := width, 0
	for i, wide := range widths {
		if wide > room && i > 0 {
			if room < minCell {
				break
			}
			widths[i] = room
		}
		room -= widths[i] + 2
		shown++
	}
	for _, line := range cells {
		var text strings.Builder
		for i := range shown {
			cell := cut(line[i], widths[i])
			text.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		page.WriteString(strings.TrimRight(text.String(), " ") + "\n")
	}
}

// plainValue gives a value as people write it, without what would move a terminal's cursor. Line breaks of a text stay
// where there is room for them.
func plainValue(value json.RawMessage, lines bool) string {
	var text string
	var words []string
	switch {
	case json.Unmarshal(value, &text) == nil:
	case json.Unmarshal(value, &words) == nil:
		text = strings.Join(words, ", ")
	default:
		text = string(value)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == utf8.RuneError:
			return -1
		default:
			return r
		}
	}, text)
}

// cut shortens a text.
func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
