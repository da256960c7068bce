package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

const testView = "ui://robutler/test"

// newViewingServer serves a tool with a view and one without.
func newViewingServer(t *testing.T) *Server {
	t.Helper()
	spec := readSpec("show", tools.ToolsetAgents)
	spec.View = testView
	show := tools.Define(spec, func(_ context.Context, in echoInput) (echoOutput, error) { return echoOutput(in), nil })
	catalog, err := tools.Collect([]tools.Tool{show, echoTool("echo", tools.ToolsetContent, client.Read)},
		[]tools.View{{URI: testView, Title: "Test", HTML: []byte("<!doctype html><p>Hello")}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Catalog: catalog, Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestViewsAreAdvertisedAndServed(t *testing.T) {
	everywhere(t, func(t *testing.T, open connect, version string) {
		c := dial(t, open, newViewingServer(t), version)
		extension, _ := json.Marshal(c.GetServerCapabilities().Extensions)
		if string(extension) != `{"io.modelcontextprotocol/ui":{"mimeTypes":["text/html;profile=mcp-app"]}}` {
			t.Errorf("extensions: %s", extension)
		}
		listed, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
		if err != nil || len(listed.Tools) != 2 || listed.Tools[0].Meta != nil {
			t.Fatalf("list: %v, %+v", err, listed)
		}
		if meta, _ := json.Marshal(listed.Tools[1].Meta); string(meta) != `{"ui":{"resourceUri":"ui://robutler/test"}}` {
			t.Errorf("meta of the tool: %s", meta)
		}
		resources, err := c.ListResources(t.Context(), mcp.ListResourcesRequest{})
		if err != nil || len(resources.Resources) != 1 || resources.Resources[0].MIMEType != viewType || resources.Resources[0].Title != "Test" {
			t.Errorf("resources: %v, %+v", err, resources)
		}
		read, err := c.ReadResource(t.Context(), readRequest(testView))
		if err != nil || len(read.Contents) != 1 {
			t.Fatalf("read: %v, %+v", err, read)
		}
		page, ok := read.Contents[0].(mcp.TextResourceContents)
		if !ok || page.URI != testView || page.MIMEType != viewType || page.Text != "<!doctype html><p>Hello" {
			t.Errorf("read: %+v", read.Contents[0])
		}
		if meta, _ := json.Marshal(page.Meta); string(meta) !=
			`{"ui":{"csp":{"baseUriDomains":[],"connectDomains":[],"frameDomains":[],"resourceDomains":[]}}}` {
			t.Errorf("meta of the view: %s", meta)
		}
	})
}

func TestViewsFollowTheirTools(t *testing.T) {
	run := startHTTP(t, newViewingServer(t), HTTPOptions{})
	session := run.session()
	for _, method := range []string{`resources/list","params":{}`, `resources/read","params":{"uri":"ui://robutler/test"}`} {
		answer := text(t, run.do(http.MethodPost, "/mcp", `{"jsonrpc":"2.0","id":1,"method":"`+method+`}`, session, "X-MCP-Tools: echo"))
		if strings.Contains(answer, viewType) {
			t.Errorf("%s: %s", method, answer)
		}
	}
}

func TestNoViewsNoExtension(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	answer := text(t, startHTTP(t, s, HTTPOptions{}).do(http.MethodPost, "/mcp", initializeLine))
	if strings.Contains(answer, appsExtension) {
		t.Errorf("got %s", answer)
	}
}
