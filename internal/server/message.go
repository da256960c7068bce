package server

import (
	"bytes"
	"encoding/json"
	"errors"
)

// The codes of JSON-RPC errors that this package answers with itself.
const (
	codeParseError     = -32700
	codeInvalidRequest = -32600
	codeInvalidParams  = -32602
	codeInternalError  = -32603
)

// methodListen opens a stream that stays open until the client ends it.
const methodListen = "subscriptions/listen"

// message is what the transports must know of a JSON-RPC message. The fields are read as mcp-go reads them, so that
// both see the same message.
type message struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Result  json.RawMessage `json:"result"`
	Error   json.RawMessage `json:"error"`
	Params  json.RawMessage `json:"params"`
}

// response is an answer of the library as it goes out.
type response struct {
	JSONRPC string           `json:"jsonrpc"`
	ID      json.RawMessage  `json:"id"`
	Method  *json.RawMessage `json:"method,omitempty"`
	Result  json.RawMessage  `json:"result,omitempty"`
	Error   json.RawMessage  `json:"error,omitempty"`
}

// rpcError is a JSON-RPC error that answers a message which does not go further.
type rpcError struct {
	code    int
	message string
}

// parseMessage reads a message, or says why it is refused.
func parseMessage(raw []byte) (message, *rpcError) {
	var m message
	switch err := json.Unmarshal(raw, &m); {
	case err != nil && isSyntaxError(err):
		return m, &rpcError{code: codeParseError, message: "the message is not valid JSON"}
	case bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")):
		return m, &rpcError{code: codeInvalidRequest, message: "batches are not supported: send one message at a time"}
	case err != nil || !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")):
		return m, &rpcError{code: codeInvalidRequest, message: "the message is not a JSON-RPC object"}
	}
	switch {
	case m.ID != nil && !validID(m.ID):
		return m, &rpcError{code: codeInvalidRequest, message: "the id is neither a string nor an integer"}
	case m.Method != "" && (m.Result != nil || m.Error != nil):
		return m, &rpcError{code: codeInvalidRequest, message: "the message is a request and a response at once"}
	case m.Method == "" && m.Result == nil && m.Error == nil:
		return m, &rpcError{code: codeInvalidRequest, message: "the message has no method"}
	}
	return m, nil
}

// checkParams says why the params are refused: MCP knows them as an object only.
func (m message) checkParams() *rpcError {
	if m.Params == nil || m.Params[0] == '{' || string(m.Params) == "null" {
		return nil
	}
	return &rpcError{code: codeInvalidParams, message: "the params are not an object"}
}

// isRequest reports whether the message wants an answer.
func (m message) isRequest() bool { return m.Method != "" && m.ID != nil }

// isResponse reports whether the message answers a request of this server. The library complains
// of answers that it does not wait for.
func (m message) isResponse() bool { return m.Method == "" }

// protocolVersion is the version that a message of the 2026 revision carries within itself.
func (m message) protocolVersion() string {
	var params struct {
		Meta map[string]json.RawMessage `json:"_meta"`
	}
	var version string
	if json.Unmarshal(m.Params, &params) != nil ||
		json.Unmarshal(params.Meta["io.modelcontextprotocol/protocolVersion"], &version) != nil {
		return ""
	}
	return version
}

func isSyntaxError(err error) bool {
	var mistyped *json.UnmarshalTypeError
	return !errors.As(err, &mistyped)
}

// validID reports whether an id is a string or an integer that mcp-go can read.
func validID(raw json.RawMessage) bool {
	var id any
	if json.Unmarshal(raw, &id) != nil {
		return false
	}
	switch id.(type) {
	case string:
		return true
	case float64:
		return !bytes.ContainsAny(raw, ".eE")
	default:
		return false
	}
}

// idKey is the id as mcp-go gives it back: it rounds integers above 2^53 and escapes strings its own way.
func idKey(raw json.RawMessage) string {
	var id any
	if json.Unmarshal(raw, &id) != nil {
		return string(raw)
	}
	encoded, err := json.Marshal(id)
	if err != nil {
		return string(raw)
	}
	return string(encoded)
}

// errorMessage is the JSON-RPC error that answers the request of an id; nil when it has none.
func errorMessage(id json.RawMessage, code int, text string) []byte {
	if id == nil {
		id = json.RawMessage("null")
	}
	var answer struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	answer.JSONRPC, answer.ID = "2.0", id
	answer.Error.Code, answer.Error.Message = code, text
	encoded, err := json.Marshal(answer)
	if err != nil {
		return []byte(`{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"the error could not be encoded"}}`)
	}
	return encoded
}
