package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/schema"
	"github.com/robutlerai/robutler-mcp/tools"
)

// CodeNotEnabled is for what the product has and this configuration, or the headers of this request, leave out.
const CodeNotEnabled = "not_enabled"

// maxNearest bounds the names that are offered in place of one that is unknown.
const maxNearest = 5

// explanation says why a request is refused. The library words its refusals around the name that was asked for, and
// takes no data. So hooks, which see a request ahead of its dispatch, note an explanation where the answer goes out, the
// library refuses the request by itself, and the explanation replaces its words on the way. An answer of our own in
// front of the library would be shorter, but would come before its checks of headers, and would be a second way out
// beside the one that settles requests; this way the code and the HTTP status are right for each revision, too.
type explanation struct {
	message string
	// uri is what was to be read, if anything.
	uri     string
	failure *tools.Error
	// code and facts replace the code of the library and the failure, if set. The HTTP status stays the library's.
	code  int
	facts any
}

// explain notes why the request of an id is refused.
func explain(ctx context.Context, id any, why explanation) {
	if out := outletOf(ctx); out != nil {
		out.explain(id, &why)
	}
}

// data is the explanation as an object.
func (e *explanation) data() any {
	if e.facts != nil {
		return e.facts
	}
	return struct {
		URI string `json:"uri,omitempty"`
		*tools.Error
	}{e.uri, e.failure}
}

// replace puts the explanation in place of the words of an error. It reports whether the answer was one: a call that
// went through after all needs no explanation.
func (e *explanation) replace(answer *response) bool {
	var refused struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Data    any    `json:"data"`
	}
	if answer.Error == nil || json.Unmarshal(answer.Error, &refused) != nil {
		return false
	}
	if e = e.of(refused.Code, refused.Message); e == nil {
		return false
	}
	refused.Message, refused.Data = e.message, e.data()
	if e.code != 0 {
		refused.Code = e.code
	}
	encoded, err := json.Marshal(refused)
	if err != nil {
		return false
	}
	answer.Error = encoded
	return true
}

// of gives what was noted, or what there is to say of an error of a code if nothing was: the library repeats the name of
// a method that it does not know, whatever that is, and what Go says of params that it cannot read.
func (e *explanation) of(code int, words string) *explanation {
	switch {
	case e != nil:
		return e
	case code == mcp.METHOD_NOT_FOUND:
		return &explanation{message: "the method is not known", failure: &tools.Error{
			Code: tools.CodeNotFound, Message: "the method is not known",
			NextStep: "Use the methods of the revision of MCP that was agreed on; those of tools, prompts and resources are served.",
		}}
	case (code == mcp.INVALID_PARAMS || code == mcp.INVALID_REQUEST) && !saysWhy(words):
		const message = "the params are not those of the method: a member is missing, of another type, or has a value that is none"
		return &explanation{code: mcp.INVALID_PARAMS, message: message, failure: &tools.Error{
			Code: tools.CodeInvalidArgument, Message: message,
			NextStep: "Send the params that MCP has for the method; name, uri and cursor are texts, and a cursor is one that a list gave.",
		}}
	default:
		return nil
	}
}

// saysWhy reports whether words of the library are meant for clients: those of its transport and of the metadata are.
func saysWhy(words string) bool {
	return strings.HasPrefix(words, "missing or invalid _meta field ") || strings.HasPrefix(words, "client-to-server responses ")
}

// checkTool explains why a tool cannot be called by who asks for it.
func (s *Server) checkTool(ctx context.Context, id any, request *mcp.CallToolRequest) {
	name, offered := request.Params.Name, s.offered(ctx)
	if _, err := offered.Find(name); err == nil {
		return
	}
	names := offered.Names()
	failure := notOffered("tool", name, names, s.known)
	s.observer.CountUnknownTool(failure.Code)
	explain(ctx, id, explanation{message: failure.Message, failure: failure})
}

// notOffered is the error of a name that the caller cannot use: it is left out or missing, or there is none like it.
func notOffered(kind, name string, offered, known []string) *tools.Error {
	if slices.Contains(known, name) {
		return &tools.Error{
			Code: CodeNotEnabled, Message: fmt.Sprintf("the %s %s is not enabled in this configuration", kind, name),
			NextStep: "Do without it, or tell the user: the flags of robutler-mcp and the X-MCP headers of the client decide " +
				"which tools are enabled.",
		}
	}
	if name == "" {
		return &tools.Error{
			Code: tools.CodeInvalidArgument, Message: fmt.Sprintf("the name of the %s is missing", kind),
			NextStep: fmt.Sprintf("Give it as name; list the %ss to see what there is.", kind),
		}
	}
	failure := &tools.Error{
		Code: tools.CodeNotFound, Message: fmt.Sprintf("unknown %s %q", kind, brief(name)),
		NextStep: fmt.Sprintf("List the %ss and use one of them.", kind), ValidValues: nearest(name, offered),
	}
	if len(failure.ValidValues) > 0 {
		failure.Message += "; did you mean " + failure.ValidValues[0] + "?"
		failure.NextStep = fmt.Sprintf("Use one of valid_values, or list the %ss.", kind)
	}
	return failure
}

// nearest gives the names that may be meant, the likeliest first.
func nearest(name string, names []string) (near []string) {
	left := slices.Clone(names)
	for len(near) < maxNearest {
		found, ok := schema.Nearest(name, left)
		if !ok {
			break
		}
		near = append(near, found)
		left = slices.DeleteFunc(left, func(other string) bool { return other == found })
	}
	return near
}

// brief cuts a name that is longer than any could be.
func brief(name string) string {
	if characters := []rune(name); len(characters) > maxToolName {
		return string(characters[:maxToolName-3]) + "..."
	}
	return name
}
