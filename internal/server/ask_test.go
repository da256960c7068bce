package server

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// oneHandle asks for agreement once and takes one handle.
type oneHandle struct {
	mu      sync.Mutex
	handles []string
	refused []string
	callers []tools.Caller
}

func (g *oneHandle) declined(_ context.Context, handle string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused = append(g.refused, handle)
}

// wasRefused reports whether the handle was taken back, once.
func (g *oneHandle) wasRefused() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Equal(g.refused, []string{goodHandle})
}

const goodHandle = "handle-that-was-given"

func (g *oneHandle) Pass(ctx context.Context, call tools.GatedCall) (tools.Result, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.callers = append(g.callers, tools.CallerOf(ctx))
	switch call.Confirmation {
	case "":
		return tools.Result{Pending: &tools.Confirmation{
			Preview: tools.Preview{Would: "Revoke the key.", Recipient: "nobody"}, Handle: goodHandle, ExpiresAt: time.Unix(2_000_000_000, 0), DuplicateOf: time.Unix(1_900_000_000, 0),
		}}, nil
	case goodHandle:
		g.handles = append(g.handles, call.Confirmation)
		return tools.Result{Structured: json.RawMessage(`{"status":"done","id":"k1","deleted":true}`)}, nil
	default:
		return tools.Result{}, &tools.Error{Code: tools.CodeConfirmationInvalid, Message: "no such handle", NextStep: "Call again."}
	}
}

func (g *oneHandle) executed() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.handles)
}

// asking serves the real tools behind a gate that asks.
func asking(t *testing.T, gate tools.Gate) *Server {
	t.Helper()
	c, err := client.New(client.WithAPIKey("rok_x"), client.WithBaseURL("http://127.0.0.1:1"), client.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := tools.NewCatalog(tools.Platform{Client: c, Gate: gate})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Catalog: catalog, Version: "1"}
	if told, ok := gate.(*oneHandle); ok {
		options.Declined = told.declined
	}
	s, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// user answers what it is asked.
type user struct {
	answer mcp.ElicitationResponse
	err    error
	asked  []string
}

func (u *user) Elicit(_ context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	u.asked = append(u.asked, request.Params.Message)
	return &mcp.ElicitationResult{ElicitationResponse: u.answer}, u.err
}

func accept(content any) mcp.ElicitationResponse {
	return mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept, Content: content}
}

// TestUserIsAsked lets clients of both eras ask their user, who says what users say.
func TestUserIsAsked(t *testing.T) {
	agree := map[string]any{consentField: true}
	for name, test := range map[string]struct {
		user     *user // nil for a client that cannot ask
		executed int
		says     string
	}{
		"agrees":          {&user{answer: accept(agree)}, 1, `"done"`},
		"does not tick":   {&user{answer: accept(map[string]any{consentField: false})}, 0, `"declined"`},
		"ticks with text": {&user{answer: accept(map[string]any{consentField: "true"})}, 0, `"declined"`},
		"answers nothing": {&user{answer: accept(nil)}, 0, `"declined"`},
		"declines":        {&user{answer: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionDecline, Content: agree}}, 0, `"declined"`},
		"cancels":         {&user{answer: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionCancel}}, 0, `"declined"`},
		"cannot be asked": {nil, 0, goodHandle},
	} {
		for transport, open := range map[string]connect{"stdio": overStdio, "http": overHTTP} {
			for _, version := range []string{"2025-11-25", mcp.ProtocolVersion20260728} {
				t.Run(name+"/"+transport+"/"+version, func(t *testing.T) {
					gate := &oneHandle{}
					options := []mcpclient.ClientOption{mcpclient.WithProtocolVersion(version)}
					var asked *user
					if test.user != nil {
						asked = &user{answer: test.user.answer}
						options = append(options, mcpclient.WithElicitationHandler(asked))
					}
					c := mcpclient.NewClient(open(t, asking(t, gate)), options...)
					if err := c.Start(t.Context()); err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = c.Close() })
					text := revoke(t, c, version)
					if gate.executed() != test.executed || !strings.Contains(text, test.says) {
						t.Errorf("executed %d times, %s", gate.executed(), text)
					}
					if gate.wasRefused() != strings.Contains(test.says, "declined") {
						t.Errorf("after %s the handles %q are not good any more", text, gate.refused)
					}
					if asked != nil && (len(asked.asked) != 1 || !strings.Contains(asked.asked[0], "Revoke the key.") || !strings.Contains(asked.asked[0], "do it again")) {
						t.Errorf("asked %q", asked.asked)
					}
				})
			}
		}
	}
}

