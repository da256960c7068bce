package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
)

// tomlEditor edits TOML. A new entry is a table of its own at the end, unless the section is written inline.
type tomlEditor struct{}

func (tomlEditor) read(text []byte) (map[string]any, error) {
	root := map[string]any{}
	if err := toml.Unmarshal(text, &root); err != nil {
		return nil, syntax.Fault("TOML", err)
	}
	return root, nil
}

func (tomlEditor) add(text []byte, section string, entry []field) ([]byte, error) {
	d, err := parseTOML(text)
	if err != nil {
		return nil, err
	}
	if inline := d.at([]string{section}); inline != nil {
		return d.putInline(inline, ServerName, entry)
	}
	table, err := d.table([]string{section, ServerName}, entry)
	if err != nil {
		return nil, err
	}
	switch {
	case len(text) == 0:
	case text[len(text)-1] == '\n':
		table = d.newline + table
	default: // the last line has no end, and stays so
		table = d.newline + d.newline + strings.TrimSuffix(table, d.newline)
	}
	return append(bytes.Clone(text), table...), nil
}

func (tomlEditor) put(text []byte, path []string, value any) ([]byte, error) {
	d, err := parseTOML(text)
	if err != nil {
		return nil, err
	}
	parent, name := path[:len(path)-1], path[len(path)-1]
	if there := d.at(path); there != nil {
		encoded, err := inlineTOML(value)
		if err != nil {
			return nil, err
		}
		return d.splice(there.value, there.end, encoded), nil
	}
	if inline := d.at(parent); inline != nil {
		return d.putInline(inline, name, value)
	}
	last := d.header(parent)
	if last < 0 {
		return nil, byHand("%s", strings.Join(parent, "."))
	}
	for last+1 < len(d.items) && !d.items[last+1].header {
		last++
	}
	var added string
	if variables, ok := value.(map[string]string); ok {
		added, err = d.table(path, asFields(variables))
		added = d.newline + added
	} else {
		added, err = d.line(name, value)
		added = d.items[last].indent(text) + added
	}
	if err != nil {
		return nil, err
	}
	end := d.items[last].lineEnd
	if end > 0 && text[end-1] != '\n' {
		added = d.newline + strings.TrimSuffix(added, d.newline)
	}
	return d.splice(end, end, added), nil
}

// putInline adds a member to a table that is written inline. It is the last one.
func (d *tomlDocument) putInline(table *tomlItem, name string, value any) ([]byte, error) {
	if !table.inline {
		return nil, byHand("%s is no table", strings.Join(table.path, "."))
	}
	encoded, err := inlineTOML(value)
	if err != nil {
		return nil, err
	}
	encoded = tomlKey(name) + " = " + encoded
	if len(table.members) == 0 {
		return d.splice(table.value+1, table.value+1, encoded), nil
	}
	end := table.members[len(table.members)-1].end
	return d.splice(end, end, ", "+encoded), nil
}

func (tomlEditor) remove(text []byte, path []string) ([]byte, error) {
	d, err := parseTOML(text)
	if err != nil {
		return nil, err
	}
	if without, ok := d.removeInline(path); ok {
		return without, nil
	}
	for i := len(d.items) - 1; i >= 0; i-- {
		if !d.items[i].below(path) {
			continue
		}
		first := i
		for first > 0 && d.items[first-1].below(path) {
			first--
		}
		text = cutLines(text, d.items[first].lineStart, d.items[i].lineEnd, d.items[first].header)
		i = first
	}
	return text, nil
}

// removeInline takes a member out of a table that is written inline, with its comma.
func (d *tomlDocument) removeInline(path []string) ([]byte, bool) {
	table := d.at(path[:len(path)-1])
	if table == nil {
		return nil, false
	}
	members := table.members
	at := slices.IndexFunc(members, func(m tomlItem) bool { return slices.Equal(m.path, path) })
	switch {
	case at < 0:
		return nil, false
	case at > 0:
		return d.splice(members[at-1].end, members[at].end, ""), true
	case len(members) > 1:
		return d.splice(members[0].start, members[1].start, ""), true
	default:
		return d.splice(members[0].start, members[0].end, ""), true
	}
}

