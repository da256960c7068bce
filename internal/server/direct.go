package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// toolCall is a tools/call that says no more than what it calls. Without a name it is none.
type toolCall struct {
	name            string
	arguments, meta json.RawMessage
}

// toolCall gives what a message calls; nothing when it is no call, wants no answer, says more, or has a form that the library
// must refuse.
func (m message) toolCall() toolCall {
	name, ok := textOf(m.Name)
	if m.Method != string(mcp.MethodToolsCall) || !m.isRequest() || !ok || m.Further || !objectOrNone(m.Arguments) || !objectOrNone(m.Meta) {
		return toolCall{}
	}
	return toolCall{name: name, arguments: m.Arguments, meta: m.Meta}
}

func objectOrNone(value json.RawMessage) bool { return value == nil || value[0] == '{' }

// directCall is a call that is served without the library, which would read its message six times and encode its result
// twice: a call of an earlier revision that reads, so that nobody is asked. Everything else is the library's, and what this
// answers is what that would.
//
// It is the context of its call, too, in place of a chain of several.
type directCall struct {
	context.Context //nolint:containedctx // it is one

	tool tools.Tool
	call toolCall
	meta *mcp.Meta
	// id is the client's.
	id     json.RawMessage
	outlet outlet
	header http.Header
	// session is the one that the call belongs to; empty for none. version is the revision that was agreed on with it.
	session, version string
}

type directKey struct{}

// Value gives what belongs to the call itself.
func (d *directCall) Value(key any) any {
	switch key.(type) {
	case directKey:
		return d
	case outletKey:
		return d.outlet
	default:
		return d.Context.Value(key)
	}
}

// directOf gives the direct call that a context is of; nil for none.
func directOf(ctx context.Context) *directCall {
	found, _ := ctx.Value(directKey{}).(*directCall)
	return found
}

// direct gives a call that can be served directly; nil when it cannot.
func (s *Server) direct(ctx context.Context, call toolCall) *directCall {
	if call.name == "" || s.isBeside(call.name) {
		return nil
	}
	tool, err := s.offered(ctx).Find(call.name)
	if err != nil || tool.Class != client.Read || tool.Charged {
		return nil
	}
	direct := &directCall{Context: ctx, tool: tool, call: call}
	if call.meta != nil {
		direct.meta = &mcp.Meta{}
		if json.Unmarshal(call.meta, direct.meta) != nil || direct.meta.ProtocolVersion() != "" {
			return nil
		}
	}
	return direct
}

// versionOf gives the revision that was agreed on with a session; empty when none was.
func versionOf(session mcpserver.ClientSession) string {
	if versioned, ok := session.(mcpserver.SessionWithProtocolVersion); ok {
		return versioned.ProtocolVersion()
	}
	return ""
}

// serveDirect carries out a call and gives its answer.
func (s *Server) serveDirect(call *directCall) (answer []byte) {
	failed := true
	defer func() {
		if value := recover(); value != nil {
			answer = errorMessage(call.id, s.brokeDown(call, value))
		}
		s.observer.CountRequest(string(mcp.MethodToolsCall), failed)
	}()
	ctx, ended := s.observer.StartRequest(call, string(mcp.MethodToolsCall), call.tool.Name, carrier(call.meta, call.header))
	defer func() { ended(failed) }()
	ctx, finish := s.follow(ctx, call.meta)
	defer finish()
	out, failure := s.run(ctx, call.tool, call.call.arguments)
	if failure != nil {
		return resultMessage(call.id, failureResult(failure))
	}
	failed = false
	if facts, ok := compacted(out.Structured); ok {
		out.Structured = facts
		if len(out.Attachments) == 0 && !bytes.ContainsAny(call.id, "<>&\u2028\u2029") {
			return factsMessage(call.id, facts)
		}
	}
	return resultMessage(call.id, successResult(out, call.version))
}

// factsMessage is the answer to a call whose result holds nothing but facts.
func factsMessage(id, facts json.RawMessage) []byte {
	const room = len(`{"jsonrpc":"2.0","id":,"result":{"content":[{"type":"text","text":""}],"structuredContent":}}`)
	answer := make([]byte, 0, room+len(id)+2*len(facts)+len(facts)/quotesIn)
	answer = append(append(answer, `{"jsonrpc":"2.0","id":`...), id...)
	answer = append(answer, `,"result":{"content":[{"type":"text","text":`...)
	answer = appendText(answer, facts)
	answer = append(append(answer, `}],"structuredContent":`...), facts...)
	return append(answer, `}}`...)
}

// resultMessage is the answer to a call, encoded by the library.
func resultMessage(id json.RawMessage, result *mcp.CallToolResult) []byte {
	encoded, err := json.Marshal(mcp.JSONRPCResponse{JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId(id), Result: result})
	if err != nil {
		return errorMessage(id, internalRefusal(newReference()))
	}
	return encoded
}