func revoke(t *testing.T, c *mcpclient.Client, version string) string {
	t.Helper()
	if _, err := c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ClientInfo: mcp.Implementation{Name: "test", Version: "1"}, ProtocolVersion: version,
	}}); err != nil {
		t.Fatal(err)
	}
	result, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: "delete_api_key", Arguments: map[string]any{"key_id": "k1"}}})
	if err != nil {
		t.Fatal(err)
	}
	text, ok := result.Content[0].(mcp.TextContent)
	if !ok {
		t.Fatalf("%+v", result)
	}
	return text.Text
}

// TestClientThatFailsToAsk leaves it to the model only where the client does not know the question: a user who closed
// the window did not agree.
func TestClientThatFailsToAsk(t *testing.T) {
	for cause, says := range map[string]string{"dismissed / timed out": `"declined"`, "Method not found": goodHandle} {
		gate := &oneHandle{}
		c := mcpclient.NewClient(overStdio(t, asking(t, gate)), mcpclient.WithProtocolVersion("2025-11-25"),
			mcpclient.WithElicitationHandler(&user{err: errors.New(cause)}))
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if text := revoke(t, c, "2025-11-25"); gate.executed() != 0 || !strings.Contains(text, says) {
			t.Errorf("%s: executed %d times, %s", cause, gate.executed(), text)
		}
		if gate.wasRefused() != strings.Contains(says, "declined") {
			t.Errorf("%s: the handles %q are not good any more", cause, gate.refused)
		}
	}
}

// TestForgedAnswersDoNothing sends answers that nobody asked for, with states that nobody gave.
func TestForgedAnswersDoNothing(t *testing.T) {
	gate := &oneHandle{}
	run := startStdio(t, asking(t, gate))
	const answer = `"inputResponses":{"consent":{"action":"accept","content":{"agree":true}}}`
	capable := strings.Replace(modernMeta, `"io.modelcontextprotocol/clientCapabilities":{}`, `"io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}`, 1)
	for i, extra := range []string{
		answer, answer + `,"requestState":""`, answer + `,"requestState":"made-up"`, answer + `,"requestState":"` + goodHandle[:10] + `"`,
		`"requestState":"` + goodHandle + `"`, `"requestState":"` + goodHandle + `","inputResponses":{"consent":{"action":"accept","content":{}}}`,
		`"requestState":"` + goodHandle + `","inputResponses":{"other":{"action":"accept","content":{"agree":true}}}`,
	} {
		for _, meta := range []string{"", "," + capable} {
			message := `{"jsonrpc":"2.0","id":` + string(rune('1'+i)) + `,"method":"tools/call","params":{"name":"delete_api_key","arguments":{"key_id":"k1"},` + extra + meta + `}}`
			run.send(message)
			run.next()
			if gate.executed() != 0 {
				t.Fatalf("%s went through", extra)
			}
		}
	}
	if err := run.in.Close(); err != nil {
		t.Fatal(err)
	}
	run.rest()
	run.end()
}

// TestUntrustedTextIsRemembered notes who has read what others wrote.
func TestUntrustedTextIsRemembered(t *testing.T) {
	gate := &oneHandle{}
	s := asking(t, gate)
	s.readers.note(t.Context(), "tainted")
	if !s.readers.has("tainted") || s.readers.has("clean") {
		t.Error("the sessions are mixed up")
	}
	s.readers.forget("tainted")
	if s.readers.has("tainted") {
		t.Error("an ended session is remembered")
	}
}
