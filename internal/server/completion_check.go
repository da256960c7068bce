package server

import (
	"context"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

// checkCompletion refuses to complete what there is not: a prompt, a resource template, or an argument of one.
func (s *Server) checkCompletion(ctx context.Context, id any, request *mcp.CompleteRequest) {
	var failure *tools.Error
	switch reference := request.Params.Ref.(type) {
	case mcp.PromptReference:
		failure = s.noPromptArgument(ctx, reference.Name, request.Params.Argument.Name)
	case mcp.ResourceReference:
		failure = s.noVariable(ctx, reference.URI, request.Params.Argument.Name)
	}
	if failure == nil {
		return
	}
	explain(ctx, id, explanation{code: mcp.INVALID_PARAMS, message: failure.Message, failure: failure})
	// What a completion fails with is an internal error to the library; a reference of no type is refused as a bad request.
	request.Params.Ref = nil
}

// noPromptArgument is the error of an argument of a prompt that the caller cannot have; nil if there is one.
func (s *Server) noPromptArgument(ctx context.Context, prompt, argument string) *tools.Error {
	wanted, ok := s.workflow(ctx, prompt)
	if !ok {
		return s.noWorkflow(ctx, prompt)
	}
	var names []string
	for _, one := range wanted.arguments {
		names = append(names, one.name)
	}
	return noArgument(argument, names)
}

// noVariable is the error of a variable of a resource template that the caller cannot use; nil if there is one.
func (s *Server) noVariable(ctx context.Context, uri, variable string) *tools.Error {
	var templates []string
	for _, source := range sources() {
		switch offered := s.offers(ctx, source.tool); {
		case source.variable == "":
		case source.template() == uri && offered:
			return noArgument(variable, []string{source.placeholder})
		case source.template() == uri && slices.Contains(s.known, source.tool):
			return notOffered("tool", source.tool, nil, s.known)
		case offered:
			templates = append(templates, source.template())
		}
	}
	return &tools.Error{
		Code: tools.CodeNotFound, Message: "no resource template is this one",
		NextStep: "Use one of valid_values, or list the resource templates.", ValidValues: templates,
	}
}

// noArgument is the error of an argument that is not among those that there are; nil if it is.
func noArgument(name string, names []string) *tools.Error {
	if slices.Contains(names, name) {
		return nil
	}
	failure := &tools.Error{
		Code: tools.CodeInvalidArgument, Message: "there is no argument of this name to complete",
		NextStep: "Use one of valid_values.", ValidValues: names,
	}
	if strings.TrimSpace(name) == "" {
		failure.Message = "the name of the argument to complete is missing"
	}
	return failure
}
