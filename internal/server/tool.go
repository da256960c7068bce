package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// maxToolName is what every client accepts, with room for the prefix that some put before it.
const maxToolName = 40

// declare gives a tool as clients see it.
func declare(tool tools.Tool) (mcp.Tool, error) {
	input, output := tool.Input.JSON(), tool.Output.JSON()
	if input == nil || output == nil {
		return mcp.Tool{}, errors.Join(tool.Input.Check(), tool.Output.Check())
	}
	hints := tool.Hints()
	declaration := mcp.NewToolWithRawSchema(tool.Name, tool.Description, input)
	for _, apply := range []mcp.ToolOption{
		mcp.WithRawOutputSchema(output),
		mcp.WithToolTitle(tool.Title),
		mcp.WithToolAnnotation(mcp.ToolAnnotation{
			Title:        tool.Title,
			ReadOnlyHint: &hints.ReadOnly, DestructiveHint: &hints.Destructive,
			IdempotentHint: &hints.Idempotent, OpenWorldHint: &hints.OpenWorld,
		}),
	} {
		apply(&declaration)
	}
	declaration.Meta = viewMeta(tool)
	return declaration, nil
}

// checkDeclaration refuses a tool that widespread clients refuse the whole list for.
func checkDeclaration(declared mcp.Tool) error {
	if err := checkSchema(declared.RawInputSchema); err != nil {
		return fmt.Errorf("check the input schema: %w", err)
	}
	if err := checkSchema(declared.RawOutputSchema); err != nil {
		return fmt.Errorf("check the output schema: %w", err)
	}
	return nil
}

func validToolName(name string) bool {
	foreign := func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_", r) }
	return name != "" && len(name) <= maxToolName && !strings.ContainsFunc(name, foreign)
}

// checkSchema refuses what widespread clients refuse: a root that is not an object, and properties whose schema is a
// bare boolean.
func checkSchema(encoded json.RawMessage) error {
	var root struct {
		Type       any                        `json:"type"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(encoded, &root); err != nil {
		return fmt.Errorf("read it: %w", err)
	}
	if root.Type != "object" {
		return errors.New(`the root is not of type "object"`)
	}
	for name, property := range root.Properties {
		if len(property) == 0 || property[0] != '{' {
			return fmt.Errorf("the property %q is not an object", name)
		}
	}
	return nil
}

// handler adapts a tool to mcp-go. It never gives an error: mcp-go would send its text to the client as it is.
func (s *Server) handler(tool tools.Tool) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (result *mcp.CallToolResult, _ error) {
		ctx, ended := s.observer.StartRequest(ctx, request.Method, tool.Name, carrier(request.Params.Meta, request.Header))
		defer func() { ended(result == nil || result.IsError) }()
		ctx, finish := s.follow(ctx, request.Params.Meta)
		defer finish()
		arguments, failure := s.agreed(ctx, request)
		if failure != nil {
			return failureResult(failure), nil
		}
		return s.resultFor(ctx, tool, arguments, true), nil
	}
}

// resultFor runs a tool and gives its result for the client. A call that somebody has to agree to is put before the user
// if the client may be asked.
func (s *Server) resultFor(ctx context.Context, tool tools.Tool, arguments json.RawMessage, mayAsk bool) *mcp.CallToolResult {
	awaiting(ctx, thePlatform)
	out, failure := s.run(ctx, tool, arguments)
	if failure != nil {
		return failureResult(failure)
	}
	if out.Pending != nil && mayAsk {
		awaiting(ctx, theUser)
		if asked := s.ask(ctx, tool, arguments, out.Pending); asked != nil {
			return asked
		}
	}
	return s.succeeded(ctx, out, mcpserver.RequestProtocolVersion(ctx))
}
