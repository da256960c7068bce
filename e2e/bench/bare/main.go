// Command bare is the least that a server made with mcp-go and resty can be: three tools that pass an answer of the
// platform on, and pools that are large enough. It checks nothing and guards nothing. robutler-mcp is measured beside it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/pprof"
	"os"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// The pools: resty keeps one idle connection for each processor and one more, mcp-go answers five calls of a stdio client
// at a time.
const (
	idleConnections = 256
	stdioWorkers    = 64
)

func main() {
	transport := flag.String("transport", "stdio", "stdio, http or sse")
	address := flag.String("addr", "127.0.0.1:0", "where http and sse listen")
	profiles := flag.String("pprof-addr", "", "where to serve profiles; nowhere when empty")
	flag.Parse()
	if err := serve(*transport, *address, *profiles); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func serve(transport, address, profiles string) error {
	if profiles != "" {
		go serveProfiles(profiles)
	}
	s := newServer(os.Getenv("UPSTREAM_URL"), os.Getenv("UPSTREAM_TOKEN"))
	switch transport {
	case "stdio":
		return server.ServeStdio(s, server.WithWorkerPoolSize(stdioWorkers))
	case "http":
		return server.NewStreamableHTTPServer(s).Start(address)
	case "sse":
		return server.NewSSEServer(s).Start(address)
	default:
		return fmt.Errorf("no transport is called %q", transport)
	}
}

// newServer offers three tools, each a GET of the platform with the body passed on as text and as structure.
func newServer(base, token string) *server.MCPServer {
	pool := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck // it is one
	pool.MaxIdleConns, pool.MaxIdleConnsPerHost = idleConnections, idleConnections
	client := resty.New().SetBaseURL(base).SetAuthToken(token).SetTransport(pool).SetTimeout(30 * time.Second)
	s := server.NewMCPServer("bare", "1", server.WithToolCapabilities(false))
	for name, path := range map[string]string{
		"list_agents": "/api/agents", "get_user": "/api/user", "get_credits": "/api/user/credits",
	} {
		tool := mcp.NewTool(name, mcp.WithDescription("GET "+path), mcp.WithReadOnlyHintAnnotation(true))
		s.AddTool(tool, func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return get(ctx, client, path)
		})
	}
	return s
}

func get(ctx context.Context, client *resty.Client, path string) (*mcp.CallToolResult, error) {
	answer, err := client.R().SetContext(ctx).Get(path)
	if err == nil && answer.IsError() {
		err = errors.New(answer.Status())
	}
	if err != nil {
		return mcp.NewToolResultErrorFromErr("ask the platform", err), nil
	}
	var body any
	if err := json.Unmarshal(answer.Body(), &body); err != nil {
		return mcp.NewToolResultErrorFromErr("read the platform's answer", err), nil
	}
	return mcp.NewToolResultStructuredOnly(body), nil
}

func serveProfiles(address string) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	service := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: time.Second}
	fmt.Fprintln(os.Stderr, "bare: profiles:", service.ListenAndServe())
}
