package clients

import (
	"bytes"
	"fmt"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
)

// tomlEditor edits TOML. The entry is a table of its own, which is cut out and put in as a whole.
type tomlEditor struct{}

func (tomlEditor) read(text []byte) (map[string]any, error) {
	root := map[string]any{}
	if err := toml.Unmarshal(text, &root); err != nil {
		return nil, syntax.Fault("TOML", err)
	}
	return root, nil
}

func (e tomlEditor) set(text []byte, section string, entry any) ([]byte, error) {
	var table bytes.Buffer
	if err := toml.NewEncoder(&table).Encode(map[string]any{section: map[string]any{ServerName: entry}}); err != nil {
		return nil, fmt.Errorf("encode the entry: %w", err)
	}
	// The encoder writes a header for the section, too, which may be there only once.
	_, encoded, _ := bytes.Cut(table.Bytes(), []byte("["+section+"]\n"))
	begin, end, err := e.find(text, section)
	if err != nil {
		return nil, err
	}
	before, after := text[:begin], text[end:]
	if begin == end { // a new table at the end
		if before = bytes.TrimRight(before, " \t\r\n"); len(before) > 0 {
			before = append(bytes.Clone(before), "\n\n"...)
		}
	}
	if len(after) > 0 {
		encoded = append(bytes.Clone(encoded), '\n')
	}
	return bytes.Join([][]byte{before, encoded, after}, nil), nil
}

func (e tomlEditor) remove(text []byte, section string) ([]byte, error) {
	begin, end, err := e.find(text, section)
	if err != nil || begin == end {
		return text, err
	}
	before := bytes.TrimRight(text[:begin], "\r\n")
	if len(before) > 0 {
		before = append(bytes.Clone(before), '\n')
		if end < len(text) {
			before = append(before, '\n')
		}
	}
	return append(before, text[end:]...), nil
}

// find gives where the tables of the entry are; both are the end of the text when there are none.
func (e tomlEditor) find(text []byte, section string) (begin, end int, err error) {
	all, err := e.read(text)
	if err != nil {
		return 0, 0, err
	}
	servers, _ := all[section].(map[string]any)
	_, exists := servers[ServerName]
	begin, end = -1, len(text)
	parser := unstable.Parser{}
	parser.Reset(text)
	for parser.NextExpression() {
		header := parser.Expression()
		if header.Kind != unstable.Table && header.Kind != unstable.ArrayTable {
			continue
		}
		path, start := headerOf(header, text)
		ours := len(path) >= 2 && path[0] == section && path[1] == ServerName
		switch {
		case ours && begin >= 0 && end < len(text):
			return 0, 0, errByHand // in pieces
		case ours && begin < 0:
			begin = start
		case !ours && begin >= 0 && end == len(text):
			end = commentBefore(text, start)
		}
	}
	switch {
	case parser.Error() != nil:
		return 0, 0, syntax.Fault("TOML", parser.Error())
	case exists && begin < 0:
		return 0, 0, errByHand // inline, or by dotted keys
	case begin < 0:
		return len(text), len(text), nil
	}
	return begin, end, nil
}

// headerOf gives the keys of a table's header and where its line begins.
func headerOf(header *unstable.Node, text []byte) (path []string, start int) {
	keys := header.Key()
	for keys.Next() {
		key := keys.Node()
		if len(path) == 0 {
			start = int(key.Raw.Offset)
		}
		path = append(path, string(key.Data))
	}
	return path, bytes.LastIndexByte(text[:start], '\n') + 1
}

// commentBefore moves the beginning of a table to that of the comment above it.
func commentBefore(text []byte, start int) int {
	for start > 0 {
		line := bytes.LastIndexByte(text[:start-1], '\n') + 1
		if !bytes.HasPrefix(bytes.TrimSpace(text[line:start]), []byte("#")) {
			break
		}
		start = line
	}
	return start
}
