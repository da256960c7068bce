package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
)

// jsonEditor edits JSON, with the comments and trailing commas that editors allow in theirs.
type jsonEditor struct{}

func (jsonEditor) read(text []byte) (map[string]any, error) {
	root := map[string]any{}
	if len(bytes.TrimSpace(text)) == 0 {
		return root, nil
	}
	standard, err := hujson.Standardize(ended(text))
	if err != nil {
		return nil, syntax.Fault("JSON", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(standard))
	decoder.UseNumber()
	if err := decoder.Decode(&root); err != nil || root == nil {
		return nil, errors.New("it is not a JSON object")
	}
	return root, nil
}

func (jsonEditor) add(text []byte, section string, entry []field) ([]byte, error) {
	d, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	at := indexOf(d.root, section)
	if at < 0 {
		err = d.addSection(section, entry)
	} else {
		err = d.addTo(&d.root.Members[at], entry)
	}
	if err != nil {
		return nil, err
	}
	return d.pack(), nil
}

// addSection adds a section that holds the entry alone. What stands ahead of the entry and behind it tells remove that
// the section was not there before: either an empty one has neither, or, where it is on several lines, only the latter.
func (d *jsonDocument) addSection(section string, entry []field) error {
	look := d.behind(d.root)
	if len(d.root.Members) == 0 {
		look = jsonLook{newline: d.newline, unit: d.unit, lines: true, spaced: true}
		if len(d.root.AfterExtra) == 0 {
			look.lead, look.margin = d.newline+d.unit, d.unit
			d.root.AfterExtra = hujson.Extra(d.newline)
		}
	}
	lead, tail := " ", " "
	if look.lines {
		lead, tail = look.newline+look.margin+look.unit, look.newline+look.margin
	}
	servers := &hujson.Object{AfterExtra: hujson.Extra(tail)}
	if err := appendMember(servers, ServerName, entry, look.inside(lead)); err != nil {
		return err
	}
	appendValue(d.root, section, servers, look)
	return nil
}

// addTo adds the entry to a section that is there.
func (d *jsonDocument) addTo(section *hujson.ObjectMember, entry []field) error {
	switch servers := section.Value.Value.(type) {
	case *hujson.Object:
		look := d.behind(servers)
		if len(servers.Members) == 0 {
			look = d.lookOf(section)
			look.lead, look.lines = "", d.lines()
		}
		return appendMember(servers, ServerName, entry, look)
	case hujson.Literal:
		if string(servers) != "null" {
			break
		}
		// A space ahead of the entry and none behind it: remove puts the null back.
		look, holder := d.lookOf(section), &hujson.Object{}
		look.lead, look.lines = " ", d.lines()
		section.Value.Value = holder
		return appendMember(holder, ServerName, entry, look)
	}
	return byHand("%s is no object", nameOf(*section))
}

func (jsonEditor) put(text []byte, path []string, value any) ([]byte, error) {
	d, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	parent := d.object(path[:len(path)-1])
	if parent == nil {
		return nil, byHand("%s", strings.Join(path[:len(path)-1], "."))
	}
	name := path[len(path)-1]
	at := indexOf(parent, name)
	if at < 0 {
		look := d.behind(parent)
		if len(parent.Members) == 0 {
			look.lead = ""
		}
		if err := appendMember(parent, name, value, look); err != nil {
			return nil, err
		}
		return d.pack(), nil
	}
	old := &parent.Members[at]
	look := d.lookOf(old)
	look.lines = look.lines && bytes.Contains((hujson.Value{Value: old.Value.Value}).Pack(), []byte("\n"))
	if old.Value.Value, err = look.value(value); err != nil {
		return nil, err
	}
	return d.pack(), nil
}

func (jsonEditor) remove(text []byte, path []string) ([]byte, error) {
	d, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	parent := d.object(path[:len(path)-1])
	if parent == nil || indexOf(parent, path[len(path)-1]) < 0 {
		return text, nil
	}
	at := indexOf(parent, path[len(path)-1])
	lead := parent.Members[at].Name.BeforeExtra
	removeMember(parent, at)
	if len(path) == 2 && len(parent.Members) == 0 && len(lead) > 0 && len(bytes.TrimSpace(lead)) == 0 {
		d.emptied(path[0], parent)
	}
	return d.pack(), nil
}

// emptied puts back what add found where it did not find an empty section.
func (d *jsonDocument) emptied(section string, servers *hujson.Object) {
	at := indexOf(d.root, section)
	switch {
	case len(servers.AfterExtra) == 0:
		d.root.Members[at].Value.Value = hujson.Literal("null")
	case len(bytes.TrimSpace(servers.AfterExtra)) == 0:
		lead := d.root.Members[at].Name.BeforeExtra
		removeMember(d.root, at)
		if len(d.root.Members) == 0 && len(lead) > 0 && len(bytes.TrimSpace(d.root.AfterExtra)) == 0 {
			d.root.AfterExtra = nil
		}
	}
}
