package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// everyAttachment is a result with an attachment of every kind.
func everyAttachment() tools.Result {
	data := []byte{1, 2, 3}
	return tools.Result{Structured: json.RawMessage(`{"text":"a"}`), Attachments: []tools.Attachment{
		{Kind: tools.AttachedImage, MIMEType: "image/png", Data: data},
		{Kind: tools.AttachedAudio, MIMEType: "audio/mpeg", Data: data},
		{Kind: tools.AttachedFile, URI: "robutler://content/f", MIMEType: "application/zip", Data: data},
		{Kind: tools.AttachedLink, URI: "robutler://agents/a", Name: "a", MIMEType: "application/json"},
		{Kind: tools.AttachedLink, URI: "robutler://content/f", Name: "f", MIMEType: "text/plain"},
	}}
}

// kinds are the types of the blocks of a result.
func kinds(t *testing.T, result *mcp.CallToolResult) (all []string) {
	t.Helper()
	for _, block := range result.Content {
		encoded, _ := json.Marshal(block)
		var typed struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(encoded, &typed); err != nil {
			t.Fatal(err)
		}
		all = append(all, typed.Type)
	}
	return all
}

// A client only gets kinds of content that its revision of the protocol knows, by whatever transport it came.
func TestAttachmentsFollowTheVersion(t *testing.T) {
	want := map[string][]string{
		"2024-11-05":                {"text", "image", "resource"},
		"2025-03-26":                {"text", "image", "audio", "resource"},
		"2025-06-18":                {"text", "image", "audio", "resource", "resource_link", "resource_link"},
		"2025-11-25":                {"text", "image", "audio", "resource", "resource_link", "resource_link"},
		mcp.ProtocolVersion20260728: {"text", "image", "audio", "resource", "resource_link", "resource_link"},
	}
	for name, open := range map[string]connect{"stdio": overStdio, "sse": overSSE, "http": overHTTP} {
		for version, blocks := range want {
			t.Run(name+"/"+version, func(t *testing.T) {
				s, _ := newTestServer(t, newFakes())
				s.mcp.AddTool(mcp.NewToolWithRawSchema("show", "Shows.", json.RawMessage(`{"type":"object"}`)),
					func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
						return successResult(everyAttachment(), mcpserver.RequestProtocolVersion(ctx)), nil
					})
				c := dial(t, open, s, version)
				got, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: "show"}})
				if err != nil || !slices.Equal(kinds(t, got), blocks) {
					t.Errorf("%v, %v", err, kinds(t, got))
				}
			})
		}
	}
}

func TestAttachmentsKeepWhatTheyHold(t *testing.T) {
	encoded, err := json.Marshal(successResult(everyAttachment(), "").Content)
	want := `[{"type":"text","text":"{\"text\":\"a\"}"},{"type":"image","data":"AQID","mimeType":"image/png"},` +
		`{"type":"audio","data":"AQID","mimeType":"audio/mpeg"},` +
		`{"type":"resource","resource":{"uri":"robutler://content/f","mimeType":"application/zip","blob":"AQID"}},` +
		`{"type":"resource_link","uri":"robutler://agents/a","name":"a","description":"An agent on Robutler.","mimeType":"application/json"},` +
		`{"type":"resource_link","uri":"robutler://content/f","name":"f","description":"A file on Robutler.","mimeType":"text/plain"}]`
	var got, wanted any
	if err != nil || json.Unmarshal(encoded, &got) != nil || json.Unmarshal([]byte(want), &wanted) != nil || fmt.Sprint(got) != fmt.Sprint(wanted) {
		t.Errorf("%v: %s", err, encoded)
	}
}
