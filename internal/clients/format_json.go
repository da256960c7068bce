package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
)

// jsonEditor edits JSON, with the comments and trailing commas that editors allow in theirs.
type jsonEditor struct{}

// jsonIndent is what most of these files use.
const jsonIndent = "  "

func (jsonEditor) read(text []byte) (map[string]any, error) {
	root := map[string]any{}
	if len(bytes.TrimSpace(text)) == 0 {
		return root, nil
	}
	standard, err := hujson.Standardize(bytes.Clone(text))
	if err != nil {
		return nil, syntax.Fault("JSON", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(standard))
	decoder.UseNumber()
	if err := decoder.Decode(&root); err != nil {
		return nil, errors.New("it is not a JSON object")
	}
	return root, nil
}

func (jsonEditor) set(text []byte, section string, entry any) ([]byte, error) {
	document, root, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	indent := indentOf(text)
	servers, ok := member(root, section)
	if !ok {
		servers = &hujson.Object{}
		setMember(root, section, servers, indent, 0)
	}
	if servers == nil {
		return nil, fmt.Errorf("read %s: it is not an object", section)
	}
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(strings.Repeat(indent, 2), indent)
	if err := encoder.Encode(entry); err != nil {
		return nil, fmt.Errorf("encode the entry: %w", err)
	}
	value, err := hujson.Parse(bytes.TrimSpace(encoded.Bytes()))
	if err != nil {
		return nil, fmt.Errorf("encode the entry: %w", err)
	}
	setMember(servers, ServerName, value.Value, indent, 1)
	return document.Pack(), nil
}

func (jsonEditor) remove(text []byte, section string) ([]byte, error) {
	document, root, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	servers, _ := member(root, section)
	if servers == nil {
		return text, nil
	}
	for i := range servers.Members {
		if nameOf(servers.Members[i]) != ServerName {
			continue
		}
		if i > 0 && i == len(servers.Members)-1 {
			endAfter(servers, i-1)
		}
		servers.Members = slices.Delete(servers.Members, i, i+1)
		return document.Pack(), nil
	}
	return text, nil
}

// endAfter makes a member ready to be the last: whether a comma follows it is as it was after the last one.
func endAfter(of *hujson.Object, i int) {
	last, next := &of.Members[i].Value, of.Members[i+1].Value
	switch {
	case next.AfterExtra == nil:
		of.AfterExtra = append(bytes.Clone(last.AfterExtra), of.AfterExtra...)
		last.AfterExtra = nil
	case last.AfterExtra == nil:
		last.AfterExtra = hujson.Extra{}
	}
}

// parseObject reads a document; an empty one is an empty object.
func parseObject(text []byte) (*hujson.Value, *hujson.Object, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}\n")
	}
	document, err := hujson.Parse(bytes.Clone(text))
	if err != nil {
		return nil, nil, syntax.Fault("JSON", err)
	}
	root, ok := document.Value.(*hujson.Object)
	if !ok {
		return nil, nil, errors.New("it is not a JSON object")
	}
	return &document, root, nil
}

func nameOf(m hujson.ObjectMember) string {
	name, _ := m.Name.Value.(hujson.Literal)
	return name.String()
}

// member finds a member; it gives nil for one that is not an object.
func member(of *hujson.Object, name string) (found *hujson.Object, ok bool) {
	for i := range of.Members {
		if nameOf(of.Members[i]) == name {
			found, _ = of.Members[i].Value.Value.(*hujson.Object)
			return found, true
		}
	}
	return nil, false
}

// setMember replaces the value of a member, or adds one on a line of its own.
func setMember(of *hujson.Object, name string, value hujson.ValueTrimmed, indent string, depth int) {
	for i := range of.Members {
		if nameOf(of.Members[i]) == name {
			of.Members[i].Value.Value = value
			return
		}
	}
	line := "\n" + strings.Repeat(indent, depth)
	added := hujson.ObjectMember{
		Name:  hujson.Value{BeforeExtra: hujson.Extra(line + indent), Value: hujson.String(name)},
		Value: hujson.Value{BeforeExtra: hujson.Extra(" "), Value: value},
	}
	trailing := false
	if last := len(of.Members) - 1; last >= 0 {
		trailing = of.Members[last].Value.AfterExtra != nil
		// What stands behind the last member stays with it, ahead of the new one.
		if comment := bytes.TrimRight(of.AfterExtra, " \t\r\n"); len(comment) > 0 {
			added.Name.BeforeExtra = append(bytes.Clone(comment), added.Name.BeforeExtra...)
			of.AfterExtra = nil
		}
	} else if comment := bytes.TrimRight(of.AfterExtra, " \t\r\n"); len(comment) > 0 {
		added.Name.BeforeExtra = append(bytes.Clone(comment), added.Name.BeforeExtra...)
	}
	of.AfterExtra = hujson.Extra(line)
	if trailing {
		added.Value.AfterExtra = hujson.Extra{}
	}
	of.Members = append(of.Members, added)
}

// indentOf gives the indentation of the first indented line.
func indentOf(text []byte) string {
	for line := range bytes.Lines(text) {
		trimmed := bytes.TrimLeft(line, " \t")
		if width := len(line) - len(trimmed); width > 0 && bytes.HasPrefix(trimmed, []byte(`"`)) {
			return string(line[:width])
		}
	}
	return jsonIndent
}
