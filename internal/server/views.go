package server

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// The terms of the MCP Apps extension.
const (
	appsExtension = "io.modelcontextprotocol/ui"
	viewType      = "text/html;profile=mcp-app"
	uiMetaKey     = "ui"
)

// viewMeta tells clients which view shows the results of a tool.
func viewMeta(tool tools.Tool) *mcp.Meta {
	if tool.View == "" {
		return nil
	}
	return mcp.NewMetaFromMap(map[string]any{uiMetaKey: map[string]any{"resourceUri": tool.View}})
}

// addViews offers the views of the catalog, and reports whether there are any.
func (s *Server) addViews() bool {
	views := s.catalog.Views()
	if len(views) == 0 {
		return false
	}
	for _, view := range views {
		s.mcp.AddResource(mcp.NewResource(view.URI, view.URI, mcp.WithResourceTitle(view.Title), mcp.WithMIMEType(viewType)), answerRead)
	}
	mcpserver.WithExtensions(map[string]any{appsExtension: map[string]any{"mimeTypes": []string{viewType}}})(s.mcp)
	return true
}

// viewOf finds a view among those of the tools that the caller may use.
func (s *Server) viewOf(ctx context.Context, uri string) (tools.View, bool) {
	for _, view := range s.offered(ctx).Views() {
		if view.URI == uri {
			return view, true
		}
	}
	return tools.View{}, false
}

// viewContents gives a view. It may reach no other site: what it shows comes from the tool's result alone.
func viewContents(view tools.View) []mcp.ResourceContents {
	policy := map[string]any{
		"connectDomains": []string{}, "resourceDomains": []string{}, "frameDomains": []string{}, "baseUriDomains": []string{},
	}
	return []mcp.ResourceContents{mcp.TextResourceContents{
		URI: view.URI, MIMEType: viewType, Text: string(view.HTML), Meta: map[string]any{uiMetaKey: map[string]any{"csp": policy}},
	}}
}
