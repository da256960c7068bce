package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// declared is a tool as clients see it, and the same encoded.
type declared struct {
	tool    mcp.Tool
	encoded json.RawMessage
}

// toolList holds what tools/list answers: made when it is first asked for, since a client that only calls needs none of it.
type toolList map[string]declared

// list encodes the tools. One with a mistake is left out, so that it does not spoil the whole list.
func (s *Server) list() toolList {
	listed := toolList{}
	for _, tool := range s.catalog.Tools() {
		made, err := declare(tool)
		if err != nil {
			s.logger.Error("a tool cannot be listed", slog.String("tool", tool.Name), slog.Any("error", err))
			continue
		}
		listed[tool.Name] = made
	}
	return listed
}

// Check makes every schema and reports the mistakes in the declarations of the tools, for which clients would refuse the
// whole list.
func (s *Server) Check() error {
	for _, tool := range s.catalog.Tools() {
		if _, err := declare(tool); err != nil {
			return fmt.Errorf("declare %s: %w", tool.Name, err)
		}
	}
	return s.catalog.Check()
}

// addTools makes the library call the tools. It knows of each only the name; what it would list is filled in later.
func (s *Server) addTools(hooks *mcpserver.Hooks, offered []tools.Tool) error {
	names := map[string]bool{}
	for _, tool := range offered {
		switch {
		case !validToolName(tool.Name):
			return fmt.Errorf("declare %s: the name is not lower case with underscores, at most %d characters", tool.Name, maxToolName)
		case names[tool.Name]:
			return fmt.Errorf("declare %s: there are two of that name", tool.Name)
		}
		names[tool.Name] = true
		s.mcp.AddTool(mcp.NewToolWithRawSchema(tool.Name, "", json.RawMessage(`{"type":"object"}`)), s.handler(tool))
	}
	hooks.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, result *mcp.ListToolsResult) {
		s.complete(ctx, result)
	})
	return nil
}

// complete puts the declarations into a list of tools, encoded where the answer is filled in as it goes out.
func (s *Server) complete(ctx context.Context, result *mcp.ListToolsResult) {
	listed := s.listed()
	array, whole := []byte{'['}, make([]mcp.Tool, 0, len(result.Tools))
	fillable := true
	for _, tool := range result.Tools {
		made, ours := listed[tool.Name]
		switch {
		case ours:
			whole = append(whole, made.tool)
			array = append(append(array, made.encoded...), ',')
		case !slices.Contains(s.catalog.Names(), tool.Name): // served beside the catalog
			whole = append(whole, tool)
			fillable = false
		}
	}
	outlet := outletOf(ctx)
	if outlet == nil || !fillable || len(whole) == 0 {
		result.Tools = whole
		return
	}
	array[len(array)-1] = ']'
	outlet.fill(&filling{list: array})
	result.Tools = []mcp.Tool{}
}
