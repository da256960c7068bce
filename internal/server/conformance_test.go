package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// fixtureAddress names the variable that makes the test binary serve the fixtures; e2e/conformance/run.sh sets it.
const fixtureAddress = "CONFORMANCE_FIXTURES_ADDR"

// TestServeConformanceFixtures is a server for the MCP conformance suites: this package's own, with the tools, prompts
// and resources beside the catalog that the suites call by name. It serves until its standard input ends.
func TestServeConformanceFixtures(t *testing.T) {
	address := os.Getenv(fixtureAddress)
	if address == "" {
		t.Skip("it serves the conformance suites: make conformance")
	}
	s := newFixtureServer(t, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // however it ends
		stop()
	}()
	fmt.Fprintf(os.Stderr, "serving http://%s/mcp\n", listener.Addr())
	if err := s.ServeListener(ctx, listener, HTTPOptions{}); err != nil {
		t.Error(err)
	}
}

// fixtures are what the suites call by name.
type fixtures struct {
	server *Server
	key    []byte // signs the states of calls that take several rounds
}

// newFixtureServer serves the fixtures beside stand-ins for the tools of the product.
func newFixtureServer(t testing.TB, logger *slog.Logger) *Server {
	t.Helper()
	agents := tools.Define(readSpec("list_agents", tools.ToolsetAgents), func(context.Context, noInput) (echoOutput, error) {
		return echoOutput{}, nil
	})
	s, err := New(Options{Catalog: collect(t, append(platformTools(), agents)...), Version: "1.2.3", Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	s.beside = isFixture
	for _, declare := range []mcpserver.ServerOption{
		mcpserver.WithToolCapabilities(true),
		mcpserver.WithPromptCapabilities(true),
		mcpserver.WithResourceCapabilities(true, true),
		mcpserver.WithLogging(),
	} {
		declare(s.mcp)
	}
	f := &fixtures{server: s, key: []byte(rand.Text())}
	f.addContents()
	f.addNotifications()
	f.addQuestions()
	f.addRounds()
	f.addGuarded()
	f.addResources()
	f.addPrompts()
	return s
}

// isFixture knows prompts and resources. Whatever else begins with test:// does not exist.
func isFixture(name string) bool {
	return strings.HasPrefix(name, "test_") || strings.HasPrefix(name, "test://template/") ||
		slices.Contains([]string{"test://static-text", "test://static-binary", "test://watched-resource"}, name)
}

// takesNothing is the schema of a tool without arguments.
const takesNothing = `{"type":"object"}`

// add offers a tool.
func (f *fixtures) add(name, schema string, call mcpserver.ToolHandlerFunc) {
	f.server.mcp.AddTool(mcp.NewToolWithRawSchema(name, "A fixture of the conformance suites.", json.RawMessage(schema)), call)
}

// addConstant offers a tool that always gives the same.
func (f *fixtures) addConstant(name string, contents ...mcp.Content) {
	f.add(name, takesNothing, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: contents}, nil
	})
}
