package server

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// fixtureStep lies between the notifications of a fixture. Reports of progress closer than progressGap are dropped.
const fixtureStep = progressGap + 20*time.Millisecond

// addNotifications offers tools that notify while they run, and two that change what is offered.
func (f *fixtures) addNotifications() {
	f.add("test_tool_with_progress", takesNothing, f.reportThrice)
	f.add("test_tool_with_logging", takesNothing, f.logThrice)
	f.add("test_logging_tool", takesNothing, f.logThrice)
	f.add("test_trigger_tool_change", takesNothing, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		f.addConstant("test_passing_tool")
		f.server.mcp.DeleteTools("test_passing_tool")
		return mcp.NewToolResultText("The list of tools has changed."), nil
	})
	f.add("test_trigger_prompt_change", takesNothing, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		f.addPrompt("test_passing_prompt", nil)
		f.server.mcp.DeletePrompts("test_passing_prompt")
		return mcp.NewToolResultText("The list of prompts has changed."), nil
	})
}

// reportThrice reports the way that the product's tools do.
func (f *fixtures) reportThrice(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	report := func(tools.Progress) {}
	if p := f.server.newProgress(ctx, request.Params.Meta); p != nil {
		go p.run()
		defer p.finish(ctx)
		report = p.report
	}
	for _, done := range []float64{0, 50, 100} {
		if done > 0 && !pause(ctx) {
			return nil, ctx.Err()
		}
		report(tools.Progress{Done: done, Total: 100})
	}
	return mcp.NewToolResultText("Progress has been reported."), nil
}

func (f *fixtures) logThrice(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	for i, text := range []string{"Tool execution started", "Tool processing data", "Tool execution completed"} {
		if i > 0 && !pause(ctx) {
			return nil, ctx.Err()
		}
		if err := logToClient(ctx, mcp.LoggingLevelInfo, text); err != nil {
			return nil, err
		}
	}
	return mcp.NewToolResultText("Messages have been logged."), nil
}

// logToClient sends a message to the log of the client if that wants it, the way that progress goes: ahead of the answer.
func logToClient(ctx context.Context, level mcp.LoggingLevel, text string) error {
	out := outletOf(ctx)
	if out == nil || !wantsLog(ctx, level) {
		return nil
	}
	message, err := json.Marshal(map[string]any{
		"jsonrpc": mcp.JSONRPC_VERSION, "method": mcp.MethodNotificationMessage,
		"params": map[string]any{"level": level, "logger": "fixtures", "data": text},
	})
	if err != nil {
		return fmt.Errorf("encode the message: %w", err)
	}
	return out.notify(message)
}

// wantsLog reports whether the client asked for messages of a level: within the request in the 2026 revision, for the
// session before it.
func wantsLog(ctx context.Context, level mcp.LoggingLevel) bool {
	if info := mcpserver.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		return info.LogLevel != "" && level.ShouldSendTo(info.LogLevel)
	}
	session, ok := mcpserver.ClientSessionFromContext(ctx).(mcpserver.SessionWithLogging)
	return ok && level.ShouldSendTo(session.GetLogLevel())
}

// pause waits for a step. It reports whether the call goes on.
func pause(ctx context.Context) bool {
	step := time.NewTimer(fixtureStep)
	defer step.Stop()
	select {
	case <-step.C:
		return true
	case <-ctx.Done():
		return false
	}
}
