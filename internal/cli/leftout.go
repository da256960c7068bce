package cli

import (
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/tools"
)

// leftOutBy says which settings leave out the tool that was called, and where they were given.
func (c madeCall) leftOutBy() string {
	var by []string
	for _, alone := range c.selections() {
		if catalog, err := offlineSelection(alone.settings); err == nil && slices.Contains(catalog.Names(), c.tool) {
			continue
		}
		for _, name := range alone.names {
			origin, ok := c.settings.Origin(name)
			switch {
			case ok && origin.InFile:
				by = append(by, name+" in "+origin.From)
			case ok:
				by = append(by, origin.From)
			}
		}
	}
	if len(by) == 0 {
		return ""
	}
	return "It is left out by " + strings.Join(by, " and ") + ". "
}

// selection is what some of the settings leave by themselves.
type selection struct {
	names    []string
	settings *config.Config
}

func (c madeCall) selections() []selection {
	all, given := []string{tools.ToolsetAll}, c.settings
	return []selection{
		{[]string{"toolsets", "tools"}, &config.Config{Toolsets: given.Toolsets, Tools: given.Tools}},
		{[]string{"exclude-tools"}, &config.Config{Toolsets: all, ExcludeTools: given.ExcludeTools}},
		{[]string{"read-only"}, &config.Config{Toolsets: all, ReadOnly: given.ReadOnly}},
		{[]string{"no-money"}, &config.Config{Toolsets: all, NoMoney: given.NoMoney}},
	}
}
