package server

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
)

type progressTokenKey struct{}

// withProgressToken notes the integer that a call's reports must bear, as the client wrote it: the library rounds it to a
// float.
func withProgressToken(ctx context.Context, m message) context.Context {
	if m.Meta == nil || m.Method != string(mcp.MethodToolsCall) {
		return ctx
	}
	var meta struct {
		Token json.RawMessage `json:"progressToken"`
	}
	if json.Unmarshal(m.Meta, &meta) != nil || !validID(meta.Token) || meta.Token[0] == '"' {
		return ctx
	}
	return context.WithValue(ctx, progressTokenKey{}, json.RawMessage(bytes.Clone(meta.Token)))
}

// progressTokenOf gives the integer that the reports of a call bear; nil when it is none.
func progressTokenOf(ctx context.Context) json.RawMessage {
	token, _ := ctx.Value(progressTokenKey{}).(json.RawMessage)
	return token
}
