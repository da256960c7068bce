package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

const (
	// maxText bounds a file that is read as text, in bytes.
	maxText = 1 << 20
	// partLimit is the most that read_content gives at a time, in characters.
	partLimit = 45_000
	// plainType is that of a text whose type nobody told.
	plainType = "text/plain"
	// untrustedKey marks, in the metadata of contents, what third parties wrote.
	untrustedKey = "robutler/untrusted"
)

// part is what read_content gives of a file that is text.
type part struct {
	File struct {
		ContentType string `json:"content_type"`
		SizeBytes   int64  `json:"size_bytes"`
	} `json:"file"`
	Text       *string `json:"text"`
	NextOffset int     `json:"next_offset"`
	Complete   bool    `json:"complete"`
}

// textPart gives the part of a text that a result holds, if it holds one.
func textPart(out tools.Result) (read part, ok bool) {
	err := json.Unmarshal(out.Structured, &read)
	return read, err == nil && read.Text != nil
}

// contentsAt reads a resource of a source.
func (s *Server) contentsAt(ctx context.Context, uri string, from source, value string) ([]mcp.ResourceContents, *tools.Error) {
	if from.variable == kindContent {
		return s.readFile(ctx, uri, from, value)
	}
	out, failure := s.callSource(ctx, from, value, nil)
	if failure != nil {
		return nil, failure
	}
	return []mcp.ResourceContents{from.text(uri, jsonType, string(out.Structured))}, nil
}

// callSource calls the tool of a source.
func (s *Server) callSource(ctx context.Context, from source, value string, arguments map[string]any) (tools.Result, *tools.Error) {
	given := map[string]any{}
	if from.variable != "" {
		given[from.variable] = value
	}
	maps.Copy(given, arguments)
	encoded, err := json.Marshal(given)
	if err != nil {
		return tools.Result{}, tools.Explain(err)
	}
	return s.Call(ctx, from.tool, encoded)
}

// readFile reads a file to its end: a resource has no place to say that it goes on. What is no text comes at once.
func (s *Server) readFile(ctx context.Context, uri string, from source, id string) ([]mcp.ResourceContents, *tools.Error) {
	var text strings.Builder
	for offset := 0; ; {
		out, failure := s.readPart(ctx, from, id, offset)
		if failure != nil {
			return nil, failure
		}
		read, ok := textPart(out)
		if !ok {
			return []mcp.ResourceContents{from.bytes(uri, out)}, nil
		}
		text.WriteString(*read.Text)
		switch {
		case text.Len() > maxText, !read.Complete && read.File.SizeBytes > maxText:
			return nil, tooLong()
		case read.Complete:
			return []mcp.ResourceContents{from.text(uri, orPlain(read.File.ContentType), text.String())}, nil
		case read.NextOffset <= offset:
			return nil, &tools.Error{Code: tools.CodeInternal, Message: "the text does not go on where it should", NextStep: readInParts}
		}
		offset = read.NextOffset
	}
}

// readPart reads a part of a file. Characters that take many bytes can make the longest part too large for a result.
func (s *Server) readPart(ctx context.Context, from source, id string, offset int) (out tools.Result, failure *tools.Error) {
	for _, limit := range []int{partLimit, partLimit / 3} {
		out, failure = s.callSource(ctx, from, id, map[string]any{"offset": offset, "limit": limit})
		if failure == nil || failure.Code != tools.CodeResultTooLarge {
			break
		}
	}
	return out, failure
}

const readInParts = "Call read_content with offset and limit to read it in parts."

func tooLong() *tools.Error {
	return &tools.Error{
		Code: tools.CodeResultTooLarge, Message: "the text is longer than 1 MiB, the most that is read as a resource",
		NextStep: readInParts,
	}
}

func orPlain(contentType string) string {
	if contentType == "" {
		return plainType
	}
	return contentType
}

// text gives a text as contents of the source.
func (s source) text(uri, contentType, text string) mcp.ResourceContents {
	return mcp.TextResourceContents{URI: uri, MIMEType: contentType, Text: text, Meta: s.meta()}
}

// bytes gives what a tool attached as contents of the source, or its facts if it attached nothing.
func (s source) bytes(uri string, out tools.Result) mcp.ResourceContents {
	for _, attached := range out.Attachments {
		if attached.Kind != tools.AttachedLink && len(attached.Data) > 0 {
			return mcp.BlobResourceContents{
				URI: uri, MIMEType: attached.MIMEType, Blob: base64.StdEncoding.EncodeToString(attached.Data), Meta: s.meta(),
			}
		}
	}
	return s.text(uri, jsonType, string(out.Structured))
}

// meta marks what third parties wrote.
func (s source) meta() map[string]any {
	if !s.untrusted {
		return nil
	}
	return map[string]any{untrustedKey: true}
}
