package server

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// addQuestions offers tools that ask the client while they run, as clients before the 2026 revision are asked.
func (f *fixtures) addQuestions() {
	f.add("test_sampling", `{"type":"object","properties":{"prompt":{"type":"string"}},"required":["prompt"]}`, sample)
	f.add("test_elicitation", `{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]}`,
		func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return f.elicit(ctx, request.GetString("message", ""), "User response: ", formOf(map[string]any{
				"username": map[string]any{"type": "string", "description": "User's response"},
				"email":    map[string]any{"type": "string", "description": "User's email address"},
			}))
		})
	for name, form := range map[string]map[string]any{
		"test_elicitation_sep1034_defaults": defaultsForm(), "test_elicitation_sep1330_enums": choicesForm(),
	} {
		f.add(name, takesNothing, func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return f.elicit(ctx, "Fill in the form.", "Elicitation completed: ", form)
		})
	}
}

// sample asks by way of its result: the library asks for it where clients do not know such results.
func sample(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	answer := mcpserver.SamplingResponse(request.Params.InputResponses, "sampled")
	if answer == nil {
		return mcpserver.NewInputRequestBuilder("").Sample("sampled", prompting(request.GetString("prompt", ""), 100)).ToolResult(), nil
	}
	return mcp.NewToolResultText("LLM response: " + sampledText(answer)), nil
}

func (f *fixtures) elicit(ctx context.Context, question, prefix string, form map[string]any) (*mcp.CallToolResult, error) {
	answer, err := f.server.mcp.RequestElicitation(ctx, mcp.ElicitationRequest{
		Request: mcp.Request{Method: string(mcp.MethodElicitationCreate)},
		Params:  mcp.ElicitationParams{Message: question, RequestedSchema: form},
	})
	if err != nil {
		return mcp.NewToolResultErrorFromErr("ask the user", err), nil
	}
	content, err := json.Marshal(answer.Content)
	if err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return mcp.NewToolResultText(fmt.Sprintf("%saction=%s, content=%s", prefix, answer.Action, content)), nil
}

// prompting asks a model.
func prompting(prompt string, maxTokens int) mcp.CreateMessageParams {
	return mcp.CreateMessageParams{
		Messages:  []mcp.SamplingMessage{{Role: mcp.RoleUser, Content: mcp.NewTextContent(prompt)}},
		MaxTokens: maxTokens,
	}
}

// sampledText is what a model answered.
func sampledText(answer *mcp.CreateMessageResult) string {
	encoded, err := json.Marshal(answer.Content)
	if err != nil {
		return ""
	}
	var content struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(encoded, &content) != nil {
		return string(encoded)
	}
	return content.Text
}

// formOf is a form whose every field is required.
func formOf(properties map[string]any) map[string]any {
	return map[string]any{"type": "object", "properties": properties, "required": slices.Sorted(maps.Keys(properties))}
}

// defaultsForm has a default for each primitive type.
func defaultsForm() map[string]any {
	return map[string]any{"type": "object", "properties": map[string]any{
		"name":     map[string]any{"type": "string", "default": "John Doe"},
		"age":      map[string]any{"type": "integer", "default": 30},
		"score":    map[string]any{"type": "number", "default": 95.5},
		"status":   map[string]any{"type": "string", "enum": []string{"active", "inactive", "pending"}, "default": "active"},
		"verified": map[string]any{"type": "boolean", "default": true},
	}}
}

// choicesForm has each way to choose from a list.
func choicesForm() map[string]any {
	plain := []string{"option1", "option2", "option3"}
	titled := func(titles ...string) (choices []map[string]any) {
		for i, title := range titles {
			choices = append(choices, map[string]any{"const": fmt.Sprintf("value%d", i+1), "title": title})
		}
		return choices
	}
	return map[string]any{"type": "object", "properties": map[string]any{
		"untitledSingle": map[string]any{"type": "string", "enum": plain},
		"titledSingle":   map[string]any{"type": "string", "oneOf": titled("First Option", "Second Option", "Third Option")},
		"legacyEnum": map[string]any{"type": "string", "enum": []string{"opt1", "opt2", "opt3"},
			"enumNames": []string{"Option One", "Option Two", "Option Three"}},
		"untitledMulti": map[string]any{"type": "array", "items": map[string]any{"type": "string", "enum": plain}},
		"titledMulti":   map[string]any{"type": "array", "items": map[string]any{"anyOf": titled("First Choice", "Second Choice", "Third Choice")}},
	}}
}

// addPrompt offers a prompt; the arguments are all required.
func (f *fixtures) addPrompt(name string, get mcpserver.PromptHandlerFunc, arguments ...string) {
	options := []mcp.PromptOption{mcp.WithPromptDescription("A fixture of the conformance suites.")}
	for _, argument := range arguments {
		options = append(options, mcp.WithArgument(argument, mcp.ArgumentDescription("An argument."), mcp.RequiredArgument()))
	}
	f.server.mcp.AddPrompt(mcp.NewPrompt(name, options...), get)
}

// addPrompts offers prompts of each kind of content.
func (f *fixtures) addPrompts() {
	saying := func(compose func(arguments map[string]string) []mcp.Content) mcpserver.PromptHandlerFunc {
		return func(_ context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			result := &mcp.GetPromptResult{Description: "A fixture."}
			for _, content := range compose(request.Params.Arguments) {
				result.Messages = append(result.Messages, mcp.NewPromptMessage(mcp.RoleUser, content))
			}
			return result, nil
		}
	}
	f.addPrompt("test_simple_prompt", saying(func(map[string]string) []mcp.Content {
		return []mcp.Content{mcp.NewTextContent("This is a simple prompt for testing.")}
	}))
	f.addPrompt("test_prompt_with_arguments", saying(func(arguments map[string]string) []mcp.Content {
		return []mcp.Content{mcp.NewTextContent(fmt.Sprintf("Prompt with arguments: arg1='%s', arg2='%s'", arguments["arg1"], arguments["arg2"]))}
	}), "arg1", "arg2")
	f.addPrompt("test_prompt_with_embedded_resource", saying(func(arguments map[string]string) []mcp.Content {
		resource := mcp.TextResourceContents{URI: arguments["resourceUri"], MIMEType: "text/plain", Text: "Embedded resource content for testing."}
		return []mcp.Content{mcp.NewEmbeddedResource(resource), mcp.NewTextContent("Please process the embedded resource above.")}
	}), "resourceUri")
	f.addPrompt("test_prompt_with_image", saying(func(map[string]string) []mcp.Content {
		return []mcp.Content{mcp.NewImageContent(pixel, pixelType), mcp.NewTextContent("Please analyze the image above.")}
	}))
	f.addPrompt("test_input_required_result_prompt", promptInRounds)
}
