package server

import (
	"bytes"
	"context"
	"encoding/json"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/internal/plain"
	"github.com/robutlerai/robutler-mcp/tools"
)

// filling is the part of an answer that the library does not encode: it would copy each result five times, and the list
// of tools as often. It encodes a mark instead, which the filling takes the place of as the answer goes out.
type filling struct {
	// mark stands for the facts of a call's result, once as text and once as structured content. Nobody else knows it.
	mark  string
	facts json.RawMessage
	// list holds what an empty list of tools is to hold, encoded; nil for none.
	list []json.RawMessage
}

// noTools is how the library encodes an empty list of tools.
var noTools = []byte(`"tools":[]`)

// into gives an answer with what belongs into it.
func (f *filling) into(answer []byte) []byte {
	switch {
	case f == nil:
		return answer
	case f.list != nil:
		return f.intoList(answer)
	}
	quoted := []byte(`"` + f.mark + `"`)
	before, rest, found := bytes.Cut(answer, quoted)
	between, after, both := bytes.Cut(rest, quoted)
	if !found || !both {
		return answer // not the result of the call
	}
	out := make([]byte, 0, len(answer)+2*len(f.facts)+len(f.facts)/quotesIn)
	out = append(out, before...)
	out = appendText(out, f.facts)
	out = append(out, between...)
	out = append(out, f.facts...)
	return append(out, after...)
}

// intoList gives a list of tools with its tools.
func (f *filling) intoList(answer []byte) []byte {
	before, after, found := bytes.Cut(answer, noTools)
	if !found {
		return answer
	}
	size := len(answer)
	for _, each := range f.list {
		size += len(each) + len(",")
	}
	out := append(make([]byte, 0, size), before...)
	out = append(out, noTools[:len(noTools)-len("]")]...)
	for i, each := range f.list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, each...)
	}
	return append(append(out, ']'), after...)
}

// quotesIn is how many bytes of JSON hold one that is escaped, at most often.
const quotesIn = 8

// appendText writes compact JSON as a JSON string. Of what strings escape there are only quotes and backslashes in it.
func appendText(out, facts []byte) []byte {
	out = append(out, '"')
	start := 0
	for end := plain.StringEnd(facts, 0); end < len(facts); end = plain.StringEnd(facts, end+1) {
		out = append(append(out, facts[start:end]...), '\\')
		start = end
	}
	return append(append(out, facts[start:]...), '"')
}

// compacted gives facts as they can be put into an answer as they are. It reports false when they cannot.
func compacted(facts json.RawMessage) (_ json.RawMessage, ok bool) {
	if !bytes.HasPrefix(facts, []byte("{")) || !utf8.Valid(facts) {
		return nil, false
	}
	if bytes.IndexByte(facts, '\n') < 0 && bytes.IndexByte(facts, '\r') < 0 && bytes.IndexByte(facts, '\t') < 0 {
		return facts, true
	}
	var compact bytes.Buffer
	err := json.Compact(&compact, facts)
	return compact.Bytes(), err == nil
}

// succeeded gives the result of a call: marked, where the answer is filled in as it goes out.
func (s *Server) succeeded(ctx context.Context, out tools.Result, version string) *mcp.CallToolResult {
	outlet := outletOf(ctx)
	facts := out.Structured
	facts, ok := compacted(facts)
	if outlet == nil || !ok {
		return successResult(out, version) // the library refuses or mends what is no JSON
	}
	mark := s.mark()
	outlet.fill(&filling{mark: mark, facts: facts})
	result := successResult(tools.Result{Structured: json.RawMessage(`"` + mark + `"`), Attachments: out.Attachments}, version)
	result.Content[0] = mcp.NewTextContent(mark)
	return result
}
