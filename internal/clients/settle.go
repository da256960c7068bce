package clients

import (
	"fmt"
	"maps"
	"slices"
)

// set brings the entry in a text up to date: what starts the server is written where it is not as wanted. Everything
// else that the entry holds is the user's.
func (c Client) set(e editor, text []byte, entry Entry) ([]byte, error) {
	root, err := e.read(text)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what is wrong
	}
	servers, _ := root[c.section].(map[string]any)
	held, exists := servers[ServerName]
	members, ok := held.(map[string]any)
	if !ok {
		if exists {
			if text, err = e.remove(text, []string{c.section, ServerName}); err != nil {
				return nil, err //nolint:wrapcheck // it says what is wrong
			}
		}
		return e.add(text, c.section, fresh(c.fields(entry))) //nolint:wrapcheck // it says what is wrong
	}
	s := settler{editor: e, text: text}
	for _, wanted := range c.fields(entry) {
		_, there := members[wanted.name]
		if wanted.when == always || (wanted.when == ifThere && there) {
			s.settle([]string{c.section, ServerName, wanted.name}, members[wanted.name], there, wanted.value)
		}
	}
	for _, name := range elsewhere() {
		if _, there := members[name]; there {
			s.remove([]string{c.section, ServerName, name})
		}
	}
	return s.text, s.err
}

// settler changes one value after the other, up to the first error.
type settler struct {
	editor editor
	text   []byte
	err    error
}

func (s *settler) put(path []string, value any) {
	if s.err == nil {
		s.text, s.err = s.editor.put(s.text, path, value)
	}
}

func (s *settler) remove(path []string) {
	if s.err == nil {
		s.text, s.err = s.editor.remove(s.text, path)
	}
}

// settle writes a value where it differs.
func (s *settler) settle(path []string, held any, there bool, wanted any) {
	switch wanted := wanted.(type) {
	case map[string]string:
		s.settleVariables(path, held, there, wanted)
	case []string:
		list, ok := held.([]any)
		if same := func(one any, other string) bool { return fmt.Sprint(one) == other }; !ok || !slices.EqualFunc(list, wanted, same) {
			s.put(path, wanted)
		}
	default:
		if held != wanted {
			s.put(path, wanted)
		}
	}
}

// settleVariables writes the variables that differ. What is no mapping is replaced as a whole.
func (s *settler) settleVariables(path []string, held any, there bool, wanted map[string]string) {
	variables, ok := held.(map[string]any)
	switch {
	case len(wanted) == 0:
		if len(variables) > 0 || (!ok && held != nil) {
			s.remove(path)
		}
		return
	case !ok:
		if there {
			s.remove(path)
		}
		s.put(path, wanted)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if value, there := variables[name]; !there || fmt.Sprint(value) != wanted[name] {
			s.put(slices.Concat(path, []string{name}), wanted[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if _, stays := wanted[name]; !stays {
			s.remove(slices.Concat(path, []string{name}))
		}
	}
}
