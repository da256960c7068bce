package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// addRounds offers tools that ask by way of their results, as clients of the 2026 revision are asked.
func (f *fixtures) addRounds() {
	for name, call := range map[string]mcpserver.ToolHandlerFunc{
		"test_input_required_result_elicitation":     elicitInRounds,
		"test_streaming_elicitation":                 elicitInRounds,
		"test_input_required_result_sampling":        sampleInRounds,
		"test_input_required_result_list_roots":      listRootsInRounds,
		"test_input_required_result_request_state":   f.signedRounds("state-ok"),
		"test_input_required_result_tampered_state":  f.signedRounds("state-ok"),
		"test_input_required_result_multiple_inputs": f.severalInRounds,
		"test_input_required_result_multi_round":     f.threeRounds,
		"test_input_required_result_capabilities":    askWhatIsDeclared,
	} {
		f.add(name, takesNothing, call)
	}
}

// question asks the user for one text, or one tick.
func question(message, field, kind string) mcp.ElicitationParams {
	return mcp.ElicitationParams{Message: message, RequestedSchema: formOf(map[string]any{field: map[string]any{"type": kind}})}
}

// filledIn is what the user filled in; none if they did not, or nobody has asked them.
func filledIn(responses mcp.InputResponses, id, field string) (any, bool) {
	answer := mcpserver.ElicitationResponse(responses, id)
	if answer == nil || answer.Action != mcp.ElicitationResponseActionAccept {
		return nil, false
	}
	content, _ := answer.Content.(map[string]any)
	value, ok := content[field]
	return value, ok
}

func elicitInRounds(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	name, ok := filledIn(request.Params.InputResponses, "user_name", "name")
	if !ok {
		return mcpserver.NewInputRequestBuilder("").Elicit("user_name", question("What is your name?", "name", "string")).ToolResult(), nil
	}
	return mcp.NewToolResultText(fmt.Sprintf("Hello, %v!", name)), nil
}

func sampleInRounds(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	answer := mcpserver.SamplingResponse(request.Params.InputResponses, "capital_question")
	if answer == nil {
		return mcpserver.NewInputRequestBuilder("").Sample("capital_question", prompting("What is the capital of France?", 100)).ToolResult(), nil
	}
	return mcp.NewToolResultText(sampledText(answer)), nil
}

func listRootsInRounds(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	answer := mcpserver.RootsResponse(request.Params.InputResponses, "client_roots")
	if answer == nil {
		return mcpserver.NewInputRequestBuilder("").Roots("client_roots").ToolResult(), nil
	}
	var text strings.Builder
	for _, root := range answer.Roots {
		fmt.Fprintln(&text, root.URI, root.Name)
	}
	return mcp.NewToolResultText(text.String()), nil
}

// promptInRounds asks before it gives a prompt.
func promptInRounds(_ context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	value, ok := filledIn(request.Params.InputResponses, "user_context", "context")
	if !ok {
		needed := question("What context should the prompt use?", "context", "string")
		return mcpserver.NewInputRequestBuilder("").Elicit("user_context", needed).PromptResult(), nil
	}
	content := mcp.NewTextContent(fmt.Sprintf("Use this context: %v", value))
	return &mcp.GetPromptResult{Messages: []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, content)}}, nil
}

// signedRounds asks for a tick and takes it only with a state that this server has signed.
func (f *fixtures) signedRounds(done string) mcpserver.ToolHandlerFunc {
	return func(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if request.Params.RequestState != "" && !f.signed(request.Params.RequestState, "confirm") {
			return nil, errForgedState
		}
		if _, ok := filledIn(request.Params.InputResponses, "confirm", "ok"); !ok || request.Params.RequestState == "" {
			return mcpserver.NewInputRequestBuilder(f.sign("confirm")).Elicit("confirm", question("Please confirm", "ok", "boolean")).ToolResult(), nil
		}
		return mcp.NewToolResultText(done), nil
	}
}

// severalInRounds asks for everything at once.
func (f *fixtures) severalInRounds(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	responses := request.Params.InputResponses
	name, ok := filledIn(responses, "user_name", "name")
	greeting, roots := mcpserver.SamplingResponse(responses, "greeting"), mcpserver.RootsResponse(responses, "client_roots")
	if !ok || greeting == nil || roots == nil || !f.signed(request.Params.RequestState, "several") {
		return mcpserver.NewInputRequestBuilder(f.sign("several")).
			Elicit("user_name", question("What is your name?", "name", "string")).
			Sample("greeting", prompting("Generate a greeting", 50)).
			Roots("client_roots").ToolResult(), nil
	}
	return mcp.NewToolResultText(fmt.Sprintf("%s, %v, of %d roots", sampledText(greeting), name, len(roots.Roots))), nil
}

// threeRounds asks twice, and keeps the first answer in the state of the second question.
func (f *fixtures) threeRounds(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	state, responses := request.Params.RequestState, request.Params.InputResponses
	if name, ok := filledIn(responses, "step1", "name"); ok && f.signed(state, "step1") {
		next := f.sign(fmt.Sprintf("step2:%v", name))
		return mcpserver.NewInputRequestBuilder(next).Elicit("step2", question("Step 2: What is your favorite color?", "color", "string")).ToolResult(), nil
	}
	value := state[:max(strings.LastIndexByte(state, '.'), 0)]
	if color, ok := filledIn(responses, "step2", "color"); ok && f.signed(state, value) {
		return mcp.NewToolResultText(fmt.Sprintf("%s likes %v", strings.TrimPrefix(value, "step2:"), color)), nil
	}
	return mcpserver.NewInputRequestBuilder(f.sign("step1")).Elicit("step1", question("Step 1: What is your name?", "name", "string")).ToolResult(), nil
}

// askWhatIsDeclared asks only what the client says that it can answer.
func askWhatIsDeclared(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if len(request.Params.InputResponses) > 0 {
		return mcp.NewToolResultText("answered"), nil
	}
	questions := mcpserver.NewInputRequestBuilder("")
	info := mcpserver.RequestProtocolInfoFromContext(ctx)
	if info == nil || info.ClientCapabilities == nil {
		return mcp.NewToolResultError("the client declares nothing that it could be asked"), nil
	}
	if info.ClientCapabilities.Sampling != nil {
		questions.Sample("sampled", prompting("Say hello.", 50))
	}
	if takesForms(info.ClientCapabilities.Elicitation) {
		questions.Elicit("elicited", question("Please confirm", "ok", "boolean"))
	}
	return questions.ToolResult(), nil
}

var errForgedState = errors.New("the state was not given out by this server")

// sign makes a state that clients cannot make up.
func (f *fixtures) sign(value string) string {
	sum := hmac.New(sha256.New, f.key)
	sum.Write([]byte(value))
	return value + "." + hex.EncodeToString(sum.Sum(nil))
}

func (f *fixtures) signed(state, value string) bool {
	return hmac.Equal([]byte(state), []byte(f.sign(value)))
}
