package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// toolList holds the tools as clients see them, encoded: made when tools/list is first asked for, since a client that only
// calls needs none of it.
type toolList map[string]json.RawMessage

// list encodes the tools. One with a mistake is left out, so that it does not spoil the whole list.
func (s *Server) list() toolList {
	listed := toolList{}
	for _, tool := range s.catalog.Tools() {
		declared, err := declare(tool)
		if err == nil {
			listed[tool.Name], err = declared.MarshalJSON() // json.Marshal would only check and copy it once more
		}
		if err != nil {
			delete(listed, tool.Name)
			s.logger.Error("a tool cannot be listed", slog.String("tool", tool.Name), slog.Any("error", err))
		}
	}
	return listed
}

// Check makes every schema and reports the mistakes in the declarations of the tools, for which clients would refuse the
// whole list.
func (s *Server) Check() error {
	for _, tool := range s.catalog.Tools() {
		declared, err := declare(tool)
		if err == nil {
			err = checkDeclaration(declared)
		}
		if err != nil {
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
	outlet := outletOf(ctx)
	encoded := s.listed().encoded(result.Tools)
	if outlet == nil || encoded == nil {
		result.Tools = s.declareAll(result.Tools)
		return
	}
	outlet.fill(&filling{list: encoded})
	result.Tools = []mcp.Tool{}
}

// encoded gives tools encoded; nil for none, or if one is not in the list.
func (l toolList) encoded(wanted []mcp.Tool) []json.RawMessage {
	var found []json.RawMessage
	for _, tool := range wanted {
		encoded, ours := l[tool.Name]
		if !ours {
			return nil
		}
		found = append(found, encoded)
	}
	return found
}

// declareAll gives tools with their declarations. Those with a mistake are left out, and those that are served beside the
// catalog stay as they are.
func (s *Server) declareAll(wanted []mcp.Tool) []mcp.Tool {
	whole := make([]mcp.Tool, 0, len(wanted))
	for _, given := range wanted {
		tool, err := s.catalog.Find(given.Name)
		if err != nil {
			whole = append(whole, given)
			continue
		}
		if declared, err := declare(tool); err == nil {
			whole = append(whole, declared)
		}
	}
	return whole
}
