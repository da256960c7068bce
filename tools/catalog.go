package tools

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// The toolsets, in the order of the documentation.
const (
	ToolsetAgents  = "agents"
	ToolsetContent = "content"
	ToolsetAccount = "account"
)

// The names that stand for several toolsets.
const (
	ToolsetDefault = "default"
	ToolsetAll     = "all"
)

// Platform is what the tools work with.
type Platform struct {
	// Client speaks to the platform.
	Client *client.Client
	// UploadRoots are the folders that upload_content may read from; without any it takes no paths.
	UploadRoots *UploadRoots
}

// Catalog is an ordered set of tools.
type Catalog struct {
	tools []Tool
	views []View
}

// NewCatalog declares every tool, in the order of the documentation. An error is a mistake in a declaration.
func NewCatalog(platform Platform) (*Catalog, error) {
	agents, content, account := agentTools{platform}, contentTools{platform}, accountTools{platform}
	return Collect([]Tool{
		agents.listAgents(),
		agents.getAgent(),
		agents.searchAgents(),
		agents.createAgent(),
		content.listContent(),
		content.uploadContent(),
		account.getCredits(),
		account.listTransactions(),
		account.getAccountSummary(),
	}, nil)
}

// Collect makes a catalog of tools and of the views that they name. An error is a mistake in a declaration.
func Collect(declared []Tool, views []View) (*Catalog, error) {
	addresses := map[string]bool{"": true}
	for _, view := range views {
		if err := view.check(); err != nil {
			return nil, err
		}
		addresses[view.URI] = true
	}
	seen := map[string]bool{}
	for _, tool := range declared {
		if err := tool.check(); err != nil {
			return nil, err
		}
		if seen[tool.Name] {
			return nil, fmt.Errorf("define %s: there are two of that name", tool.Name)
		}
		if !addresses[tool.View] {
			return nil, fmt.Errorf("define %s: there is no view %q", tool.Name, tool.View)
		}
		seen[tool.Name] = true
	}
	return &Catalog{tools: slices.Clone(declared), views: slices.Clone(views)}, nil
}

// Tools gives the tools in order.
func (c *Catalog) Tools() []Tool { return slices.Clone(c.tools) }

// Names gives the tools' names in order.
func (c *Catalog) Names() []string {
	names := make([]string, 0, len(c.tools))
	for _, tool := range c.tools {
		names = append(names, tool.Name)
	}
	return names
}

// Toolsets gives the toolsets that the tools belong to, in order.
func (c *Catalog) Toolsets() []string {
	var toolsets []string
	for _, tool := range c.tools {
		if !slices.Contains(toolsets, tool.Toolset) {
			toolsets = append(toolsets, tool.Toolset)
		}
	}
	return toolsets
}

// Find gives the tool of a name, or an [Error] with the nearest name and all valid ones.
func (c *Catalog) Find(name string) (Tool, error) {
	for _, tool := range c.tools {
		if tool.Name == name {
			return tool, nil
		}
	}
	return Tool{}, unknownName("tool", name, c.Names())
}

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
	// NoMoney leaves out every tool that moves value.
	NoMoney bool
}

// Select gives the tools that a filter keeps. A name that does not exist is an error that lists the valid ones;
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
			(filter.ReadOnly && tool.Class != client.Read) || (filter.NoMoney && tool.Class == client.Money)
		if wanted && !barred {
			selected.tools = append(selected.tools, tool)
		}
	}
	if len(selected.tools) == 0 {
		return nil, &Error{
			Code: CodeInvalidArgument, Message: "no tool is left: what is asked for and what is left out cancel each other",
			NextStep: "Ask for other tools, or leave fewer out.",
		}
	}
	return selected, nil
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
		return tool.Toolset == ToolsetAgents || tool.Toolset == ToolsetContent || tool.Toolset == ToolsetAccount
	default:
		return false
	}
}

func unknownName(kind, name string, valid []string) *Error {
	guess := ""
	if nearest, ok := schema.Nearest(name, valid); ok {
		guess = fmt.Sprintf(" (did you mean %s?)", nearest)
	}
	message := fmt.Sprintf("unknown %s %q%s; the %ss are %s", kind, shorten(name, 40), guess, kind, strings.Join(valid, ", "))
	return &Error{Code: CodeInvalidArgument, Message: message, ValidValues: valid, NextStep: "Use one of the valid names."}
}
