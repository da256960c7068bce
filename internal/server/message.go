package server

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

// The codes of JSON-RPC errors that this package answers with itself.
const (
	codeParseError     = -32700
	codeInvalidRequest = -32600
	codeInvalidParams  = -32602
	codeInternalError  = -32603
	// codeOverloaded is of those that JSON-RPC leaves to servers.
	codeOverloaded = -32000
)

const (
	// methodListen opens a stream that stays open until the client ends it.
	methodListen = "subscriptions/listen"
)

// message is what the transports must know of a JSON-RPC message. mcp-go reads the same, since nothing is let through
// that can be read in two ways.
type message struct {
	raw    []byte
	ID     json.RawMessage
	Method string
	Params json.RawMessage
	// Meta is the metadata of the params.
	Meta json.RawMessage
	// Name and Arguments are those of the params, as a call has them. Further says that there are others than these.
	Name, Arguments json.RawMessage
	Further         bool
	Result          json.RawMessage
	Error           json.RawMessage
}

// rpcError is a JSON-RPC error that answers a message which does not go further.
type rpcError struct {
	code    int
	message string
	// failure says more, or is nil.
	failure *tools.Error
}

func invalid(reason string) *rpcError { return &rpcError{code: codeInvalidRequest, message: reason} }

// envelopeOf gathers the members of a message as they are read.
type envelopeOf struct {
	message
	version, method json.RawMessage
	// responds says that there is a result or an error, if only null: clients that encode both write the other like that.
	responds bool
	// doubtful says that there are several ids, or something like one.
	doubtful bool
}

func (e *envelopeOf) take(in place, key, value []byte) {
	if in == inParams {
		e.takeParam(key, value)
		return
	}
	switch string(key) {
	case "jsonrpc":
		e.version = value
	case "id":
		e.doubtful = e.doubtful || e.ID != nil
		e.ID = value
	case "method":
		e.method = value
	case "params":
		e.Params = value
	case "result":
		e.responds, e.Result = true, unlessNull(value)
	case "error":
		e.responds, e.Error = true, unlessNull(value)
	default:
		e.doubtful = e.doubtful || bytes.EqualFold(key, []byte("id"))
	}
}

func (e *envelopeOf) takeParam(key, value []byte) {
	switch string(key) {
	case "_meta":
		e.Meta = value
	case "name":
		e.Name = value
	case "arguments":
		e.Arguments = value
	default:
		e.Further = true
	}
}

// unlessNull gives a value as it came; nil for null.
func unlessNull(value json.RawMessage) json.RawMessage {
	if string(value) == "null" {
		return nil
	}
	return value
}

// parseMessage reads a message, or says why it is refused. Of one that is refused only the id is given, if it is certain
// that an answer under it belongs to a request.
func parseMessage(raw []byte) (message, *rpcError) {
	whole := &struct { // one allocation for all
		read   envelopeOf
		reader strictReader
		keys   [12][]byte // of a common message
	}{}
	read, reader := &whole.read, &whole.reader
	reader.text, reader.took, reader.keys = raw, read, whole.keys[:0]
	valid := reader.read()
	switch {
	case reader.tooDeep && valid:
		return message{ID: read.answerable()}, invalid("the message is nested too deep")
	case reader.tooDeep:
		return message{}, invalid("the message is nested too deep")
	case !valid:
		return message{}, &rpcError{code: codeParseError, message: "the message is not valid JSON"}
	}
	if refusal := read.check(raw, reader.fault); refusal != nil {
		return message{ID: read.answerable()}, refusal
	}
	read.raw = raw
	return read.message, nil
}

// requestIn gives the id of the request that a text begins; nil when its members until there do not tell.
func requestIn(head []byte) json.RawMessage {
	var read envelopeOf
	// Up to a comma: the digits before the end may be those of half an id.
	reader := strictReader{text: head[:bytes.LastIndexByte(head, ',')+1], took: &read}
	reader.read()
	if reader.fault != "" || read.method == nil || read.responds {
		return nil
	}
	return read.answerable()
}

