package server

import (
	"bytes"
	"slices"
)

// place is where in a message an object is: it decides which of its keys are read by name. encoding/json takes any case
// for such a key, so that "METHOD" would be a method here and nothing to whoever looks at the message before.
type place int

const (
	// inFree is where keys are the client's own.
	inFree place = iota
	inEnvelope
	inParams
	// inFields is where objects become structs: below the params, and in answers.
	inFields
	inMetadata
	// inAnswers holds those of the user, by the ids of the questions.
	inAnswers
)

// The keys that are read by name. Those of structs below the params are in one list: none is another in other letters.
var (
	envelopeKeys = []string{"jsonrpc", "id", "method", "params", "result", "error"}
	metadataKeys = []string{
		"progressToken", metaVersion, metaCapabilities, metaClient, "io.modelcontextprotocol/logLevel",
		"traceparent", "tracestate", "baggage",
	}
	fieldKeys = []string{
		"_meta", "action", "argument", "arguments", "capabilities", "clientInfo", "code", "content", "context", "cursor", "data",
		"description", "elicitation", "experimental", "extensions", "form", "icons", "inputResponses", "level", "listChanged",
		"message", "mimeType", "model", "name", "notifications", "progress", "progressToken", "promptsListChanged",
		"protocolVersion", "reason", "ref", "requestId", "requestState", "resourceSubscriptions", "resourcesListChanged", "role",
		"roots", "sampling", "sizes", "src", "stopReason", "task", "taskId", "tasks", "theme", "title", "tools",
		"toolsListChanged", "total", "ttl", "type", "uri", "url", "value", "version", "websiteUrl",
	}
)

// The keys of the metadata that say whose request it is.
const (
	metaVersion      = "io.modelcontextprotocol/protocolVersion"
	metaCapabilities = "io.modelcontextprotocol/clientCapabilities"
	metaClient       = "io.modelcontextprotocol/clientInfo"
)

// keys are those that are read by name.
func (p place) keys() []string {
	switch p {
	case inEnvelope:
		return envelopeKeys
	case inParams, inFields:
		return fieldKeys
	case inMetadata:
		return metadataKeys
	default:
		return nil
	}
}

// respelled reports whether a key is one that is read by name in letters of another case, and gives that one.
func (p place) respelled(key []byte) (name string, differs bool) {
	if slices.Contains(p.keys(), string(key)) {
		return "", false
	}
	for _, name := range p.keys() {
		if bytes.EqualFold(key, []byte(name)) {
			return name, true
		}
	}
	return "", false
}

// within gives the place of a key's value.
func (p place) within(key string) place {
	switch {
	case p == inEnvelope && key == "params":
		return inParams
	case p == inEnvelope && (key == "result" || key == "error"), p == inAnswers,
		p == inMetadata && (key == metaCapabilities || key == metaClient):
		return inFields
	case p != inParams && p != inFields:
		return inFree
	}
	switch key {
	case "_meta":
		return inMetadata
	case "inputResponses":
		return inAnswers
	case "argument", "capabilities", "clientInfo", "context", "elicitation", "form", "icons", "notifications", "ref", "roots",
		"sampling", "task", "tasks", "tools", "url":
		return inFields
	default: // what holds no object, or one whose keys are the client's own
		return inFree
	}
}

// elements gives the place of the elements of an array.
func (p place) elements() place {
	if p == inFields {
		return inFields
	}
	return inFree
}
