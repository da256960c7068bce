package server

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

// errorMetaKey is where clients find the error of a failed call as an object, beside the text.
const errorMetaKey = "robutler/error"

// The revisions that added kinds of content. Clients of older ones refuse a result that holds one.
const (
	audioSince = "2025-03-26"
	linksSince = "2025-06-18"
)

// successResult gives the facts twice, as text and as structured content, since some clients read only one of them.
// Attachments that a client of the version cannot read are left out; the facts name what they show.
func successResult(out tools.Result, version string) *mcp.CallToolResult {
	content := textContent(out.Structured)
	for _, attached := range out.Attachments {
		if readable(attached.Kind, version) {
			content = append(content, attachmentContent(attached))
		}
	}
	return &mcp.CallToolResult{Content: content, StructuredContent: out.Structured}
}

// readable reports whether clients of a version know the content block of a kind. An unknown version is taken for a new
// one: every client tells its own before it calls.
func readable(kind tools.AttachmentKind, version string) bool {
	switch kind {
	case tools.AttachedAudio:
		return version == "" || version >= audioSince
	case tools.AttachedLink:
		return version == "" || version >= linksSince
	default:
		return true
	}
}

// failureResult has no structured content: clients would check it against the tool's output schema.
func failureResult(failure *tools.Error) *mcp.CallToolResult {
	encoded := failure.JSON()
	return &mcp.CallToolResult{
		Result:  mcp.Result{Meta: mcp.NewMetaFromMap(map[string]any{errorMetaKey: encoded})},
		Content: textContent(encoded), IsError: true,
	}
}

func textContent(text json.RawMessage) []mcp.Content {
	return []mcp.Content{mcp.NewTextContent(string(text))}
}

// linkDescription says what a link leads to. The library always sends a description, even an empty one.
func linkDescription(uri string) string {
	switch {
	case strings.HasPrefix(uri, tools.ResourceAgentPrefix):
		return "An agent on Robutler."
	case strings.HasPrefix(uri, tools.ResourceContentPrefix):
		return "A file on Robutler."
	default:
		return "A resource on Robutler."
	}
}

// attachmentContent gives an attachment as the content block of its kind.
func attachmentContent(attached tools.Attachment) mcp.Content {
	switch attached.Kind {
	case tools.AttachedImage:
		return mcp.NewImageContent(base64.StdEncoding.EncodeToString(attached.Data), attached.MIMEType)
	case tools.AttachedAudio:
		return mcp.NewAudioContent(base64.StdEncoding.EncodeToString(attached.Data), attached.MIMEType)
	case tools.AttachedLink:
		return mcp.NewResourceLink(attached.URI, attached.Name, linkDescription(attached.URI), attached.MIMEType)
	default:
		return mcp.NewEmbeddedResource(mcp.BlobResourceContents{
			URI: attached.URI, MIMEType: attached.MIMEType, Blob: base64.StdEncoding.EncodeToString(attached.Data),
		})
	}
}
