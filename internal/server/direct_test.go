package server

import (
	"context"
	"regexp"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// reference is different in each answer.
var reference = regexp.MustCompile(`reference [A-Z0-9]{12}`)

// bothWays gives the answer to a message without the library and with it. The first is empty where only the library may
// answer.
func bothWays(t *testing.T, s *Server, line, version string) (direct, library string) {
	t.Helper()
	serve := func(directly bool) string {
		session := newStdioSession(nil)
		session.SetProtocolVersion(version)
		var out syncBuffer
		c := &connection{server: s, session: session, calls: newLedger(), out: newLineWriter(&out)}
		m, refusal := parseMessage([]byte(line))
		if refusal != nil {
			t.Fatal(refusal.message)
		}
		r, refusal := c.calls.accept(t.Context(), "", m)
		if refusal != nil {
			t.Fatal(refusal.message)
		}
		if !directly {
			r.call = nil
		} else if s.direct(r.ctx, r.call) == nil {
			return ""
		}
		c.serve(r, []byte(line))
		return reference.ReplaceAllString(out.String(), "reference R")
	}
	return serve(true), serve(false)
}

func TestDirectCallsAreAnsweredAsTheLibraryDoes(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	for name, line := range map[string]string{
		"a call":              callLine("1", "echo", `{"text":"a"}`),
		"an id of text":       callLine(`"a\"b<&>"`, "echo", `{"text":"a"}`),
		"a large id":          callLine("9007199254740993", "echo", `{"text":"a"}`),
		"what strings escape": callLine("1", "echo", `{"text":"a\"b\\c\n\t<>&\u2028\u0000é😀"}`),
		"white space":         ` { "jsonrpc" : "2.0" , "id" : 1, "method":"tools/call", "params": { "arguments" : { "text" : "a" }, "name" : "echo" } } `,
		"an escaped name":     `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ech\u006f","arguments":{"text":"a"}}}`,
		"metadata":            `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"},"_meta":{"x":1}}}`,
		"a wrong argument":    callLine("1", "echo", `{"txt":"a"}`),
		"no argument":         `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}`,
		"a failure":           callLine("1", "missing", `{}`),
		"a failure inside":    callLine("1", "fail", `{}`),
		"a panic":             callLine("1", "explode", `{}`),
	} {
		for _, version := range []string{"", "2024-11-05", "2025-06-18"} {
			t.Run(name+" "+version, func(t *testing.T) {
				direct, library := bothWays(t, s, line, version)
				if direct != library || direct == "" {
					t.Errorf("directly:\n%s\nby the library:\n%s", direct, library)
				}
			})
		}
	}
}

// What must be asked, changes something, says more than what it calls, or is not offered is left to the library.
func TestOtherCallsAreLeftToTheLibrary(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	for name, line := range map[string]string{
		"money":              callLine("1", "pay", `{"text":"a"}`),
		"an unknown tool":    callLine("1", "nothing", `{}`),
		"no tool":            `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}`,
		"an answer":          `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"},"requestState":"x"}}`,
		"a task":             `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"},"task":{}}}`,
		"the 2026 revision":  modernCall("1", "echo"),
		"arguments in a row": callLine("1", "echo", `[]`),
		"metadata in a row":  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"},"_meta":[]}}`,
		"another method":     `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"echo","arguments":{}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if direct, library := bothWays(t, s, line, "2025-06-18"); direct != "" || library == "" {
				t.Errorf("it is answered directly: %s", direct)
			}
		})
	}
}

// Attachments depend on the revision that was agreed on.
func TestDirectCallsKnowTheRevision(t *testing.T) {
	told := make(chan string, 1)
	tell := tools.Define(
		tools.Spec{Name: "tell", Title: "Tell", Description: "Tells.", Toolset: tools.ToolsetAgents, Class: client.Read},
		func(ctx context.Context, _ noInput) (echoOutput, error) {
			if direct := directOf(ctx); direct != nil {
				told <- direct.version
			} else {
				told <- "not direct"
			}
			return echoOutput{}, nil
		})
	for name, open := range map[string]connect{"stdio": overStdio, "sse": overSSE, "http": overHTTP} {
		for _, version := range []string{"2024-11-05", "2025-03-26", "2025-11-25"} {
			t.Run(name+"/"+version, func(t *testing.T) {
				s, err := New(Options{Catalog: collect(t, tell)})
				if err != nil {
					t.Fatal(err)
				}
				c := dial(t, open, s, version)
				_, err = c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: "tell"}})
				if got := receive(t, told, "the call"); err != nil || got != version {
					t.Errorf("%v, %q", err, got)
				}
			})
		}
	}
}
