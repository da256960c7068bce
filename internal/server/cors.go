package server

import (
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// preflightAge is for how many seconds a browser need not ask again.
const preflightAge = "600"

// pageHeaders are the headers that web pages may send beside those that they always may.
func pageHeaders() string {
	return strings.Join([]string{
		"Content-Type", "Authorization", "Last-Event-ID", mcpserver.HeaderKeySessionID,
		mcp.HeaderProtocolVersion, mcp.HeaderMethod, mcp.HeaderName,
		headerToolsets, headerTools, headerExcludeTools, headerReadOnly, headerNoMoney,
		"traceparent", "tracestate",
	}, ", ")
}

// answerHeaders are the headers of answers that web pages may read beside those that they always may.
func answerHeaders() string {
	return strings.Join([]string{mcpserver.HeaderKeySessionID, "WWW-Authenticate", "Retry-After"}, ", ")
}

// letRead lets pages of the origin that a request came from read its answer. There are no cookies, so that credentials
// in the sense of browsers need no leave.
func letRead(header http.Header, origin string) {
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Expose-Headers", answerHeaders())
}

// serveOptions tells what a path takes, and the browser of an allowed page what that may send.
func serveOptions(w http.ResponseWriter, r *http.Request, methods string) {
	header := w.Header()
	header.Set("Allow", methods)
	if r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != "" {
		header.Set("Access-Control-Allow-Methods", methods)
		header.Set("Access-Control-Allow-Headers", pageHeaders())
		header.Set("Access-Control-Max-Age", preflightAge)
		header.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network")
		if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
			// A page from the network wants to reach this machine. Its origin was allowed by name.
			header.Set("Access-Control-Allow-Private-Network", "true")
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
