package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	pixelType = "image/png"
	// pixel is a red picture of one pixel.
	pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
	// silence is a WAV file without samples.
	silence = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="
)

// schemaOfEveryKeyword is what the scenario json-schema-2020-12 wants to see unchanged.
const schemaOfEveryKeyword = `{
	"$schema": "https://json-schema.org/draft/2020-12/schema",
	"type": "object",
	"$defs": {"address": {"$anchor": "addressDef", "type": "object",
		"properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
	"properties": {
		"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
		"contactMethod": {"type": "string", "enum": ["phone", "email"]},
		"phone": {"type": "string"}, "email": {"type": "string"}},
	"allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
	"if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
	"then": {"required": ["phone"]},
	"else": {"required": ["email"]},
	"additionalProperties": false
}`

// addContents offers tools for each kind of content and of schema.
func (f *fixtures) addContents() {
	f.addConstant("test_simple_text", mcp.NewTextContent("This is a simple text response for testing."))
	f.addConstant("test_image_content", mcp.NewImageContent(pixel, pixelType))
	f.addConstant("test_audio_content", mcp.NewAudioContent(silence, "audio/wav"))
	f.addConstant("test_embedded_resource", mcp.NewEmbeddedResource(mcp.TextResourceContents{
		URI: "test://embedded-resource", MIMEType: "text/plain", Text: "This is an embedded resource content.",
	}))
	f.addConstant("test_multiple_content_types",
		mcp.NewTextContent("Multiple content types test:"),
		mcp.NewImageContent(pixel, pixelType),
		mcp.NewEmbeddedResource(mcp.TextResourceContents{
			URI: "test://mixed-content-resource", MIMEType: jsonType, Text: `{"test":"data","value":123}`,
		}))
	f.add("test_error_handling", takesNothing, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultError("This tool intentionally returns an error for testing"), nil
	})
	echo := func(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(string(request.Params.RawArguments)), nil
	}
	f.add("json_schema_2020_12_tool", schemaOfEveryKeyword, echo)
	f.add("test_x_mcp_header", `{"type":"object","properties":{"item":{"type":"string","x-mcp-header":"Item"}}}`, echo)
}

// addResources offers a text, bytes, a template, and one to watch.
func (f *fixtures) addResources() {
	text := func(uri, kind, text string) mcpserver.ResourceHandlerFunc {
		return func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			return []mcp.ResourceContents{mcp.TextResourceContents{URI: uri, MIMEType: kind, Text: text}}, nil
		}
	}
	for uri, read := range map[string]mcpserver.ResourceHandlerFunc{
		"test://static-text":      text("test://static-text", "text/plain", "This is the content of the static text resource."),
		"test://watched-resource": text("test://watched-resource", "text/plain", "Watched."),
		"test://static-binary": func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			return []mcp.ResourceContents{mcp.BlobResourceContents{URI: "test://static-binary", MIMEType: pixelType, Blob: pixel}}, nil
		},
	} {
		resource := mcp.NewResource(uri, strings.TrimPrefix(uri, "test://"), mcp.WithResourceDescription("A fixture."))
		f.server.mcp.AddResource(resource, read)
	}
	template := mcp.NewResourceTemplate("test://template/{id}/data", "template", mcp.WithTemplateDescription("A fixture."))
	f.server.mcp.AddResourceTemplate(template, readTemplate)
}

func readTemplate(_ context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	id := strings.TrimSuffix(strings.TrimPrefix(request.Params.URI, "test://template/"), "/data")
	encoded, err := json.Marshal(map[string]any{"id": id, "templateTest": true, "data": "Data for ID: " + id})
	if err != nil {
		return nil, fmt.Errorf("encode the fixture: %w", err)
	}
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: request.Params.URI, MIMEType: jsonType, Text: string(encoded)}}, nil
}
