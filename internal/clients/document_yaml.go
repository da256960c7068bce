package clients

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
)

// yamlDocument is a text that is being edited by the places of its nodes. The library gives where a node begins and not
// where it ends; where that is not certain, the text is left to its owner.
type yamlDocument struct {
	text    []byte
	newline string
	// lines are where the lines begin, and the end of the text.
	lines []int
	// root is the mapping of everything; nil where there is nothing but comments.
	root *yaml.Node
}

func parseYAML(text []byte) (*yamlDocument, error) {
	d := &yamlDocument{text: text, newline: newlineOf(text)}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, syntax.Fault("YAML", err)
	}
	if err == nil && !errors.Is(decoder.Decode(&second), io.EOF) {
		return nil, byHand("there is more than one document in it")
	}
	for at := 0; at < len(text); {
		d.lines = append(d.lines, at)
		end := bytes.IndexByte(text[at:], '\n') + 1
		if end == 0 {
			break
		}
		if at += end; bytes.HasPrefix(text[at:], []byte("...")) {
			return nil, byHand("there is the end of a document in it")
		}
	}
	d.lines = append(d.lines, len(text))
	// The library counts these as ends of lines.
	if rest := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")); bytes.ContainsAny(rest, "\r\u0085\u2028\u2029") {
		return nil, byHand("there are unusual ends of lines in it")
	}
	if document.Kind == 0 || (document.Content[0].Tag == "!!null" && document.Content[0].Value == "") {
		return d, nil
	}
	if d.root = document.Content[0]; d.root.Kind != yaml.MappingNode {
		return nil, errors.New("it is not a YAML mapping")
	}
	if !isPlainBlock(d.root) {
		return nil, byHand("it is written on one line, or has an anchor or a tag")
	}
	return d, nil
}

// isPlainBlock reports whether a mapping has its members on lines of their own, and neither an anchor nor a tag.
func isPlainBlock(node *yaml.Node) bool {
	return node.Kind == yaml.MappingNode && isPlain(node) && node.Style&yaml.FlowStyle == 0
}

func isPlain(node *yaml.Node) bool { return node.Anchor == "" && node.Style&yaml.TaggedStyle == 0 }

// offset gives where a node begins. Columns count characters.
func (d *yamlDocument) offset(node *yaml.Node) int {
	at := d.lines[node.Line-1]
	for range node.Column - 1 {
		_, size := utf8.DecodeRune(d.text[at:])
		at += size
	}
	return at
}

// line gives a line, counted from 1, without its end.
func (d *yamlDocument) line(number int) string {
	return strings.TrimRight(string(d.text[d.lines[number-1]:d.lines[number]]), "\r\n")
}

// splice puts a text in place of a part.
func (d *yamlDocument) splice(from, to int, text string) []byte {
	return slices.Concat(d.text[:from], []byte(text), d.text[to:])
}

// insert puts lines behind a line. Behind a last line that has no end the new last one has none either.
func (d *yamlDocument) insert(behind int, lines []string) []byte {
	at := d.lines[behind]
	added := strings.Join(lines, d.newline)
	if at > 0 && d.text[at-1] != '\n' {
		return d.splice(at, at, d.newline+added)
	}
	return d.splice(at, at, added+d.newline)
}

// cut takes lines out, from the first to the last.
func (d *yamlDocument) cut(first, last int) []byte {
	before, after := d.text[:d.lines[first-1]], d.text[d.lines[last]:]
	if len(after) == 0 && d.text[len(d.text)-1] != '\n' {
		before = trimNewline(before)
	}
	return slices.Concat(before, after)
}

// yamlPair is a name and its value in a mapping.
type yamlPair struct {
	mapping    *yaml.Node
	at         int
	key, value *yaml.Node
	// first and last are the lines of a pair of a block.
	first, last int
}

