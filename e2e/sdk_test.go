package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestSDKCallsEveryTool lets the official Go SDK list and call every tool over each transport, in both eras.
func TestSDKCallsEveryTool(t *testing.T) {
	for name, open := range transports() {
		for _, era := range eras() {
			t.Run(name+"/"+era.name, func(t *testing.T) {
				session := connect(t, open(t), era.version)
				checkServer(t, session, era.version)
				for _, tool := range checkTools(t, session, "all") {
					call(t, session, tool.Name, tool.Example)
				}
				checkFailures(t, session)
			})
		}
	}
}

func checkServer(t *testing.T, session *mcp.ClientSession, version string) {
	t.Helper()
	server := session.InitializeResult()
	if server.ProtocolVersion != version || server.ServerInfo.Name != "robutler-mcp" || server.ServerInfo.Version == "" {
		t.Errorf("server: %s", encode(t, server))
	}
	if n := len(server.Instructions); n == 0 || n > 1024 {
		t.Errorf("instructions of %d bytes", n)
	}
	if server.Capabilities.Tools == nil {
		t.Error("no tools are declared")
	}
}

// example is a tool with the arguments of a call that works.
type example struct {
	Name    string         `json:"name"`
	Example map[string]any `json:"example"`
}

// checkTools gives the tools with their own examples, in the catalog's order.
func checkTools(t *testing.T, session *mcp.ClientSession, toolsets string) []example {
	t.Helper()
	var catalog struct {
		Tools []example `json:"tools"`
	}
	stdout, stderr, status := run(t, "", "tools", "--json", "--toolsets", toolsets)
	if status != 0 {
		t.Fatal(stderr)
	}
	if err := json.Unmarshal([]byte(stdout), &catalog); err != nil {
		t.Fatal(err)
	}
	examples := map[string]map[string]any{}
	for _, tool := range catalog.Tools {
		examples[tool.Name] = tool.Example
	}
	listed := 0
	for tool, err := range session.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		listed++
		hints := tool.Annotations
		if examples[tool.Name] == nil || tool.Title == "" || tool.OutputSchema == nil || hints == nil || hints.DestructiveHint == nil || hints.OpenWorldHint == nil {
			t.Errorf("%s: %s", tool.Name, encode(t, tool))
		}
	}
	if listed != len(examples) || listed != map[string]int{"default": 20, "all": 37}[toolsets] {
		t.Errorf("%d tools are listed, the catalog has %d", listed, len(examples))
	}
	return catalog.Tools
}

func checkFailures(t *testing.T, session *mcp.ClientSession) {
	t.Helper()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "list_content", Arguments: map[string]any{
		"limit": 1000, "visibility": "publik", "tag": "x",
	}})
	if err != nil || !result.IsError || result.StructuredContent != nil {
		t.Fatalf("bad arguments: %+v, %v", result, err)
	}
	for _, part := range []string{"3 problems", "at most 100", "did you mean public?", "did you mean tags?", `"next_step"`} {
		if !strings.Contains(textOf(t, result), part) {
			t.Errorf("%q is missing in %s", part, textOf(t, result))
		}
	}
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "list_agent"}); err == nil || !strings.Contains(err.Error(), "list_agents") {
		t.Errorf("unknown tool: %v", err)
	}
}

// TestSDKWithoutAKey lists tools without a key; a call says in one line what is missing.
func TestSDKWithoutAKey(t *testing.T) {
	session := connect(t, &mcp.CommandTransport{Command: command(context.Background(), t, "stdio")}, "2025-11-25")
	checkTools(t, session, "default")
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_credits"})
	if err != nil || !result.IsError || !strings.Contains(textOf(t, result), "WEBAGENTS_API_KEY") {
		t.Errorf("%+v, %v", result, err)
	}
}
