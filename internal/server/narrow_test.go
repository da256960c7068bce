package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// echoTool is a tool of a toolset and a class that gives its argument back.
func echoTool(name, toolset string, class client.Class) tools.Tool {
	return tools.Define(specOf(name, toolset, class), func(_ context.Context, in echoInput) (echoOutput, error) { return echoOutput(in), nil })
}

// marketTools are of several toolsets and classes, and need the platform's fakes for resources.
func marketTools() []tools.Tool {
	return append(platformTools(),
		echoTool("create_agent", tools.ToolsetAgents, client.Create),
		echoTool("delete_content", tools.ToolsetContent, client.Delete),
		echoTool("lock_payment", "payments", client.Money),
		echoTool("verify_payment", "payments", client.Read),
	)
}

const listLine = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}`

// listed gives the names in the answer to tools/list.
func listed(t *testing.T, answer rpcAnswer) []string {
	t.Helper()
	var result struct {
		Tools []struct {
			Name string `json:"name"`
		} `json:"tools"`
	}
	if answer.Error != nil || json.Unmarshal(answer.Result, &result) != nil {
		t.Fatalf("list: %+v", answer)
	}
	names := make([]string, 0, len(result.Tools))
	for _, tool := range result.Tools {
		names = append(names, tool.Name)
	}
	return names
}

// modern makes a message one of the 2026 revision, and gives the headers for it.
func modern(message, method, name string) (body string, headers []string) {
	headers = []string{"Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: " + method}
	if name != "" {
		headers = append(headers, "Mcp-Name: "+name)
	}
	return strings.Replace(strings.Replace(message, `"params":{`, `"params":{`+modernMeta+`,`, 1), `,}`, `}`, 1), headers
}

func TestHeadersNarrow(t *testing.T) {
	all := []string{"create_agent", "delete_content", "get_account_summary", "get_agent", "lock_payment", "read_content", "verify_payment"}
	tests := []struct {
		name    string
		headers []string
		want    []string
	}{
		{"nothing", nil, all},
		{"off", []string{"X-MCP-Readonly: false", "X-MCP-No-Money: 0"}, all},
		{"all", []string{"X-MCP-Toolsets: all"}, all},
		{"default", []string{"X-MCP-Toolsets: default"}, []string{"create_agent", "delete_content", "get_account_summary", "get_agent", "read_content"}},
		{"toolsets", []string{"x-mcp-toolsets: agents , payments,"}, []string{"create_agent", "get_agent", "lock_payment", "verify_payment"}},
		{"reading toolset", []string{"X-MCP-Toolsets: agents:ro"}, []string{"get_agent"}},
		{"tools", []string{"X-MCP-Tools: lock_payment"}, []string{"lock_payment"}},
		{"toolset and tool", []string{"X-MCP-Toolsets: account", "X-MCP-Tools: lock_payment"}, []string{"get_account_summary", "lock_payment"}},
		{"exclude", []string{"X-MCP-Exclude-Tools: lock_payment,get_agent"}, []string{"create_agent", "delete_content", "get_account_summary", "read_content", "verify_payment"}},
		{"reading", []string{"X-MCP-Readonly: True"}, []string{"get_account_summary", "get_agent", "read_content", "verify_payment"}},
		{"no money", []string{"X-MCP-No-Money: 1"}, []string{"create_agent", "delete_content", "get_account_summary", "get_agent", "read_content", "verify_payment"}},
		{"reading beats tools", []string{"X-MCP-Tools: lock_payment,get_agent", "X-MCP-Readonly: 1"}, []string{"get_agent"}},
	}
	s, _ := serve(t, marketTools()...)
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	later, laterHeaders := modern(listLine, "tools/list", "")
	stream := run.sse()
	for _, test := range tests {
		answers := map[string]rpcAnswer{
			"legacy": parseAnswer(t, []byte(text(t, run.do(http.MethodPost, "/mcp", listLine, append(test.headers, session)...)))),
			"modern": parseAnswer(t, []byte(text(t, run.do(http.MethodPost, "/mcp", later, append(test.headers, laterHeaders...)...)))),
		}
		text(t, run.do(http.MethodPost, stream.endpoint, listLine, test.headers...))
		answers["sse"] = stream.next()
		for kind, answer := range answers {
			if got := listed(t, answer); !slices.Equal(got, test.want) {
				t.Errorf("%s, %s: %v", test.name, kind, got)
			}
		}
	}
}

func TestNarrowingHidesResources(t *testing.T) {
	s, _ := serve(t, marketTools()...)
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	for method, shown := range map[string]string{
		`resources/list","params":{`:                                     "robutler://account",
		`resources/templates/list","params":{`:                           "robutler://agents/{name}",
		`resources/read","params":{"uri":"robutler://agents/translator"`: "translator",
		`resources/read","params":{"uri":"robutler://account"`:           "the account",
		`initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}`: "1 credit",
	} {
		line := `{"jsonrpc":"2.0","id":1,"method":"` + method + `}}`
		open := parseAnswer(t, []byte(text(t, run.do(http.MethodPost, "/mcp", line, session))))
		hidden := parseAnswer(t, []byte(text(t, run.do(http.MethodPost, "/mcp", line, session, "X-MCP-Tools: read_content"))))
		if !strings.Contains(string(open.Result), shown) || strings.Contains(string(hidden.Result), shown) {
			t.Errorf("%s: %s and %s", method, open.Result, hidden.Result)
		}
	}
}

