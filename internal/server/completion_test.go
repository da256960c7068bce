package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

type limitInput struct {
	Limit int    `json:"limit,omitempty" jsonschema:"minimum=1,maximum=100"`
	Query string `json:"query,omitempty"`
}

type agentRows struct {
	Agents []agentNamed `json:"agents"`
}

type agentNamed struct {
	Name string `json:"name"`
}

type fileRows struct {
	Files []contentFile `json:"files"`
}

func agentsOf(names ...string) agentRows {
	rows := agentRows{}
	for _, name := range names {
		rows.Agents = append(rows.Agents, agentNamed{Name: name})
	}
	return rows
}

// listing are the tools that completion asks.
func listing(listAgents func(context.Context, limitInput) (agentRows, error)) []tools.Tool {
	return []tools.Tool{
		tools.Define(readSpec("list_agents", tools.ToolsetAgents), listAgents),
		tools.Define(readSpec("search_agents", tools.ToolsetAgents), func(_ context.Context, in limitInput) (agentRows, error) {
			return agentsOf("Tax-Helper", "my-tax", "bookkeeper-of-"+in.Query), nil
		}),
		tools.Define(readSpec("list_content", tools.ToolsetContent), func(context.Context, limitInput) (fileRows, error) {
			return fileRows{Files: []contentFile{{ID: "f1", Name: "Report.pdf"}, {ID: "f2", Name: "old report"}, {ID: "f3", Name: "picture"}}}, nil
		}),
	}
}

func ownAgents(context.Context, limitInput) (agentRows, error) {
	return agentsOf("my-tax", "taxi", "poet", ""), nil
}

// completingTools are what all workflows and resources need.
func completingTools(listAgents func(context.Context, limitInput) (agentRows, error)) []tools.Tool {
	offered := listing(listAgents)
	for _, tool := range workflowTools() {
		if !slices.ContainsFunc(offered, func(other tools.Tool) bool { return other.Name == tool.Name }) {
			offered = append(offered, tool)
		}
	}
	return offered
}

// newCompletingServer serves all workflows and resources.
func newCompletingServer(t *testing.T, listAgents func(context.Context, limitInput) (agentRows, error)) (*Server, *syncBuffer) {
	t.Helper()
	return serve(t, completingTools(listAgents)...)
}

func TestCompletion(t *testing.T) {
	agents, content := mcp.ResourceReference{Type: "ref/resource", URI: "robutler://agents/{name}"}, mcp.ResourceReference{Type: "ref/resource", URI: "robutler://content/{id}"}
	rotate, share := mcp.PromptReference{Type: "ref/prompt", Name: "rotate_agent_key"}, mcp.PromptReference{Type: "ref/prompt", Name: "share_file"}
	tests := []struct {
		reference       any
		argument, typed string
		want            []string
	}{
		{agents, "name", "", []string{"my-tax", "taxi", "poet"}},
		{agents, "name", "TAX", []string{"taxi", "Tax-Helper", "my-tax", "bookkeeper-of-TAX"}},
		{agents, "id", "", nil},
		{content, "id", "rep", []string{"f1", "f2"}},
		{content, "id", "f", []string{"f1", "f2", "f3"}},
		{content, "id", "nothing", nil},
		{rotate, "agent", "po", []string{"poet", "bookkeeper-of-po", "Tax-Helper", "my-tax"}},
		{share, "file", "pict", []string{"f3"}},
		{share, "agent", "", []string{"my-tax", "taxi", "poet"}},
		{mcp.PromptReference{Type: "ref/prompt", Name: "hire_agent"}, "task", "a", nil},
		{mcp.PromptReference{Type: "ref/prompt", Name: "nothing"}, "task", "a", nil},
		{mcp.ResourceReference{Type: "ref/resource", URI: "robutler://account"}, "name", "a", nil},
		{agents, "name", strings.Repeat("a", maxTyped+1), nil},
	}
	everywhere(t, func(t *testing.T, open connect, version string) {
		s, _ := newCompletingServer(t, ownAgents)
		c := dial(t, open, s, version)
		for _, test := range tests {
			request := mcp.CompleteRequest{Params: mcp.CompleteParams{
				Ref: test.reference, Argument: mcp.CompleteArgument{Name: test.argument, Value: test.typed}}}
			got, err := c.Complete(t.Context(), request)
			if err != nil || !slices.Equal(got.Completion.Values, test.want) || got.Completion.HasMore {
				t.Errorf("%v %s %q: %v, %+v", test.reference, test.argument, test.typed, err, got)
			}
		}
	})
}

func TestCompletionIsBounded(t *testing.T) {
	var names []string
	for i := range maxCompletions + 50 {
		names = append(names, fmt.Sprintf("agent-%d", i))
	}
	got := completionOf(names)
	if len(got.Values) != maxCompletions || got.Total != len(names) || !got.HasMore {
		t.Errorf("%d of %d, more %t", len(got.Values), got.Total, got.HasMore)
	}
}

func TestCompletionFailsToNothing(t *testing.T) {
	s, log := newCompletingServer(t, func(context.Context, limitInput) (agentRows, error) {
		return agentRows{}, client.ErrUnavailable
	})
	got := completer{s}.complete(t.Context(), kindAgent, "")
	if got.Values == nil || len(got.Values) != 0 {
		t.Errorf("got %+v", got)
	}
	if said := log.String(); !strings.Contains(said, "completion failed") || strings.Contains(said, "level=WARN") || strings.Contains(said, "level=ERROR") {
		t.Errorf("log: %s", said)
	}
}

func TestCompletionIsGivenUpInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := newCompletingServer(t, func(ctx context.Context, _ limitInput) (agentRows, error) {
			<-ctx.Done()
			return agentRows{}, ctx.Err()
		})
		if got := (completer{s}).complete(t.Context(), kindAgent, ""); len(got.Values) != 0 {
			t.Errorf("got %+v", got)
		}
		if !strings.Contains(log.String(), "code=timeout") {
			t.Errorf("log: %s", log)
		}
	})
}

func TestCompletionHeedsNarrowing(t *testing.T) {
	s, _ := newCompletingServer(t, ownAgents)
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	complete := func(reference, argument string, headers ...string) string {
		return text(t, run.do(http.MethodPost, "/mcp", `{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":`+reference+
			`,"argument":{"name":"`+argument+`","value":""}}}`, append(headers, session)...))
	}
	agents, share := `{"type":"ref/resource","uri":"robutler://agents/{name}"}`, `{"type":"ref/prompt","name":"share_file"}`
	for _, test := range []struct{ reference, argument, header string }{
		{agents, "name", "X-MCP-Exclude-Tools: get_agent"},
		{agents, "name", "X-MCP-Exclude-Tools: list_agents"},
		{share, "agent", "X-MCP-Exclude-Tools: chat_with_agent"},
	} {
		if got := complete(test.reference, test.argument); !strings.Contains(got, "poet") {
			t.Errorf("%s: %s", test.reference, got)
		}
		if got := complete(test.reference, test.argument, test.header); !strings.Contains(got, `"values":[]`) {
			t.Errorf("%s with %s: %s", test.reference, test.header, got)
		}
	}
}
