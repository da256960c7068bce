package clients

import (
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

// editor changes the entry of this server in a text and leaves the rest of it as it is: order, comments and all.
type editor interface {
	// set adds the entry, or replaces it.
	set(text []byte, section string, entry any) ([]byte, error)
	// remove takes the entry out.
	remove(text []byte, section string) ([]byte, error)
	// read gives the whole text as maps.
	read(text []byte) (map[string]any, error)
}

func (f format) editor() editor {
	switch f {
	case formatTOML:
		return tomlEditor{}
	case formatYAML:
		return yamlEditor{}
	default:
		return jsonEditor{}
	}
}

// errByHand says that a text is beyond what can be changed without loss.
var errByHand = errors.New("it is written in a way that cannot be changed without losing something; change it by hand")

// checkEdit makes sure that nothing but the entry of this server has changed.
func checkEdit(e editor, before, after []byte, section string) error {
	old, err := others(e, before, section)
	if err != nil {
		return err
	}
	changed, err := others(e, after, section)
	if err != nil || !reflect.DeepEqual(old, changed) {
		return errByHand
	}
	return nil
}

// others gives all that a text says but of this server. A section that holds nothing else counts as absent.
func others(e editor, text []byte, section string) (map[string]any, error) {
	all, err := e.read(text)
	if err != nil {
		return nil, err
	}
	all = maps.Clone(all)
	servers, ok := all[section].(map[string]any)
	switch {
	case ok:
		servers = maps.Clone(servers)
		delete(servers, ServerName)
		if all[section] = servers; len(servers) == 0 {
			delete(all, section)
		}
	case all[section] == nil:
		delete(all, section)
	default:
		return nil, fmt.Errorf("read %s: it holds no servers by name", section)
	}
	return all, nil
}
