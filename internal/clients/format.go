package clients

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
)

// format is the language of a configuration.
type format string

const (
	formatJSON format = "json"
	formatTOML format = "toml"
	formatYAML format = "yaml"
)

// editor changes single values in a text and leaves every other byte of it as it is: order, comments, indentation and
// the ends of lines. A path leads by names: the section, the server, a field of it, a variable.
type editor interface {
	// add puts a new entry behind the others of a section, which is made if need be.
	add(text []byte, section string, entry []field) ([]byte, error)
	// put replaces the value at a path, or adds it to what is there.
	put(text []byte, path []string, value any) ([]byte, error)
	// remove takes out what is at a path. Behind an entry that add put there it leaves what add found.
	remove(text []byte, path []string) ([]byte, error)
	// read gives the whole text as maps.
	read(text []byte) (map[string]any, error)
}

func (f format) editor() editor {
	var e editor
	switch f {
	case formatTOML:
		e = tomlEditor{}
	case formatYAML:
		e = yamlEditor{}
	default:
		e = jsonEditor{}
	}
	return markedEditor{e}
}

// ErrByHand says that a text is beyond what can be changed without loss.
var ErrByHand = errors.New("it is written in a way that cannot be changed here without losing something")

// byHand is ErrByHand with what it is that cannot be changed.
func byHand(format string, values ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, values...), ErrByHand)
}

// markedEditor reads past a byte-order mark, as some editors of Windows write one, and keeps it.
type markedEditor struct{ editor }

const byteOrderMark = "\ufeff"

func (e markedEditor) add(text []byte, section string, entry []field) ([]byte, error) {
	return marked(text, func(text []byte) ([]byte, error) { return e.editor.add(text, section, entry) })
}

func (e markedEditor) put(text []byte, path []string, value any) ([]byte, error) {
	return marked(text, func(text []byte) ([]byte, error) { return e.editor.put(text, path, value) })
}

func (e markedEditor) remove(text []byte, path []string) ([]byte, error) {
	return marked(text, func(text []byte) ([]byte, error) { return e.editor.remove(text, path) })
}

func (e markedEditor) read(text []byte) (map[string]any, error) {
	return e.editor.read(bytes.TrimPrefix(text, []byte(byteOrderMark))) //nolint:wrapcheck // it says what is wrong
}

func marked(text []byte, change func([]byte) ([]byte, error)) ([]byte, error) {
	rest, has := bytes.CutPrefix(text, []byte(byteOrderMark))
	changed, err := change(rest)
	if err != nil || !has {
		return changed, err
	}
	return append([]byte(byteOrderMark), changed...), nil
}

// checkEdit makes sure that nothing has changed but what Install writes: neither the other servers nor what else the
// entry holds.
func (c Client) checkEdit(e editor, before, after []byte) error {
	old, err := c.others(e, before)
	if err != nil {
		return err
	}
	changed, err := c.others(e, after)
	if err != nil || !reflect.DeepEqual(old.root, changed.root) {
		return byHand("%s", c.section)
	}
	if old.entry != nil && changed.entry != nil && !reflect.DeepEqual(old.entry, changed.entry) {
		return byHand("%s in %s", ServerName, c.section)
	}
	return nil
}

// rest is what a text holds but for what Install writes.
type rest struct{ root, entry map[string]any }

// others gives all that a text says but for what Install writes. A section that holds nothing else counts as absent.
func (c Client) others(e editor, text []byte) (rest, error) {
	all, err := e.read(text)
	if err != nil {
		return rest{}, err
	}
	left := rest{root: maps.Clone(all)}
	servers, ok := all[c.section].(map[string]any)
	switch {
	case ok:
		servers = maps.Clone(servers)
		if entry, ok := servers[ServerName].(map[string]any); ok {
			left.entry = c.unowned(entry)
		}
		delete(servers, ServerName)
		if left.root[c.section] = servers; len(servers) == 0 {
			delete(left.root, c.section)
		}
	case all[c.section] == nil:
		delete(left.root, c.section)
	default:
		return rest{}, byHand("%s holds no servers by name", c.section)
	}
	return left, nil
}

// unowned gives the members of an entry that Install does not write.
func (c Client) unowned(entry map[string]any) map[string]any {
	left := maps.Clone(entry)
	for _, owned := range c.fields(Entry{}) {
		if owned.when != onceOnly {
			delete(left, owned.name)
		}
	}
	for _, name := range elsewhere() {
		delete(left, name)
	}
	return left
}

// newlineOf gives how the lines of a text end: as the first of them does.
func newlineOf(text []byte) string {
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}
