package clients

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
)

// yamlEditor edits YAML, as far as it is certain where things end.
type yamlEditor struct{}

func (yamlEditor) read(text []byte) (map[string]any, error) {
	root := map[string]any{}
	if err := yaml.Unmarshal(text, &root); err != nil {
		fault := syntax.Fault("YAML", err)
		if _, ok := errors.AsType[*yaml.TypeError](err); ok && !errors.Is(fault, syntax.ErrTwice) {
			return nil, errors.New("it is not a YAML mapping")
		}
		return nil, fault
	}
	return root, nil
}

func (yamlEditor) add(text []byte, section string, entry []field) ([]byte, error) {
	d, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	unit, margin := d.unit(section), 0
	if d.root != nil {
		margin = d.root.Column - 1
	}
	p, there, err := d.pair([]string{section})
	switch {
	case d.root == nil || (err == nil && !there):
		lines, err := blockLines(section, []field{{name: ServerName, value: entry}}, margin, unit)
		if err != nil {
			return nil, err
		}
		return d.insert(len(d.lines)-1, lines), nil
	case err != nil:
		return nil, err
	case isPlainBlock(p.value):
		margin, unit = p.value.Column-1, p.value.Column-p.key.Column
	case p.value.Kind == yaml.MappingNode:
		return d.putFlow(p, ServerName, entry)
	case p.value.Tag == "!!null" && p.value.Value == "" && isPlain(p.value):
		// One level deeper than usual: remove leaves the section, which was there.
		margin += unit + yamlUnit
	default:
		return nil, byHand("%s is no mapping", section)
	}
	lines, err := blockLines(ServerName, entry, margin, unit)
	if err != nil {
		return nil, err
	}
	return d.insert(p.last, lines), nil
}

func (yamlEditor) put(text []byte, path []string, value any) ([]byte, error) {
	d, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	p, there, err := d.pair(path)
	if err != nil {
		return nil, err
	}
	if there {
		return d.replace(p, value)
	}
	name := path[len(path)-1]
	parent, _, err := d.pair(path[:len(path)-1])
	switch {
	case err != nil:
		return nil, err
	case !isPlainBlock(p.mapping):
		return d.putFlow(parent, name, value)
	}
	lines, err := blockLines(name, value, p.mapping.Column-1, p.mapping.Column-parent.key.Column)
	if err != nil {
		return nil, err
	}
	return d.insert(parent.last, lines), nil
}

// replace puts another value in place of that of a pair.
func (d *yamlDocument) replace(p yamlPair, value any) ([]byte, error) {
	if list, ok := value.([]string); ok && p.value.Kind == yaml.SequenceNode && p.value.Style&yaml.FlowStyle == 0 && isPlain(p.value) && p.value.Line > p.key.Line {
		margin := strings.IndexByte(d.line(p.value.Line), '-')
		if margin < 0 || strings.TrimSpace(d.line(p.value.Line)[:margin]) != "" {
			return nil, byHand("the value of %s", p.key.Value)
		}
		lines, err := listLines(list, margin)
		if err != nil {
			return nil, err
		}
		added := strings.Join(lines, d.newline)
		if end := d.lines[p.last]; end > 0 && d.text[end-1] == '\n' {
			added += d.newline
		}
		return d.splice(d.lines[p.value.Line-1], d.lines[p.last], added), nil
	}
	end, err := d.valueEnd(p)
	if err != nil {
		return nil, err
	}
	encoded, err := flowText(value)
	if text, ok := value.(string); ok && p.mapping.Style&yaml.FlowStyle == 0 {
		encoded, err = scalarText(text)
	}
	if err != nil {
		return nil, err
	}
	start := d.offset(p.value)
	if start > 0 && d.text[start-1] == ':' {
		encoded = " " + encoded
	}
	return d.splice(start, end, encoded), nil
}

