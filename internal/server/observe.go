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

// Secrets knows the secrets of calls, each in the context of its call alone.
type Secrets interface {
	// WithKey notes the platform's key that calls are made with.
	WithKey(ctx context.Context, key string) context.Context
	// WithSecrets notes other secrets of a call, which must not be in its log.
	WithSecrets(ctx context.Context, secrets ...string) context.Context
	// WithoutCredentials takes the key of the call, and the secrets of the configuration, out of what is shown to a caller.
	WithoutCredentials(ctx context.Context, shown []byte) []byte
}

// unobserved is the observer of a server that nobody watches, and knows no secret.
type unobserved struct{}

func (unobserved) StartRequest(ctx context.Context, _, _ string, _ func(string) string) (context.Context, func(bool)) {
	return ctx, func(bool) {}
}

func (unobserved) StartCall(ctx context.Context, _, _ string) (context.Context, func(string)) {
	return ctx, func(string) {}
}
func (unobserved) CountUnknownTool(string)   {}
func (unobserved) CountRequest(string, bool) {}
func (unobserved) CountRefusal(string)       {}

func (unobserved) WithKey(ctx context.Context, _ string) context.Context        { return ctx }
func (unobserved) WithSecrets(ctx context.Context, _ ...string) context.Context { return ctx }
func (unobserved) WithoutCredentials(_ context.Context, shown []byte) []byte    { return shown }

// carrier gives what a request says of its trace: in its metadata, or else in the headers that it came with.
func carrier(meta *mcp.Meta, header http.Header) func(name string) string {
	if meta == nil && header["Traceparent"] == nil {
		return unsaid
	}
	return func(name string) string {
		if meta != nil {
			if text, ok := meta.AdditionalFields[name].(string); ok {
				return text
			}
		}
		return header.Get(name)
	}
}

// unsaid is the carrier of a request that says nothing of its trace: the other names only add to the first.
func unsaid(string) string { return "" }

// carrierKey carries what a request says of its trace, where the library keeps it from whoever serves the request.
type carrierKey struct{}

// withCarrier keeps what a completion says of its trace.
func withCarrier(ctx context.Context, m message, header http.Header) context.Context {
	if m.Method != string(mcp.MethodCompletionComplete) {
		return ctx
	}
	var meta mcp.Meta
	if len(m.Meta) > 0 && json.Unmarshal(m.Meta, &meta) != nil {
		return ctx // the library refuses it
	}
	return context.WithValue(ctx, carrierKey{}, carrier(&meta, header))
}

func carrierOf(ctx context.Context) func(name string) string {
	if kept, ok := ctx.Value(carrierKey{}).(func(name string) string); ok {
		return kept
	}
	return carrier(nil, nil)
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

// countRequests has every answered request of a client counted.
func (s *Server) countRequests(hooks *mcpserver.Hooks) {
	hooks.AddOnSuccess(func(ctx context.Context, _ any, method mcp.MCPMethod, _, result any) {
		if joining(ctx) != nil {
			return
		}
		called, ok := result.(*mcp.CallToolResult)
		s.observer.CountRequest(knownMethod(method), ok && called != nil && called.IsError)
	})
	hooks.AddOnError(func(_ context.Context, _ any, method mcp.MCPMethod, _ any, _ error) {
		s.observer.CountRequest(knownMethod(method), true)
	})
}

// secretArguments gives the arguments of a tool that are secrets.
func secretArguments(arguments json.RawMessage) []string {
	if !slices.ContainsFunc([]string{`"token"`, `"payment_header"`, `"confirmation"`}, func(name string) bool {
		return bytes.Contains(arguments, []byte(name))
	}) {
		return nil
	}
	var found struct {
		Token         string `json:"token"`
		PaymentHeader string `json:"payment_header"`
		Confirmation  string `json:"confirmation"`
	}
	_ = json.Unmarshal(arguments, &found) // what is of another type is no secret, and refused where it matters
	return []string{found.Token, found.PaymentHeader, found.Confirmation}
}

// withoutCredentials takes the keys that calls are made with out of a result: the platform may have said them back.
func withoutCredentials(ctx context.Context, secrets Secrets, out tools.Result) tools.Result {
	out.Structured = secrets.WithoutCredentials(ctx, out.Structured)
	for i, attached := range out.Attachments {
		attached.Data = secrets.WithoutCredentials(ctx, attached.Data)
		attached.URI, attached.Name = without(ctx, secrets, attached.URI), without(ctx, secrets, attached.Name)
		attached.MIMEType = without(ctx, secrets, attached.MIMEType)
		out.Attachments[i] = attached
	}
	if out.Pending != nil {
		shown := *out.Pending
		shown.Would, shown.Recipient = without(ctx, secrets, shown.Would), without(ctx, secrets, shown.Recipient)
		out.Pending = &shown
	}
	return out
}

// failureWithoutCredentials does the same for an error.
func failureWithoutCredentials(ctx context.Context, secrets Secrets, failure *tools.Error) *tools.Error {
	shown := *failure
	shown.Message, shown.NextStep = without(ctx, secrets, shown.Message), without(ctx, secrets, shown.NextStep)
	shown.PlatformSaid = without(ctx, secrets, shown.PlatformSaid)
	shown.ValidValues = slices.Clone(shown.ValidValues)
	for i, value := range shown.ValidValues {
		shown.ValidValues[i] = without(ctx, secrets, value)
	}
	return &shown
}

func without(ctx context.Context, secrets Secrets, text string) string {
	return string(secrets.WithoutCredentials(ctx, []byte(text)))
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
