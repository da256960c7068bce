package server

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

// connect opens the client's side of a transport.
type connect func(t *testing.T, s *Server) transport.Interface

func overStdio(t *testing.T, s *Server) transport.Interface {
	t.Helper()
	fromTest, in := io.Pipe()
	fromServer, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- s.ServeStdio(t.Context(), fromTest, out) }()
	t.Cleanup(func() {
		_ = in.Close()
		if err := receive(t, ended, "the end of the server"); err != nil {
			t.Error(err)
		}
		_ = out.Close()
	})
	return transport.NewIO(fromServer, in, io.NopCloser(strings.NewReader("")))
}

func overSSE(t *testing.T, s *Server) transport.Interface {
	t.Helper()
	run := startHTTP(t, s, HTTPOptions{})
	opened, err := transport.NewSSE(run.base+"/sse", transport.WithHTTPClient(run.web))
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func overHTTP(t *testing.T, s *Server) transport.Interface {
	t.Helper()
	run := startHTTP(t, s, HTTPOptions{})
	opened, err := transport.NewStreamableHTTP(run.base+"/mcp", transport.WithHTTPBasicClient(run.web))
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// The same session over every transport, in both eras, with a client that is not ours.
func TestClients(t *testing.T) {
	for name, open := range map[string]connect{"stdio": overStdio, "sse": overSSE, "http": overHTTP} {
		for _, version := range []string{"2024-11-05", "2025-06-18", "2025-11-25", mcp.ProtocolVersion20260728} {
			t.Run(name+"/"+version, func(t *testing.T) {
				s, log := newTestServer(t, newFakes())
				c := mcpclient.NewClient(open(t, s), mcpclient.WithProtocolVersion(version))
				if err := c.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = c.Close() })
				speak(t, c, version)
				checkNoCanary(t, log)
			})
		}
	}
}

// speak goes through what a client does.
func speak(t *testing.T, c *mcpclient.Client, version string) {
	t.Helper()
	hello, err := c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ClientInfo: mcp.Implementation{Name: "test", Version: "1"}, ProtocolVersion: version,
	}})
	if err != nil {
		t.Fatalf("initialize: %v", err)
	}
	if hello.ServerInfo.Name != "robutler-mcp" || hello.ServerInfo.Version != "1.2.3" || len(hello.Instructions) > 1024 {
		t.Errorf("initialize: %+v", hello)
	}
	if c.ProtocolVersion() != version {
		t.Errorf("version %s", c.ProtocolVersion())
	}
	capabilities := hello.Capabilities
	if capabilities.Tools == nil || capabilities.Tools.ListChanged || capabilities.Prompts != nil ||
		capabilities.Resources != nil || capabilities.Logging != nil || capabilities.Tasks != nil {
		t.Errorf("capabilities: %+v", capabilities)
	}
	list, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
	if err != nil || len(list.Tools) != len(newFakes().all()) {
		t.Fatalf("list: %v, %+v", err, list)
	}
	speakCalls(t, c)
}

func speakCalls(t *testing.T, c *mcpclient.Client) {
	t.Helper()
	call := func(tool string, arguments any) (*mcp.CallToolResult, error) {
		return c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: tool, Arguments: arguments}})
	}
	echoed, err := call("echo", map[string]any{"text": "<a> & \u00e9"})
	if err != nil || echoed.IsError {
		t.Fatalf("echo: %v, %+v", err, echoed)
	}
	var structured, fromText echoOutput
	if json.Unmarshal(echoed.RawStructuredContent, &structured) != nil ||
		json.Unmarshal([]byte(contentText(t, echoed)), &fromText) != nil || structured != fromText ||
		structured.Text != "<a> & \u00e9" {
		t.Errorf("echo: %+v", echoed)
	}
	for tool, code := range map[string]string{
		"missing": tools.CodeNotFound, "fail": tools.CodeInternal, "explode": tools.CodeInternal,
	} {
		failed, err := call(tool, map[string]any{})
		if err != nil || !failed.IsError {
			t.Fatalf("%s: %v, %+v", tool, err, failed)
		}
		checkFailure(t, failed, code)
	}
	if _, err := call("ecko", nil); err == nil || !strings.Contains(err.Error(), "did you mean echo?") {
		t.Errorf("unknown tool: %v", err)
	}
}

func checkFailure(t *testing.T, failed *mcp.CallToolResult, code string) {
	t.Helper()
	said := contentText(t, failed)
	var failure tools.Error
	if err := json.Unmarshal([]byte(said), &failure); err != nil || failure.Code != code || failure.NextStep == "" {
		t.Errorf("want code %s: %s", code, said)
	}
	if failed.StructuredContent != nil {
		t.Errorf("structured content: %v", failed.StructuredContent)
	}
	encoded, _ := json.Marshal(failed.Meta.AdditionalFields[errorMetaKey])
	var fromMeta tools.Error
	if json.Unmarshal(encoded, &fromMeta) != nil || fromMeta.Code != code || fromMeta.Message != failure.Message {
		t.Errorf("meta: %s", encoded)
	}
	if strings.Contains(said+string(encoded), canary) {
		t.Errorf("the canary reached the client: %s", said)
	}
}

// checkNoCanary checks that the failures can be found in the log by what the client was told.
func checkNoCanary(t *testing.T, log *syncBuffer) {
	t.Helper()
	if logged := log.String(); !strings.Contains(logged, "tool panicked") || !strings.Contains(logged, "tool failed") {
		t.Errorf("the failures are not logged:\n%s", logged)
	}
}

func contentText(t *testing.T, result *mcp.CallToolResult) string {
	t.Helper()
	if len(result.Content) != 1 {
		t.Fatalf("content: %+v", result.Content)
	}
	said, ok := mcp.AsTextContent(result.Content[0])
	if !ok {
		t.Fatalf("content: %+v", result.Content)
	}
	return said.Text
}

// A client may only hold the list for as long as it is told to, and it says so in the 2026 revision.
func TestListHasCacheHints(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	response := run.do(http.MethodPost, "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{`+modernMeta+`}}`,
		"Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: tools/list")
	if body := text(t, response); !strings.Contains(body, `"ttlMs":300000`) || !strings.Contains(body, `"cacheScope":"private"`) {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}