// What opened the stream counts for every message of it, which can only narrow further.
func TestHeadersOfAStreamCountForItsMessages(t *testing.T) {
	s, _ := serve(t, marketTools()...)
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse("X-MCP-Toolsets: agents,payments")
	list := func(headers ...string) []string {
		text(t, run.do(http.MethodPost, stream.endpoint, listLine, headers...))
		return listed(t, stream.next())
	}
	if got := list(); !slices.Equal(got, []string{"create_agent", "get_agent", "lock_payment", "verify_payment"}) {
		t.Errorf("the stream's own: %v", got)
	}
	if got := list("X-MCP-Readonly: true"); !slices.Equal(got, []string{"get_agent", "verify_payment"}) {
		t.Errorf("narrowed further: %v", got)
	}
	if got := list("X-MCP-Toolsets: content"); len(got) != 0 {
		t.Errorf("nothing in common: %v", got)
	}
}

func TestHeadersThatAreWrongAreRefused(t *testing.T) {
	s, _ := serve(t, marketTools()...)
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	for header, says := range map[string]string{
		"X-MCP-Toolsets: agent":                            "did you mean agents?",
		"X-MCP-Toolsets: agents:rw":                        "did you mean agents?",
		"X-MCP-Toolsets: sms":                              "the toolsets are default, all, agents, content, account, payments",
		"X-MCP-Tools: get_agnet, nothing":                  "get_agent",
		"X-MCP-Exclude-Tools: nothing":                     "the tools are get_agent",
		"X-MCP-Readonly: yes":                              "X-MCP-Readonly must be true or false",
		"X-MCP-No-Money: on":                               "X-MCP-No-Money must be true or false",
		"X-MCP-Toolsets: ":                                 "X-MCP-Toolsets is empty",
		"X-MCP-Tools: , ,":                                 "X-MCP-Tools is empty",
		"X-MCP-Exclude-Tools: ":                            "X-MCP-Exclude-Tools is empty",
		"X-MCP-Tools: " + strings.Repeat("a,", maxNames+1): "more than 100",
	} {
		for _, response := range []*http.Response{
			run.do(http.MethodPost, "/mcp", listLine, session, header), run.do(http.MethodGet, "/sse", "", header),
		} {
			answer := parseAnswer(t, []byte(text(t, response)))
			if response.StatusCode != http.StatusBadRequest || answer.Error == nil || !strings.Contains(answer.Error.Message, says) {
				t.Errorf("%s: %d %+v", header, response.StatusCode, answer.Error)
			}
		}
	}
}
