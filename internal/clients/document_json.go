package clients

import (
	"bytes"
	"errors"
	"slices"

	"github.com/tailscale/hujson"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
)

// jsonDocument is a text that is being edited.
type jsonDocument struct {
	value *hujson.Value
	root  *hujson.Object
	// newline ends a line, unit is what one level is indented by.
	newline, unit string
}

// jsonUnit is what most of these files use.
const jsonUnit = "  "

// parseJSON reads a document; an empty one is an empty object.
func parseJSON(text []byte) (*jsonDocument, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}" + newlineOf(text))
	}
	document, err := hujson.Parse(ended(text))
	if err != nil {
		return nil, syntax.Fault("JSON", err)
	}
	root, ok := document.Value.(*hujson.Object)
	if !ok {
		return nil, errors.New("it is not a JSON object")
	}
	d := &jsonDocument{&document, root, newlineOf(text), jsonUnit}
	for _, m := range root.Members {
		if _, margin, own := ownLine(m); own && margin != "" {
			d.unit = margin
			break
		}
	}
	return d, nil
}

// ended gives a copy of a text with one more end of a line, without which the library does not take a comment at its end.
func ended(text []byte) []byte { return append(bytes.Clone(text), '\n') }

// pack gives the text as it is now.
func (d *jsonDocument) pack() []byte { return bytes.TrimSuffix(d.value.Pack(), []byte("\n")) }

// lines reports whether the members of the root are on lines of their own.
func (d *jsonDocument) lines() bool {
	return slices.ContainsFunc(d.root.Members, func(m hujson.ObjectMember) bool { _, _, own := ownLine(m); return own })
}

// object finds an object by its path.
func (d *jsonDocument) object(path []string) *hujson.Object {
	found := d.root
	for _, name := range path {
		at := indexOf(found, name)
		if at < 0 {
			return nil
		}
		inner, ok := found.Members[at].Value.Value.(*hujson.Object)
		if !ok {
			return nil
		}
		found = inner
	}
	return found
}
