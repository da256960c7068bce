package server

import (
	"net/http"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// TestHeadersAreFoundByTheirNames looks up what came in other letters, and what is named by the library.
func TestHeadersAreFoundByTheirNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{mcp.HeaderProtocolVersion, mcpserver.HeaderKeySessionID, "Content-Type", "Origin"} {
		header := http.Header{}
		if got := field(header, name); got != "" {
			t.Errorf("%s is %q where there is none", name, got)
		}
		header.Add(name, "first")
		header.Add(name, "second")
		if got := field(header, name); got != "first" {
			t.Errorf("%s is %q; net/http keeps it as %s", name, got, http.CanonicalHeaderKey(name))
		}
	}
}
