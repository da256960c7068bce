package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// jsonLook is how a member is to look, so that it looks as its neighbors do.
type jsonLook struct {
	// newline ends a line, unit is what one level is indented by, margin what the line of the member is.
	newline, unit, margin string
	// lead stands ahead of the member.
	lead string
	// lines says that the members of its value are on lines of their own, spaced that a colon is followed by a space.
	lines, spaced bool
}

// inside is how a member of the member looks, with another lead.
func (l jsonLook) inside(lead string) jsonLook {
	l.lead = lead
	if l.lines {
		l.margin += l.unit
	}
	return l
}

// behind is how one more member of an object is to look: as the last one does.
func (d *jsonDocument) behind(of *hujson.Object) jsonLook {
	if len(of.Members) == 0 {
		return jsonLook{newline: d.newline, unit: d.unit, spaced: true}
	}
	last := of.Members[len(of.Members)-1]
	look := d.lookOf(&last)
	switch space, margin, own := ownLine(last); {
	case own:
		look.lead = d.newline + margin
	case len(of.Members) > 1:
		look.lead = space
	case look.spaced:
		look.lead = " "
	}
	return look
}

// lookOf is how a member looks.
func (d *jsonDocument) lookOf(m *hujson.ObjectMember) jsonLook {
	look := jsonLook{newline: d.newline, unit: d.unit, spaced: len(m.Value.BeforeExtra) > 0}
	_, look.margin, look.lines = ownLine(*m)
	return look
}

// ownLine gives the white space ahead of a member, and how far it is indented where it is on a line of its own.
func ownLine(m hujson.ObjectMember) (space, margin string, own bool) {
	before := string(m.Name.BeforeExtra)
	space = before[len(strings.TrimRight(before, " \t\r\n")):]
	if i := strings.LastIndexByte(space, '\n'); i >= 0 {
		return space, space[i+1:], true
	}
	return space, "", false
}

// appendMember adds a member with a value that is yet to be encoded.
func appendMember(of *hujson.Object, name string, value any, look jsonLook) error {
	encoded, err := look.value(value)
	if err != nil {
		return err
	}
	appendValue(of, name, encoded, look)
	return nil
}

// appendValue adds a member. What stands behind the last one stays with it, ahead of the new one, and the new one has a
// comma behind it if the last one had.
func appendValue(of *hujson.Object, name string, value hujson.ValueTrimmed, look jsonLook) {
	added := hujson.ObjectMember{Name: hujson.Value{Value: hujson.String(name)}, Value: hujson.Value{Value: value}}
	if look.lines || look.spaced {
		added.Value.BeforeExtra = hujson.Extra(" ")
	}
	lead := look.lead
	if last := len(of.Members) - 1; last >= 0 {
		if of.Members[last].Value.AfterExtra != nil {
			added.Value.AfterExtra = hujson.Extra{}
		}
		comment := bytes.TrimRight(of.AfterExtra, " \t\r\n")
		if isOpen(comment) && !strings.Contains(lead, "\n") {
			lead = look.newline + look.margin + lead
		}
		lead = string(comment) + lead
		of.AfterExtra = of.AfterExtra[len(comment):]
	}
	added.Name.BeforeExtra = hujson.Extra(lead)
	of.Members = append(of.Members, added)
}

// removeMember takes a member out, but for the comments ahead of it: they may be about the one before. Whether a comma
// follows the last member is as it was.
func removeMember(of *hujson.Object, at int) {
	removed := of.Members[at]
	kept := bytes.TrimRight(removed.Name.BeforeExtra, " \t\r\n")
	if at < len(of.Members)-1 {
		next := &of.Members[at+1].Name
		next.BeforeExtra = join(kept, next.BeforeExtra)
	} else {
		if at > 0 && removed.Value.AfterExtra == nil {
			previous := &of.Members[at-1].Value
			kept = slices.Concat(previous.AfterExtra, kept)
			previous.AfterExtra = nil
		} else if at > 0 && of.Members[at-1].Value.AfterExtra == nil {
			of.Members[at-1].Value.AfterExtra = hujson.Extra{}
		}
		of.AfterExtra = join(kept, of.AfterExtra)
	}
	of.Members = slices.Delete(of.Members, at, at+1)
}

// join puts a comment ahead of what follows it; one that takes the rest of its line has to end there.
func join(comment, following []byte) []byte {
	if isOpen(comment) && !bytes.Contains(following, []byte("\n")) {
		comment = append(bytes.Clone(comment), '\n')
	}
	return slices.Concat(comment, following)
}

// isOpen reports whether comments end with one that takes the rest of its line.
func isOpen(comments []byte) bool {
	for len(comments) > 0 {
		end := []byte("\n")
		switch {
		case bytes.HasPrefix(comments, []byte("//")):
		case bytes.HasPrefix(comments, []byte("/*")):
			end = []byte("*/")
		default:
			comments = comments[1:]
			continue
		}
		_, rest, ended := bytes.Cut(comments[2:], end)
		if !ended {
			return true
		}
		comments = rest
	}
	return false
}

func nameOf(m hujson.ObjectMember) string {
	name, _ := m.Name.Value.(hujson.Literal)
	return name.String()
}

// indexOf finds a member by its name; it gives -1 for none.
func indexOf(of *hujson.Object, name string) int {
	return slices.IndexFunc(of.Members, func(m hujson.ObjectMember) bool { return nameOf(m) == name })
}

// value encodes the value of the member.
func (l jsonLook) value(value any) (hujson.ValueTrimmed, error) {
	text, err := l.encode(value)
	if err != nil {
		return nil, err
	}
	parsed, err := hujson.Parse([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("encode the entry: %w", err)
	}
	return parsed.Value, nil
}

func (l jsonLook) encode(value any) (string, error) {
	switch value := value.(type) {
	case []field:
		return l.object(value)
	case map[string]string:
		return l.object(asFields(value))
	case []string:
		var items []string
		for _, item := range value {
			text, err := l.encode(item)
			if err != nil {
				return "", err
			}
			items = append(items, text)
		}
		return l.enclose("[", items, "]"), nil
	default:
		var encoded bytes.Buffer
		encoder := json.NewEncoder(&encoded)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return "", fmt.Errorf("encode the entry: %w", err)
		}
		return strings.TrimSpace(encoded.String()), nil
	}
}

func (l jsonLook) object(members []field) (string, error) {
	var items []string
	for _, m := range members {
		text, err := l.inside("").encode(m.value)
		if err != nil {
			return "", err
		}
		name, err := l.encode(m.name)
		if err != nil {
			return "", err
		}
		colon := ":"
		if l.lines || l.spaced {
			colon = ": "
		}
		items = append(items, name+colon+text)
	}
	return l.enclose("{", items, "}"), nil
}

// enclose joins items, on lines of their own or on one.
func (l jsonLook) enclose(opening string, items []string, closing string) string {
	switch {
	case len(items) == 0:
		return opening + closing
	case l.lines:
		line := l.newline + l.margin
		return opening + line + l.unit + strings.Join(items, ","+line+l.unit) + line + closing
	case l.spaced:
		return opening + strings.Join(items, ", ") + closing
	default:
		return opening + strings.Join(items, ",") + closing
	}
}
