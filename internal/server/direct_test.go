package server

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
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
			r.call = toolCall{}
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
		"no id":              `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo","arguments":{"text":"a"}}}`,
		"a revision":         `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2024-11-05"}}}`,
		"the 2026 revision":  modernCall("1", "echo"),
		"arguments in a row": callLine("1", "echo", `[]`),
		"metadata in a row":  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"},"_meta":[]}}`,
		"another method":     `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"echo","arguments":{}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			m, refusal := parseMessage([]byte(line))
			if refusal != nil {
				t.Fatal(refusal.message)
			}
			if s.direct(t.Context(), m.toolCall()) != nil {
				t.Error("it is answered directly")
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

// Over HTTP the answers are the same, too. A member that there is not leaves a call to the library.
func TestDirectCallsOverHTTPAreAnsweredAsTheLibraryDoes(t *testing.T) {
	for name, stateless := range map[string]bool{"sessions": false, "stateless": true} {
		s, _ := newTestServer(t, newFakes())
		run := startHTTP(t, s, HTTPOptions{Stateless: stateless})
		var headers []string
		if !stateless {
			headers = append(headers, run.session())
		}
		for _, call := range []string{
			`"name":"echo","arguments":{"text":"a\"b<&>"}`, `"name":"echo","arguments":{}`, `"name":"missing"`, `"name":"echo","arguments":null`,
			`"name":"echo","arguments":{"text":"` + strings.Repeat("é", 100_000) + `"}`, `"name":"echo","arguments":{"text":"a"},"_meta":{"progressToken":1}`,
		} {
			shown := func(further string) string {
				line := `{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{` + call + further + `}}`
				response := run.do(http.MethodPost, "/mcp", line, headers...)
				response.Header.Del("Date")
				return fmt.Sprint(response.StatusCode, response.Header, text(t, response))
			}
			if direct, library := shown(""), shown(`,"further":1`); direct != library {
				t.Errorf("%s: directly:\n%.1000s\nby the library:\n%.1000s", name, direct, library)
			}
		}
	}
}

// What wants no answer is not carried out: nothing would count it.
func TestNotificationsCallNothing(t *testing.T) {
	for name, o := range map[string]HTTPOptions{"sessions": {}, "stateless": {Stateless: true}} {
		f := newFakes()
		s, _ := newTestServer(t, f)
		run := startHTTP(t, s, o)
		var headers []string
		if !o.Stateless {
			headers = append(headers, run.session())
		}
		response := run.do(http.MethodPost, "/mcp", `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"wait","arguments":{"text":"a"}}}`, headers...)
		if body := text(t, response); response.StatusCode != http.StatusAccepted || body != "" || len(f.started) > 0 {
			t.Errorf("%s: status %d, %q, %d calls", name, response.StatusCode, body, len(f.started))
		}
	}
}
