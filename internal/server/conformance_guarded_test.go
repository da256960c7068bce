package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// samplingTool is of no use to a client whose model cannot be asked.
const samplingTool = "test_missing_capability"

// addGuarded offers a tool that clients without a capability are refused.
func (f *fixtures) addGuarded() {
	f.add(samplingTool, takesNothing, sampleInRounds)
	f.server.mcp.GetHooks().AddBeforeCallTool(func(ctx context.Context, id any, request *mcp.CallToolRequest) {
		info := mcpserver.RequestProtocolInfoFromContext(ctx)
		if request.Params.Name != samplingTool || info == nil || (info.ClientCapabilities != nil && info.ClientCapabilities.Sampling != nil) {
			return
		}
		explain(ctx, id, explanation{
			message: "this tool needs a client whose model can be asked",
			code:    mcp.MISSING_REQUIRED_CLIENT_CAPABILITY,
			facts:   map[string]any{"requiredCapabilities": map[string]any{"sampling": struct{}{}}},
		})
		request.Params.Name = "" // the library refuses it with the HTTP status of bad params, which is the right one
	})
}

// A refusal with a code of its own keeps the HTTP status that the library refuses with, and names what is missing.
func TestACallThatLacksACapabilityIsRefused(t *testing.T) {
	run := startHTTP(t, newFixtureServer(t, slog.New(slog.DiscardHandler)), HTTPOptions{})
	response := run.do(http.MethodPost, "/mcp", modernCall("7", samplingTool), modernHeaders(samplingTool)...)
	const want = `"error":{"code":-32021,"message":"this tool needs a client whose model can be asked",` +
		`"data":{"requiredCapabilities":{"sampling":{}}}}`
	if body := text(t, response); response.StatusCode != http.StatusBadRequest || !strings.Contains(body, want) || !strings.Contains(body, `"id":7`) {
		t.Errorf("status %d, %s", response.StatusCode, body)
	}
}

// What is served beside the catalog goes through the product's guards and lists, and leaves them as they are.
func TestFixturesStandBesideTheCatalog(t *testing.T) {
	run := startHTTP(t, newFixtureServer(t, slog.New(slog.DiscardHandler)), HTTPOptions{})
	session := run.session()
	for method, names := range map[string][]string{
		"tools/list":     {"get_agent", "test_simple_text"},
		"prompts/list":   {"test_simple_prompt"},
		"resources/list": {"robutler://account", "test://static-text"},
	} {
		body := text(t, run.do(http.MethodPost, "/mcp", rpcLine(method, "{}"), session))
		for _, name := range names {
			if !strings.Contains(body, `"`+name+`"`) {
				t.Errorf("%s: no %s in %s", method, name, body)
			}
		}
	}
	body := text(t, run.do(http.MethodPost, "/mcp", rpcLine("tools/list", "{}"), session, "X-MCP-Tools: get_agent"))
	if !strings.Contains(body, `"get_agent"`) || strings.Contains(body, "test_") {
		t.Errorf("narrowed: %s", body)
	}
	body = text(t, run.do(http.MethodPost, "/mcp", rpcLine("resources/read", `{"uri":"test://nowhere"}`), session))
	if !strings.Contains(body, `"code":"not_found"`) || !strings.Contains(body, `"uri":"test://nowhere"`) {
		t.Errorf("nowhere: %s", body)
	}
}

func rpcLine(method, params string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, method, params)
}
