package tools

import (
	"fmt"
	"slices"
	"strings"
)

// viewScheme begins the address of every view.
const viewScheme = "ui://"

// View is a page that shows the results of tools to people, in clients that can. It stands alone: it loads nothing.
type View struct {
	// URI is what a [Spec] names it by.
	URI string
	// Title is shown to people.
	Title string
	// HTML is the whole page.
	HTML []byte
}

func (v View) check() error {
	if name, ok := strings.CutPrefix(v.URI, viewScheme); !ok || name == "" {
		return fmt.Errorf("define view %q: its address is not one of %s", v.URI, viewScheme)
	}
	if len(v.HTML) == 0 {
		return fmt.Errorf("define view %s: it is empty", v.URI)
	}
	return nil
}

// Views gives the views that the tools of the catalog name.
func (c *Catalog) Views() []View {
	named := func(view View) bool {
		return slices.ContainsFunc(c.tools, func(tool Tool) bool { return tool.View == view.URI })
	}
	var views []View
	for _, view := range c.views {
		if named(view) {
			views = append(views, view)
		}
	}
	return views
}