// check says why the message is refused, or completes it.
func (e *envelopeOf) check(raw []byte, fault string) *rpcError {
	switch first := bytes.TrimLeft(raw, " \t\r\n")[0]; {
	case first == '[':
		return invalid("batches are not supported: send one message at a time")
	case first != '{':
		return invalid("the message is not a JSON-RPC object")
	case fault != "":
		return invalid("the message is ambiguous or malformed: " + fault)
	case string(e.ID) == "null" && e.method == nil && e.Error != nil:
		e.ID = nil // it answers something that could not be read; to answer it would go on for ever
	case e.ID != nil && !validID(e.ID):
		return invalid("the id is neither a short text nor an integer")
	}
	if string(e.version) != `"2.0"` {
		if version, ok := textOf(e.version); !ok || version != mcp.JSONRPC_VERSION {
			return invalid(`jsonrpc is not "2.0"`)
		}
	}
	var ok bool
	e.Method, ok = methodOf(e.method)
	answers := e.Result != nil || e.Error != nil
	switch {
	case e.method != nil && !ok:
		return invalid("the method is not a text")
	case e.Method != "" && answers:
		return invalid("the message is a request and a response at once")
	case e.Method == "" && !e.responds:
		return invalid("the message has no method")
	case e.Params != nil && e.Params[0] != '{' && string(e.Params) != "null":
		return &rpcError{code: codeInvalidParams, message: "the params are not an object"}
	}
	return nil
}

// answerable gives the id that a refusal goes to; nil when the message has none for certain, or may be a response, whose
// id is one of this server's.
func (e *envelopeOf) answerable() json.RawMessage {
	if e.doubtful || e.ID == nil || e.Result != nil || e.Error != nil || (e.responds && e.method == nil) || !validID(e.ID) {
		return nil
	}
	return e.ID
}

// isRequest reports whether the message wants an answer.
func (m message) isRequest() bool { return m.Method != "" && m.ID != nil }

// isResponse reports whether the message answers a request of this server.
func (m message) isResponse() bool { return m.Method == "" }

// response is the message as the answer that it is, without what is null in it: the library takes "error":null for an
// error.
func (m message) response(raw []byte) []byte {
	encoded, err := json.Marshal(response{JSONRPC: mcp.JSONRPC_VERSION, ID: m.ID, Result: m.Result, Error: m.Error})
	if err != nil {
		return raw
	}
	return encoded
}

// protocolVersion is the version that a message of the 2026 revision carries within itself.
func (m message) protocolVersion() string {
	if m.Meta == nil {
		return ""
	}
	var meta map[string]json.RawMessage
	var version string
	if json.Unmarshal(m.Meta, &meta) != nil || json.Unmarshal(meta[metaVersion], &version) != nil {
		return ""
	}
	return version
}

// isModern reports whether the message needs no handshake before it.
func (m message) isModern() bool { return mcp.IsModernProtocol(m.protocolVersion()) }

// methodOf gives a method, without copying the most frequent one.
func methodOf(raw json.RawMessage) (method string, ok bool) {
	if string(raw) == `"tools/call"` {
		return string(mcp.MethodToolsCall), true
	}
	return textOf(raw)
}

// textOf gives what a JSON string means.
func textOf(raw json.RawMessage) (text string, ok bool) {
	switch {
	case len(raw) == 0 || raw[0] != '"':
		return "", false
	case bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw):
		return string(raw[1 : len(raw)-1]), true
	default:
		return unescaped(raw)
	}
}

func unescaped(raw json.RawMessage) (text string, ok bool) {
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}

// errorMessage is the JSON-RPC error that answers the request of an id; nil when it has none.
func errorMessage(id json.RawMessage, refusal *rpcError) []byte {
	if id == nil {
		id = json.RawMessage("null")
	}
	answer := mcp.JSONRPCError{
		JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId(id),
		Error: mcp.JSONRPCErrorDetails{Code: refusal.code, Message: refusal.message},
	}
	if refusal.failure != nil {
		answer.Error.Data = refusal.failure
	}
	encoded, err := json.Marshal(answer)
	if err != nil {
		return []byte(`{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"the error could not be encoded"}}`)
	}
	return encoded
}