// putFlow adds a member to the value of a pair, which is a mapping on one line.
func (d *yamlDocument) putFlow(p yamlPair, name string, value any) ([]byte, error) {
	end, err := d.valueEnd(p)
	if err != nil {
		return nil, err
	}
	encoded, err := flowText([]field{{name: name, value: value}})
	if err != nil {
		return nil, err
	}
	encoded = encoded[1 : len(encoded)-1]
	start := d.offset(p.value)
	if len(p.value.Content) == 0 {
		return d.splice(start+1, start+1, encoded), nil
	}
	last, err := d.pairAt(p.value, len(p.value.Content)/2-1, p.last)
	if err != nil {
		return nil, err
	}
	at, err := d.valueEnd(last)
	if err != nil || strings.TrimSpace(string(d.text[at:end-1])) != "" {
		return nil, byHand("the value of %s", p.key.Value)
	}
	return d.splice(at, at, ", "+encoded), nil
}

func (yamlEditor) remove(text []byte, path []string) ([]byte, error) {
	d, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	if d.root == nil {
		return text, nil
	}
	p, there, err := d.pair(path)
	if err != nil || !there {
		return text, err
	}
	if p.mapping.Style&yaml.FlowStyle != 0 {
		return d.removeFlow(p)
	}
	if len(path) == 2 && len(p.mapping.Content) == 2 {
		section, _, err := d.pair(path[:1])
		alone := section.first+1 == p.first && p.last == len(d.lines)-1 && p.key.Column-section.key.Column == d.unit(path[0])
		if err == nil && alone && strings.TrimSpace(d.line(section.first)) == path[0]+":" {
			return d.cut(section.first, p.last), nil
		}
	}
	return d.cut(p.first, p.last), nil
}

// removeFlow takes a member out of a mapping on one line, with its comma.
func (d *yamlDocument) removeFlow(p yamlPair) ([]byte, error) {
	end, err := d.valueEnd(p)
	if err != nil {
		return nil, err
	}
	if p.at > 0 {
		previous, err := d.pairAt(p.mapping, p.at-1, p.last)
		if err != nil {
			return nil, err
		}
		from, err := d.valueEnd(previous)
		if err != nil {
			return nil, err
		}
		return d.splice(from, end, ""), nil
	}
	if len(p.mapping.Content) > 2 {
		end = d.offset(p.mapping.Content[2])
	}
	return d.splice(d.offset(p.key), end, ""), nil
}

// blockLines writes a name and its value on lines of their own.
func blockLines(name string, value any, margin, unit int) ([]string, error) {
	key, err := scalarText(name)
	if err != nil {
		return nil, err
	}
	key = strings.Repeat(" ", margin) + key + ":"
	switch value := value.(type) {
	case map[string]string:
		return blockLines(name, asFields(value), margin, unit)
	case []field:
		lines := []string{key}
		for _, m := range value {
			inner, err := blockLines(m.name, m.value, margin+unit, unit)
			if err != nil {
				return nil, err
			}
			lines = append(lines, inner...)
		}
		return lines, nil
	case []string:
		items, err := listLines(value, margin+unit)
		return append([]string{key}, items...), err
	}
	text, err := scalarText(value)
	return []string{key + " " + text}, err
}

func listLines(items []string, margin int) ([]string, error) {
	var lines []string
	for _, item := range items {
		text, err := scalarText(item)
		if err != nil {
			return nil, err
		}
		lines = append(lines, strings.Repeat(" ", margin)+"- "+text)
	}
	return lines, nil
}

// scalarText writes a value on one line of a block: as it is where that is read as the same text, else in quotes.
func scalarText(value any) (string, error) {
	text, ok := value.(string)
	if !ok || strings.ContainsAny(text, "#{}[],&*!|>'\"%@`\t\r\n") {
		return flowText(value)
	}
	var read any
	if err := yaml.Unmarshal([]byte(text), &read); err != nil || read != value {
		return flowText(value)
	}
	return text, nil
}

// flowText writes a value on one line, as in JSON, which YAML understands.
func flowText(value any) (string, error) {
	if variables, ok := value.(map[string]string); ok {
		value = asFields(variables)
	}
	fields, ok := value.([]field)
	if !ok {
		encoded, err := json.Marshal(value)
		if err != nil {
			return "", fmt.Errorf("encode the entry: %w", err)
		}
		return strings.ReplaceAll(string(encoded), "\u0085", `\u0085`), nil // it would end a line
	}
	var members []string
	for _, m := range fields {
		text, err := flowText(m.value)
		if err != nil {
			return "", err
		}
		members = append(members, m.name+": "+text)
	}
	return "{" + strings.Join(members, ", ") + "}", nil
}
