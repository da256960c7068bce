package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// Observer is told what the server does, for metrics and traces. It never learns an argument, a result or an id, and no
// name that a client made up.
type Observer interface {
	// StartRequest is told of a request that does work. The carrier gives what the request says of its trace, by the
	// names of the W3C headers. The target is a tool's name, or empty.
	StartRequest(ctx context.Context, method, target string, carrier func(name string) string) (_ context.Context, ended func(failed bool))
	// StartCall is told of a call of a tool, which a request may make several of.
	StartCall(ctx context.Context, tool, class string) (_ context.Context, ended func(code string))
	// CountUnknownTool is told of a call of a tool that the caller does not have.
	CountUnknownTool(code string)
	// CountRequest is told of every request that was answered.
	CountRequest(method string, failed bool)
	// CountRefusal is told of a request that was refused ahead of the protocol, for one of a few reasons.
	CountRefusal(reason string)
}

// Secrets learns of the secrets that pass through the server, and knows those that calls are made with.
type Secrets interface {
	// Add is told of a secret that must not be in any log.
	Add(secret string)
	// WithoutCredentials takes the keys that calls are made with out of what is shown to a caller.
	WithoutCredentials(shown []byte) []byte
}

// unobserved is the observer of a server that nobody watches, and knows no secret.
type unobserved struct{}

func (unobserved) StartRequest(ctx context.Context, _, _ string, _ func(string) string) (context.Context, func(bool)) {
	return ctx, func(bool) {}
}

func (unobserved) StartCall(ctx context.Context, _, _ string) (context.Context, func(string)) {
	return ctx, func(string) {}
}
func (unobserved) CountUnknownTool(string)                {}
func (unobserved) CountRequest(string, bool)              {}
func (unobserved) CountRefusal(string)                    {}
func (unobserved) Add(string)                             {}
func (unobserved) WithoutCredentials(shown []byte) []byte { return shown }

// carrier gives what a request says of its trace: in its metadata, or else in the headers that it came with.
func carrier(meta *mcp.Meta, header http.Header) func(name string) string {
	return func(name string) string {
		if meta != nil {
			if text, ok := meta.AdditionalFields[name].(string); ok {
				return text
			}
		}
		return header.Get(name)
	}
}

// otherMethod stands for every method that this server does not know: clients may send any.
const otherMethod = "other"

// knownMethod gives a method, or what stands for those that there are not.
func knownMethod(method mcp.MCPMethod) string {
	switch method {
	case mcp.MethodInitialize, mcp.MethodPing, mcp.MethodToolsList, mcp.MethodToolsCall, mcp.MethodResourcesList,
		mcp.MethodResourcesTemplatesList, mcp.MethodResourcesRead, mcp.MethodPromptsList, mcp.MethodPromptsGet,
		mcp.MethodCompletionComplete, mcp.MethodServerDiscover, mcp.MethodSubscriptionsListen:
		return string(method)
	default:
		return otherMethod
	}
}

// countRequests has every answered request counted.
func (s *Server) countRequests(hooks *mcpserver.Hooks) {
	hooks.AddOnSuccess(func(_ context.Context, _ any, method mcp.MCPMethod, _, result any) {
		called, ok := result.(*mcp.CallToolResult)
		s.observer.CountRequest(knownMethod(method), ok && called != nil && called.IsError)
	})
	hooks.AddOnError(func(_ context.Context, _ any, method mcp.MCPMethod, _ any, _ error) {
		s.observer.CountRequest(knownMethod(method), true)
	})
}

// secretMembers are the arguments and the results of tools that are secrets.
type secretMembers struct {
	Token         string `json:"token"`
	APIKey        string `json:"api_key"`
	PaymentHeader string `json:"payment_header"`
	Confirmation  string `json:"confirmation"`
}

// learnSecrets tells of the secrets in the arguments or the result of a tool.
func learnSecrets(secrets Secrets, object json.RawMessage) {
	if !slices.ContainsFunc([]string{`"token"`, `"api_key"`, `"payment_header"`, `"confirmation"`}, func(name string) bool {
		return bytes.Contains(object, []byte(name))
	}) {
		return
	}
	var found secretMembers
	_ = json.Unmarshal(object, &found) // what is of another type is no secret, and refused where it matters
	for _, secret := range []string{found.Token, found.APIKey, found.PaymentHeader, found.Confirmation} {
		secrets.Add(secret)
	}
}

// withoutCredentials takes the keys that calls are made with out of a result: the platform may have said them back.
func withoutCredentials(secrets Secrets, out tools.Result) tools.Result {
	out.Structured = secrets.WithoutCredentials(out.Structured)
	for i, attached := range out.Attachments {
		attached.Data = secrets.WithoutCredentials(attached.Data)
		attached.URI, attached.Name = without(secrets, attached.URI), without(secrets, attached.Name)
		attached.MIMEType = without(secrets, attached.MIMEType)
		out.Attachments[i] = attached
	}
	if out.Pending != nil {
		shown := *out.Pending
		shown.Would, shown.Recipient = without(secrets, shown.Would), without(secrets, shown.Recipient)
		out.Pending = &shown
	}
	return out
}

// failureWithoutCredentials does the same for an error.
func failureWithoutCredentials(secrets Secrets, failure *tools.Error) *tools.Error {
	shown := *failure
	shown.Message, shown.NextStep = without(secrets, shown.Message), without(secrets, shown.NextStep)
	shown.PlatformSaid = without(secrets, shown.PlatformSaid)
	shown.ValidValues = slices.Clone(shown.ValidValues)
	for i, value := range shown.ValidValues {
		shown.ValidValues[i] = without(secrets, value)
	}
	return &shown
}

func without(secrets Secrets, text string) string {
	return string(secrets.WithoutCredentials([]byte(text)))
}

// load counts what is open.
type load struct {
	streams struct{ http, sse atomic.Int64 }
	// sessions gives the number of those that are open; it is set with the HTTP handler.
	sessions atomic.Pointer[func() int]
}

// streaming counts the streams that the GET requests of a handler are.
func streaming(open *atomic.Int64, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			open.Add(1)
			defer open.Add(-1)
		}
		next(w, r)
	}
}

// count gives the number of open sessions.
func (s *sessions) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// Sessions gives the number of open sessions of HTTP clients before the 2026 revision.
func (s *Server) Sessions() int {
	if count := s.load.sessions.Load(); count != nil {
		return (*count)()
	}
	return 0
}

// Streams gives the number of open streams by transport: http or sse.
func (s *Server) Streams() map[string]int {
	return map[string]int{"http": int(s.load.streams.http.Load()), "sse": int(s.load.streams.sse.Load())}
}
