// Package contract holds request and response pairs of the Robutler Platform, one file an operation and generation,
// written from the platform's description. The client and the embedded platform are both held to them, so that neither
// is held to the other.
package contract

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
)

//go:embed cases/*.json
var cases embed.FS

// Case is an operation as one generation of the platform serves it.
type Case struct {
	// Operation is the client's method, as [client.Operation] names it.
	Operation string `json:"operation"`
	// Generation is 2025 or 2026.
	Generation int `json:"generation"`
	// Setup are requests that make what the request needs. Either generation may serve them.
	Setup []Request `json:"setup,omitempty"`
	// Request is what a client of the generation sends. ${name} stands for what the setup saved, and ${payment:name} for
	// a payment header that pays 1 credit with a saved token.
	Request Request `json:"request"`
	// Response is what the platform answers, by its shape: the members that must be there, their types, and the values of
	// those that are yes or no.
	Response struct {
		Status int             `json:"status"`
		Body   json.RawMessage `json:"body"`
		// Exact names the other members whose values count, by dotted paths. Numbers are compared as decimals.
		Exact []string `json:"exact,omitempty"`
	} `json:"response"`
}

// Request is an HTTP request.
type Request struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body,omitempty"`
	// Upload is the text of a file that is sent as a multipart form instead of a body.
	Upload string `json:"upload,omitempty"`
	// Save keeps members of the answer, by a dotted path, under names.
	Save map[string]string `json:"save,omitempty"`
}

// Cases gives every case, by the name of its file.
func Cases() (map[string]Case, error) {
	names, err := fs.Glob(cases, "cases/*.json")
	if err != nil {
		return nil, fmt.Errorf("list contract cases: %w", err)
	}
	all := map[string]Case{}
	for _, name := range names {
		data, err := cases.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		var parsed Case
		if err := json.Unmarshal(data, &parsed); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		all[name] = parsed
	}
	return all, nil
}
