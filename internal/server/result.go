package server

import (
	"encoding/base64"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

// errorMetaKey is where clients find the error of a failed call as an object, beside the text.
const errorMetaKey = "robutler/error"

// successResult gives the facts twice, as text and as structured content, since some clients read only one of them.
func successResult(out tools.Result) *mcp.CallToolResult {
	content := textContent(out.Structured)
	for _, attached := range out.Attachments {
		content = append(content, attachmentContent(attached))
	}
	return &mcp.CallToolResult{Content: content, StructuredContent: out.Structured}
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

// attachmentContent gives an attachment as the content block of its kind.
func attachmentContent(attached tools.Attachment) mcp.Content {
	switch attached.Kind {
	case tools.AttachedImage:
		return mcp.NewImageContent(base64.StdEncoding.EncodeToString(attached.Data), attached.MIMEType)
	case tools.AttachedAudio:
		return mcp.NewAudioContent(base64.StdEncoding.EncodeToString(attached.Data), attached.MIMEType)
	case tools.AttachedLink:
		return mcp.NewResourceLink(attached.URI, attached.Name, "", attached.MIMEType)
	default:
		return mcp.NewEmbeddedResource(mcp.BlobResourceContents{
			URI: attached.URI, MIMEType: attached.MIMEType, Blob: base64.StdEncoding.EncodeToString(attached.Data),
		})
	}
}