// pair finds a pair by its path, and whether it is there. A mapping on the way that is none is an error.
func (d *yamlDocument) pair(path []string) (yamlPair, bool, error) {
	mapping, end := d.root, len(d.lines)-1
	var found yamlPair
	for depth, name := range path {
		if mapping == nil || mapping.Kind != yaml.MappingNode || !isPlain(mapping) {
			return yamlPair{}, false, byHand("%s", strings.Join(path[:depth], "."))
		}
		at := slices.IndexFunc(evens(mapping.Content), func(key *yaml.Node) bool { return key.Value == name })
		if at < 0 {
			return yamlPair{mapping: mapping, last: end}, false, nil
		}
		var err error
		if found, err = d.pairAt(mapping, at, end); err != nil {
			return yamlPair{}, false, err
		}
		mapping, end = found.value, found.last
	}
	return found, true, nil
}

// pairAt gives a pair of a mapping that reaches up to a line.
func (d *yamlDocument) pairAt(mapping *yaml.Node, at, end int) (yamlPair, error) {
	keys := evens(mapping.Content)
	p := yamlPair{mapping: mapping, at: at, key: keys[at], value: mapping.Content[2*at+1], first: keys[at].Line, last: end}
	if mapping.Style&yaml.FlowStyle != 0 {
		return p, nil
	}
	if strings.TrimSpace(string(d.text[d.lines[p.first-1]:d.offset(p.key)])) != "" || !isPlain(p.key) {
		return yamlPair{}, byHand("%s does not begin its line", p.key.Value)
	}
	if at+1 < len(keys) {
		p.last = keys[at+1].Line - 1
	}
	for p.last > p.first && d.isOutside(p.last, p.key.Column-1) {
		p.last--
	}
	return p, nil
}

// isOutside reports whether a line is empty, or a comment that is not indented by more than what comes before it.
func (d *yamlDocument) isOutside(number, indent int) bool {
	line := d.line(number)
	trimmed := strings.TrimLeft(line, " \t")
	return trimmed == "" || (trimmed[0] == '#' && len(line)-len(trimmed) <= indent)
}

// evens gives every other node: the keys of a mapping's content.
func evens(content []*yaml.Node) []*yaml.Node {
	var keys []*yaml.Node
	for i := 0; i < len(content); i += 2 {
		keys = append(keys, content[i])
	}
	return keys
}

// unit gives what one level of the text is indented by: as under the first name with a mapping that is not the section.
func (d *yamlDocument) unit(section string) int {
	if d.root != nil {
		for i, key := range evens(d.root.Content) {
			if value := d.root.Content[2*i+1]; key.Value != section && isPlainBlock(value) && len(value.Content) > 0 {
				return max(value.Content[0].Column-key.Column, 1)
			}
		}
	}
	return yamlUnit
}

// yamlUnit is what most of these files use.
const yamlUnit = 2

// valueEnd gives where the value of a pair ends that is on one line.
func (d *yamlDocument) valueEnd(p yamlPair) (int, error) {
	if !isPlain(p.value) || p.value.Kind == yaml.AliasNode || p.value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || p.value.Line != p.key.Line {
		return 0, byHand("the value of %s", p.key.Value)
	}
	flow := p.mapping.Style&yaml.FlowStyle != 0
	start, end := d.offset(p.value), d.lines[p.value.Line]
	if i := strings.IndexAny(string(d.text[start:end]), "\r\n"); i >= 0 {
		end = start + i
	}
	length := flowLength(string(d.text[start:end]), flow)
	if length < 0 {
		return 0, byHand("the value of %s", p.key.Value)
	}
	// Nothing but a comment may follow on the lines of the pair.
	if behind := strings.TrimSpace(string(d.text[start+length : end])); !flow && behind != "" && behind[0] != '#' {
		return 0, byHand("the value of %s", p.key.Value)
	}
	for number := p.first + 1; !flow && number <= p.last; number++ {
		if !d.isOutside(number, len(d.line(number))) {
			return 0, byHand("the value of %s", p.key.Value)
		}
	}
	return start + length, nil
}