// cutLines takes lines out. With a table at the end of a text goes what add put ahead of it, elsewhere the empty lines
// behind it.
func cutLines(text []byte, from, to int, table bool) []byte {
	before, removed, after := text[:from], text[from:to], text[to:]
	switch {
	case !table:
	case len(after) == 0:
		if trimmed := trimNewline(before); len(trimmed) == 0 || trimmed[len(trimmed)-1] == '\n' {
			before = trimmed
		}
	default:
		for {
			line, rest, _ := bytes.Cut(after, []byte("\n"))
			if len(rest) == 0 || len(bytes.TrimSpace(line)) > 0 {
				break
			}
			after = rest
		}
	}
	if len(after) == 0 && len(removed) > 0 && removed[len(removed)-1] != '\n' {
		before = trimNewline(before)
	}
	return slices.Concat(before, after)
}

// trimNewline takes one end of a line away.
func trimNewline(text []byte) []byte {
	if rest, ok := bytes.CutSuffix(text, []byte("\n")); ok {
		return bytes.TrimSuffix(rest, []byte("\r"))
	}
	return text
}

// table gives a table with its header. What has members of its own follows as a table.
func (d *tomlDocument) table(path []string, members []field) (string, error) {
	var keys []string
	for _, name := range path {
		keys = append(keys, tomlKey(name))
	}
	var lines, tables strings.Builder
	lines.WriteString("[" + strings.Join(keys, ".") + "]" + d.newline)
	for _, m := range members {
		if variables, ok := m.value.(map[string]string); ok {
			table, err := d.table(slices.Concat(path, []string{m.name}), asFields(variables))
			if err != nil {
				return "", err
			}
			tables.WriteString(d.newline + table)
			continue
		}
		line, err := d.line(m.name, m.value)
		if err != nil {
			return "", err
		}
		lines.WriteString(line)
	}
	return lines.String() + tables.String(), nil
}

// line gives a line with one value.
func (d *tomlDocument) line(name string, value any) (string, error) {
	encoded, err := inlineTOML(value)
	return tomlKey(name) + " = " + encoded + d.newline, err
}

// inlineTOML writes a value on one line.
func inlineTOML(value any) (string, error) {
	var items []string
	opening, closing := "[", "]"
	switch value := value.(type) {
	case map[string]string:
		return inlineTOML(asFields(value))
	case []field:
		opening, closing = "{ ", " }"
		for _, m := range value {
			encoded, err := inlineTOML(m.value)
			if err != nil {
				return "", err
			}
			items = append(items, tomlKey(m.name)+" = "+encoded)
		}
	case []string:
		for _, item := range value {
			encoded, err := inlineTOML(item)
			if err != nil {
				return "", err
			}
			items = append(items, encoded)
		}
	case string:
		return tomlText(value)
	default:
		return fmt.Sprint(value), nil
	}
	return opening + strings.Join(items, ", ") + closing, nil
}

// tomlText writes a text in single quotes, between which everything is itself, or else as in JSON, which TOML understands.
func tomlText(text string) (string, error) {
	isSpecial := func(c rune) bool { return c == '\'' || unicode.IsControl(c) }
	if utf8.ValidString(text) && !strings.ContainsFunc(text, isSpecial) {
		return "'" + text + "'", nil
	}
	encoded, err := json.Marshal(text)
	if err != nil {
		return "", fmt.Errorf("encode the entry: %w", err)
	}
	return string(encoded), nil
}

// tomlKey writes a name, in quotes where it needs them.
func tomlKey(name string) string {
	if name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == "" {
		return name
	}
	return strconv.Quote(name)
}

// asFields gives texts by name as fields, in the order of their names.
func asFields(variables map[string]string) []field {
	var fields []field
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		fields = append(fields, field{name: name, value: variables[name]})
	}
	return fields
}
