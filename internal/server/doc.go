// Package server speaks MCP. It adapts the tools of a catalog to mark3labs/mcp-go, the only package to import it, and
// serves them over stdio, HTTP+SSE and Streamable HTTP behind guards of its own. Where the library's transports have
// sharp edges, the way around them is here and nowhere else.
package server
