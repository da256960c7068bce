package server

import (
	"bytes"
	"strings"
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

// The keys that are read by name, by themselves in lower case. Those of structs below the params are in one list: none is
// another in other letters. What only describes a client, such as its icons, is nothing that two readers must agree on,
// and is not in it.
var (
	envelopeKeys = folded("jsonrpc", "id", "method", "params", "result", "error")
	paramsKeys   = folded(
		"_meta", "argument", "arguments", "capabilities", "clientInfo", "context", "cursor", "inputResponses", "level", "message",
		"name", "notifications", "progress", "progressToken", "protocolVersion", "reason", "ref", "requestId", "requestState", "task",
		"taskId", "total", "uri",
	)
	metadataKeys = folded("progressToken", metaVersion, metaCapabilities, metaClient, "io.modelcontextprotocol/logLevel")
	fieldKeys    = folded(
		"_meta", "action", "arguments", "code", "content", "data", "elicitation", "experimental", "extensions", "form",
		"listChanged", "message", "model", "name", "promptsListChanged", "resourceSubscriptions", "resourcesListChanged", "role",
		"roots", "sampling", "stopReason", "taskId", "tasks", "tools", "toolsListChanged", "ttl", "type", "uri", "url", "value",
		"version",
	)
)

// folded gives names by what they are in lower case.
func folded(names ...string) map[string]string {
	byFold := make(map[string]string, len(names))
	for _, name := range names {
		byFold[strings.ToLower(name)] = name
	}
	return byFold
}

// The keys of the metadata that say whose request it is.
const (
	metaVersion      = "io.modelcontextprotocol/protocolVersion"
	metaCapabilities = "io.modelcontextprotocol/clientCapabilities"
	metaClient       = "io.modelcontextprotocol/clientInfo"
)

// keys are those that are read by name.
func (p place) keys() map[string]string {
	switch p {
	case inEnvelope:
		return envelopeKeys
	case inParams:
		return paramsKeys
	case inFields:
		return fieldKeys
	case inMetadata:
		return metadataKeys
	default:
		return nil
	}
}

// respelled reports whether a key is one that is read by name in letters of another case, and gives that one. It looks
// once, since a message may have hundreds of thousands of keys.
func (p place) respelled(key []byte) (name string, differs bool) {
	const longest = 64 // of those that are read by name
	names := p.keys()
	if names == nil || len(key) > longest {
		return "", false
	}
	name, known := names[string(key)] // nearly every key is in lower case already
	if !known {
		name, known = names[string(bytes.Map(lower, key))]
	}
	return name, known && name != string(key)
}

// lower gives a letter in lower case, as encoding/json compares keys: two signs beyond ASCII stand for letters.
func lower(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	case r == '\u017f':
		return 's'
	case r == '\u212a':
		return 'k'
	default:
		return r
	}
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
	case "argument", "capabilities", "clientInfo", "context", "elicitation", "form", "notifications", "ref", "roots",
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
