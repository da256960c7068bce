package clients

import (
	"bytes"
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
)

// tomlDocument is a text that is being edited.
type tomlDocument struct {
	text    []byte
	newline string
	// items are its headers and values, in order.
	items []tomlItem
}

// tomlItem is a table's header, or a name and its value, and where they are in the text.
type tomlItem struct {
	// path is the whole path.
	path   []string
	header bool
	// inline says that the value is a table, which has members.
	inline  bool
	members []tomlItem
	// start is where the name begins; the value is from value to end.
	start, value, end int
	// lineStart and lineEnd enclose the lines, with the end of the last one.
	lineStart, lineEnd int
}

// below reports whether an item is at a path or below it.
func (i tomlItem) below(path []string) bool {
	return len(i.path) >= len(path) && slices.Equal(i.path[:len(path)], path)
}

// indent gives the white space that an item's line begins with.
func (i tomlItem) indent(text []byte) string {
	line := text[i.lineStart:i.lineEnd]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

func parseTOML(text []byte) (*tomlDocument, error) {
	d := &tomlDocument{text: text, newline: newlineOf(text)}
	parser := unstable.Parser{}
	parser.Reset(text)
	var table []string
	for parser.NextExpression() {
		node := parser.Expression()
		var item tomlItem
		switch node.Kind {
		case unstable.Table:
			item.header = true
			item.path, item.start, item.end = tomlPath(node)
			table = item.path
		case unstable.ArrayTable:
			item.header = true
			item.path, item.start, item.end = tomlPath(node)
			item.path = append(item.path, "[]") // it is no name, so that nothing is looked for in there
			table = item.path
		case unstable.KeyValue:
			item = d.keyValue(node, table)
		default:
			continue
		}
		item.lineStart = bytes.LastIndexByte(text[:item.start], '\n') + 1
		item.lineEnd = len(text)
		if i := bytes.IndexByte(text[item.end:], '\n'); i >= 0 {
			item.lineEnd = item.end + i + 1
		}
		d.items = append(d.items, item)
	}
	if err := parser.Error(); err != nil {
		return nil, syntax.Fault("TOML", err)
	}
	return d, nil
}

// tomlPath gives the names of a key, and where it is.
func tomlPath(node *unstable.Node) (path []string, start, end int) {
	keys := node.Key()
	for keys.Next() {
		key := keys.Node()
		if len(path) == 0 {
			start = int(key.Raw.Offset)
		}
		end = int(key.Raw.Offset + key.Raw.Length)
		path = append(path, string(key.Data))
	}
	return path, start, end
}

// keyValue gives a name and its value, with what is in it if that is a table.
func (d *tomlDocument) keyValue(node *unstable.Node, table []string) tomlItem {
	names, start, end := tomlPath(node)
	item := tomlItem{path: slices.Concat(table, names), start: start, end: int(node.Raw.Offset + node.Raw.Length)}
	equals := end + bytes.IndexByte(d.text[end:], '=')
	item.value = item.end - len(bytes.TrimLeft(d.text[equals+1:item.end], " \t"))
	if item.inline = node.Value().Kind == unstable.InlineTable; item.inline {
		children := node.Value().Children()
		for children.Next() {
			if child := children.Node(); child.Kind == unstable.KeyValue {
				item.members = append(item.members, d.keyValue(child, item.path))
			}
		}
	}
	return item
}

// at finds a value by its path, inline tables included; it gives nil for none.
func (d *tomlDocument) at(path []string) *tomlItem { return findTOML(d.items, path) }

func findTOML(items []tomlItem, path []string) *tomlItem {
	for i := range items {
		switch item := &items[i]; {
		case item.header:
		case slices.Equal(item.path, path):
			return item
		case len(item.path) < len(path) && slices.Equal(item.path, path[:len(item.path)]):
			if found := findTOML(item.members, path); found != nil {
				return found
			}
		}
	}
	return nil
}

// header finds a table's header; it gives -1 for none.
func (d *tomlDocument) header(path []string) int {
	return slices.IndexFunc(d.items, func(i tomlItem) bool { return i.header && slices.Equal(i.path, path) })
}

// splice puts a text in place of a part.
func (d *tomlDocument) splice(from, to int, text string) []byte {
	return slices.Concat(d.text[:from], []byte(text), d.text[to:])
}
