package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

const (
	serverName  = "robutler-mcp"
	serverTitle = "Robutler"
	// listTTL is how long a client of the 2026 revision may keep the list of tools: it only changes with a restart.
	listTTL = 5 * time.Minute
)

// Options says what a [Server] serves.
type Options struct {
	// Catalog holds the tools.
	Catalog *tools.Catalog
	// Known are the names of all tools that there are, beside those of the catalog: a call of one that is not in it is told so.
	Known []string
	// Caller names whoever the platform's key belongs to; what one caller agreed to is nothing to another.
	Caller string
	// Version is told to clients.
	Version string
	// Logger receives what the server has to say; nothing is logged without one. It must not write to stdout.
	Logger *slog.Logger
	// Observer is told what the server does; nil for nobody.
	Observer Observer
	// Secrets learns of secrets and takes credentials out of results; nil for none.
	Secrets Secrets
	// Working is told how many requests are being worked on, open streams aside, whenever that changes; nil for nobody. It
	// must not block.
	Working func(requests int)
	// Answered is told when an answer is written, over HTTP when its connection is idle again or closed; nil for nobody. It
	// must not block. Connections that speak HTTP/2 are idle once they are open, and those of SSE ahead of the answer.
	Answered func()
	// Declined is told the handle of what a user was asked and did not agree to; nil for nobody.
	Declined func(ctx context.Context, handle string)
}

// Server offers the tools of a catalog to MCP clients. It is safe for concurrent use.
type Server struct {
	mcp      *mcpserver.MCPServer
	catalog  *tools.Catalog
	known    []string
	calls    pipeline
	logger   *slog.Logger
	observer Observer
	load     load
	received *budget // of all HTTP clients
	handling handlers
	caller   string
	readers  *readers
	// listed gives the tools as clients see them.
	listed func() toolList
	// mark is what the library encodes in place of the facts of a result.
	mark     func() string
	clock    clock
	drain    time.Duration
	answered func()
	declined func(ctx context.Context, handle string)
	// beside tells by name or address what is served beside the catalog. The product has nothing there; the fixtures of
	// the conformance suites are.
	beside func(name string) bool
	// drainBegan is when the server began to end.
	drainBegan atomic.Pointer[time.Time]
}

// New builds a server. An error is a mistake in the name of a tool; those in the schemas are left to [Server.Check].
func New(o Options) (*Server, error) {
	if o.Catalog == nil {
		return nil, errors.New("build the server: it needs a catalog")
	}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		catalog: o.Catalog, known: slices.Concat(o.Known, o.Catalog.Names()),
		calls:  pipeline{logger: logger, observer: unobserved{}, secrets: unobserved{}},
		logger: logger, observer: unobserved{}, caller: o.Caller, mark: sync.OnceValue(rand.Text), clock: systemClock{}, drain: drainTime,
		handling: handlers{working: o.Working}, answered: func() {},
		declined: func(context.Context, string) {},
	}
	if o.Declined != nil {
		s.declined = o.Declined
	}
	if o.Answered != nil {
		s.answered = o.Answered
	}
	if o.Observer != nil {
		s.observer, s.calls.observer = o.Observer, o.Observer
	}
	if o.Secrets != nil {
		s.calls.secrets = o.Secrets
	}
	s.received = newBudget(maxReceived, maxReceivedEach)
	s.listed = sync.OnceValue(s.list)
	offered := o.Catalog.Tools()
	hooks := &mcpserver.Hooks{}
	s.readers = newReaders(hooks)
	hooks.AddOnRegisterSession(joinStream)
	hooks.AddAfterInitialize(introduce)
	s.mcp = mcpserver.NewMCPServer(serverName, o.Version,
		mcpserver.WithTitle(serverTitle),
		mcpserver.WithToolCapabilities(false),
		mcpserver.WithMethodCacheHints(mcp.MethodToolsList, listTTL.Milliseconds(), mcp.CacheScopePrivate),
		mcpserver.WithHooks(hooks),
	)
	hooks.AddBeforeCallTool(s.checkTool)
	s.countRequests(hooks)
	if err := s.addTools(hooks, offered); err != nil {
		return nil, fmt.Errorf("build the server: %w", err)
	}
	s.addNarrowing(hooks)
	s.addResources(hooks)
	s.addPrompts(hooks)
	s.addCompletion()
	return s, nil
}

// isBeside reports whether something is served beside the catalog: narrowing and refusals do not know it.
func (s *Server) isBeside(name string) bool { return s.beside != nil && s.beside(name) }

// Call runs a tool the way that MCP clients do, without MCP.
func (s *Server) Call(ctx context.Context, name string, arguments json.RawMessage) (tools.Result, *tools.Error) {
	tool, err := s.catalog.Find(name)
	switch {
	case err == nil:
		return s.run(ctx, tool, arguments)
	case slices.Contains(s.known, name):
		return tools.Result{}, notOffered("tool", name, nil, s.known)
	default:
		return tools.Result{}, tools.Explain(err)
	}
}
