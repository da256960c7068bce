package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/robutlerai/robutler-mcp/tools"
)

// member is a member of a JSON object, in its place.
type member struct {
	name  string
	value json.RawMessage
}

// page is a result as a person reads it.
type page struct {
	bytes.Buffer
	// width is what its lines may take up; 0 leaves them as long as they are.
	width   int
	colored bool
}

const (
	// longestName is the longest name that values are aligned behind.
	longestName = 24
	// narrowValue is the room that a value needs beside its name; else it stands below.
	narrowValue = 24
)

// answerMember is what agents answer, which may have been shown as it came.
const answerMember = "answer"

// showResult prints a result for a person, without an answer that they have read already.
func showResult(streams Streams, tool string, result tools.Result, told bool) error {
	p := &page{width: streams.outWidth(), colored: wantsColor(streams, streams.OutTerminal)}
	members, err := membersOf(result.Structured)
	if err != nil {
		return err
	}
	if told {
		members = without(members, answerMember)
		p.WriteString("\n")
	}
	if result.Pending != nil && canAsk(streams) { // the question said it all
		return nil
	}
	if would := textOf(members, "would"); would != "" {
		members = reworded(members, "would", wouldHere(tool, would, textOf(members, "target")))
	}
	return p.show(streams.Out, members)
}

// show prints a result for a person: a list as a table, all else as names and values.
func (p *page) show(to io.Writer, members []member) error {
	members, closing := forPeople(members)
	p.members("", members)
	for _, line := range closing {
		p.paragraph("", line)
	}
	if _, err := p.WriteTo(to); err != nil {
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
func rowsOf(items []json.RawMessage) ([][]member, bool) {
	rows := make([][]member, 0, len(items))
	for _, item := range items {
		row, err := membersOf(item)
		if err != nil {
			return nil, false
		}
		rows = append(rows, row)
	}
	return rows, true
}

// members prints names and values, aligned.
func (p *page) members(indent string, members []member) {
	wide := 0
	for _, m := range members {
		if !below(m) {
			wide = max(wide, min(widthOf(m.name), longestName))
		}
	}
	for _, m := range members {
		p.member(indent, wide, m)
	}
}

// below reports whether a member's value is an object or a list of them, which stand below its name.
func below(m member) bool {
	return m.value[0] == '{' || (m.value[0] == '[' && bytes.HasPrefix(bytes.TrimSpace(m.value[1:]), []byte("{")))
}

// member prints a name and a value; an object, a list of objects and several lines below the name.
func (p *page) member(indent string, wide int, m member) {
	var items []json.RawMessage
	switch inner, err := membersOf(m.value); {
	case err == nil && len(inner) > 0:
		p.WriteString(indent + m.name + "\n")
		p.members(indent+"  ", inner)
		return
	case err == nil:
		p.value(indent, wide, m.name, "none")
		return
	}
	if json.Unmarshal(m.value, &items) == nil && m.value[0] == '[' {
		rows, ok := rowsOf(items)
		switch {
		case len(items) == 0:
			p.WriteString(indent + "No " + strings.ReplaceAll(m.name, "_", " ") + ".\n")
		case ok:
			p.table(indent, m.name, rows)
		default:
			p.value(indent, wide, m.name, cellOf(m.value))
		}
		return
	}
	p.value(indent, wide, m.name, plainValue(m.value))
}

// value prints a value beside its name, or below where it does not fit. Lines of the value are always indented: a text
// of others cannot look like a name and a value of ours.
func (p *page) value(indent string, wide int, name, text string) {
	text = strings.TrimRight(text, "\n")
	hanging := indent + strings.Repeat(" ", wide+columnGap)
	if strings.Contains(text, "\n") || (p.width > 0 && p.width-len(hanging) < narrowValue) {
		p.WriteString(indent + name + "\n")
		p.paragraph(indent+"  ", text)
		return
	}
	lines := wrap(text, max(p.width-len(hanging), 0))
	first := indent + pad(name, wide, false) + strings.Repeat(" ", columnGap) + lines[0]
	p.WriteString(strings.TrimRight(first, " ") + "\n")
	p.lines(hanging, lines[1:])
}

// paragraph prints a text, broken between words.
func (p *page) paragraph(indent, text string) {
	room := 0
	if p.width > 0 {
		room = max(p.width-len(indent), 1)
	}
	p.lines(indent, wrap(text, room))
}

func (p *page) lines(indent string, lines []string) {
	for _, line := range lines {
		p.WriteString(strings.TrimRight(indent+line, " ") + "\n")
	}
}

// bold makes a heading stand out.
func (p *page) bold(text string) string {
	if !p.colored {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// plainValue gives a single value as people write it.
func plainValue(value json.RawMessage) string {
	var text string
	switch {
	case string(value) == "null":
		return ""
	case json.Unmarshal(value, &text) != nil:
		text = string(value)
	}
	return plainText(text)
}

// plainText takes out what would move a terminal's cursor. Lines and the indentation of code stay.
func plainText(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case r != '\n' && (r < ' ' || (r >= 0x7f && r < 0xa0) || r == utf8.RuneError):
			return -1
		default:
			return r
		}
	}, strings.ReplaceAll(text, "\t", "    "))
}

// without gives the members but some.
func without(members []member, names ...string) []member {
	return slices.DeleteFunc(slices.Clone(members), func(m member) bool { return slices.Contains(names, m.name) })
}
