package tools

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// Filter says which tools to keep. The zero value keeps the default toolsets.
type Filter struct {
	// Toolsets are names of toolsets, "default" or "all"; "default" when empty. A name that ends in ":ro" stands for
	// those tools of the toolset that change nothing.
	Toolsets []string
	// Tools are names of tools to keep beside the toolsets; when Toolsets is empty, these alone.
	Tools []string
	// Exclude are names of tools to leave out, whatever else is said.
	Exclude []string
	// ReadOnly leaves out every tool that changes anything.
	ReadOnly bool
	// NoMoney leaves out every tool that moves value or is charged for.
	NoMoney bool
}

// Select gives the tools that a filter keeps. A name that does not exist is an error that tells the nearest, or all if none is near;
// exclusion beats inclusion, and ReadOnly and NoMoney beat everything.
func (c *Catalog) Select(filter Filter) (*Catalog, error) {
	if err := c.checkNames(filter); err != nil {
		return nil, err
	}
	toolsets := filter.Toolsets
	if len(toolsets) == 0 && len(filter.Tools) == 0 {
		toolsets = []string{ToolsetDefault}
	}
	selected := &Catalog{views: c.views}
	for _, tool := range c.tools {
		wanted := inToolsets(tool, toolsets) || slices.Contains(filter.Tools, tool.Name)
		barred := slices.Contains(filter.Exclude, tool.Name) ||
			(filter.ReadOnly && tool.Class != client.Read) || (filter.NoMoney && (tool.Class == client.Money || tool.Charged))
		if wanted && !barred {
			selected.tools = append(selected.tools, tool)
		}
	}
	selected.point()
	if len(selected.tools) == 0 {
		return nil, &Error{
			Code: CodeInvalidArgument, Message: "no tool is left: what is asked for and what is left out cancel each other",
			NextStep: "Ask for other tools, or leave fewer out.",
		}
	}
	return selected, nil
}

// point lets errors name only tools that are on offer.
func (c *Catalog) point() {
	offered := c.Names()
	for i := range c.tools {
		c.tools[i].hidden = slices.DeleteFunc(slices.Concat(c.tools[i].FindWith, c.tools[i].FindAgentWith), func(name string) bool { return slices.Contains(offered, name) })
	}
}

func (c *Catalog) checkNames(filter Filter) error {
	var faults []error
	toolsets := append([]string{ToolsetDefault, ToolsetAll}, c.Toolsets()...)
	for _, name := range filter.Toolsets {
		if !slices.Contains(toolsets, strings.TrimSuffix(name, readOnlySuffix)) {
			faults = append(faults, unknownName("toolset", name, toolsets))
		}
	}
	for _, name := range slices.Concat(filter.Tools, filter.Exclude) {
		if !slices.Contains(c.Names(), name) {
			faults = append(faults, unknownName("tool", name, c.Names()))
		}
	}
	return errors.Join(faults...)
}

// readOnlySuffix behind the name of a toolset leaves out the tools that change anything.
const readOnlySuffix = ":ro"

func inToolsets(tool Tool, toolsets []string) bool {
	return slices.ContainsFunc(toolsets, func(wanted string) bool {
		name, readOnly := strings.CutSuffix(wanted, readOnlySuffix)
		return inToolset(tool, name) && (!readOnly || tool.Class == client.Read)
	})
}

func inToolset(tool Tool, name string) bool {
	switch name {
	case ToolsetAll, tool.Toolset:
		return true
	case ToolsetDefault:
		return slices.Contains(defaultToolsets(), tool.Toolset)
	default:
		return false
	}
}

// defaultToolsets are what a model gets unless somebody says otherwise: nothing of them shows keys or moves payments.
func defaultToolsets() []string {
	return []string{ToolsetAgents, ToolsetContent, ToolsetAccount, ToolsetIntents}
}

func unknownName(kind, name string, valid []string) *Error {
	message := fmt.Sprintf("unknown %s %q", kind, shorten(name, 40))
	failure := &Error{Code: CodeInvalidArgument, ValidValues: valid, NextStep: "Use one of the valid names."}
	if nearest, ok := schema.Nearest(name, valid); ok {
		failure.Message = fmt.Sprintf("%s (did you mean %s?)", message, nearest)
		failure.NextStep = fmt.Sprintf("Use that one, or list the %ss.", kind)
	} else {
		failure.Message = fmt.Sprintf("%s; the %ss are %s", message, kind, strings.Join(valid, ", "))
	}
	return failure
}
