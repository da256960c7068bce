package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

const (
	// maxCompletions is what MCP allows.
	maxCompletions = 100
	// completionTime bounds a completion: people are typing.
	completionTime = 2 * time.Second
	// maxTyped bounds what is completed, in bytes.
	maxTyped = 200
)

// completer completes names of agents and ids of files while people type them. It asks anew every time, as the caller:
// nothing is kept that another caller could see.
type completer struct{ server *Server }

// addCompletion offers completion if there is anything to complete.
func (s *Server) addCompletion() {
	if !s.offers(context.Background(), "list_agents") && !s.offers(context.Background(), "search_agents") &&
		!s.offers(context.Background(), "list_content") {
		return
	}
	for _, apply := range []mcpserver.ServerOption{
		mcpserver.WithCompletions(),
		mcpserver.WithPromptCompletionProvider(completer{s}),
		mcpserver.WithResourceCompletionProvider(completer{s}),
	} {
		apply(s.mcp)
	}
}

// CompletePromptArgument completes an argument of a workflow.
func (c completer) CompletePromptArgument(ctx context.Context, prompt string, typed mcp.CompleteArgument, _ mcp.CompleteContext) (*mcp.Completion, error) {
	workflow, ok := c.server.workflow(ctx, prompt)
	if !ok {
		return completionOf(nil), nil
	}
	for _, argument := range workflow.arguments {
		if argument.name == typed.Name {
			return c.complete(ctx, argument.kind, typed.Value), nil
		}
	}
	return completionOf(nil), nil
}

// CompleteResourceArgument completes the variable of a resource template.
func (c completer) CompleteResourceArgument(ctx context.Context, uri string, typed mcp.CompleteArgument, _ mcp.CompleteContext) (*mcp.Completion, error) {
	for _, source := range sources() {
		if source.variable != "" && source.template() == uri && source.placeholder == typed.Name && c.server.offers(ctx, source.tool) {
			return c.complete(ctx, source.variable, typed.Value), nil
		}
	}
	return completionOf(nil), nil
}

// complete gives the values of a kind that fit what was typed.
func (c completer) complete(ctx context.Context, kind, typed string) *mcp.Completion {
	typed = strings.TrimSpace(typed)
	if len(typed) > maxTyped {
		return completionOf(nil)
	}
	ctx, ended := c.server.observer.StartRequest(ctx, string(mcp.MethodCompletionComplete), "", carrierOf(ctx))
	defer ended(false)
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	switch kind {
	case kindAgent:
		return completionOf(rank(c.agents(ctx, typed), typed))
	case kindContent:
		return completionOf(rank(c.files(ctx), typed))
	default:
		return completionOf(nil)
	}
}

// candidate is a value that may be meant.
type candidate struct {
	value string
	// words are what the value is found by.
	words []string
	// found says that a search has found it, so that it fits whatever its words are.
	found bool
}

// agents gives the user's own, and those of others that a search finds.
func (c completer) agents(ctx context.Context, typed string) []candidate {
	type rows struct {
		Agents []struct {
			Name string `json:"name"`
		} `json:"agents"`
	}
	var own, others rows
	var asking sync.WaitGroup
	asking.Go(func() { c.ask(ctx, "list_agents", map[string]any{"limit": maxCompletions}, &own) })
	if typed != "" {
		asking.Go(func() { c.ask(ctx, "search_agents", map[string]any{"query": typed, "limit": 20}, &others) })
	}
	asking.Wait()
	var candidates []candidate
	for _, agent := range own.Agents {
		candidates = append(candidates, candidate{value: agent.Name, words: []string{agent.Name}})
	}
	for _, agent := range others.Agents {
		candidates = append(candidates, candidate{value: agent.Name, words: []string{agent.Name}, found: true})
	}
	return candidates
}

// files gives the user's own.
func (c completer) files(ctx context.Context) []candidate {
	var answer struct {
		Files []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"files"`
	}
	c.ask(ctx, "list_content", map[string]any{"limit": maxCompletions}, &answer)
	candidates := make([]candidate, 0, len(answer.Files))
	for _, file := range answer.Files {
		candidates = append(candidates, candidate{value: file.ID, words: []string{file.ID, file.Name}})
	}
	return candidates
}

// ask calls a tool for its facts. There are none when it fails: a completion that is missing is no fault to show.
func (c completer) ask(ctx context.Context, tool string, arguments map[string]any, facts any) {
	if !c.server.offers(ctx, tool) {
		return
	}
	encoded, err := json.Marshal(arguments)
	if err != nil {
		return
	}
	out, failure := c.server.Call(ctx, tool, encoded)
	if failure == nil && json.Unmarshal(out.Structured, facts) == nil {
		return
	}
	code := tools.CodeInternal
	if failure != nil {
		code = failure.Code
	}
	c.server.logger.DebugContext(ctx, "completion failed", slog.String("tool", tool), slog.String("code", code))
}

// rank gives the values that fit, each once: first those that begin with what was typed, then those that contain it,
// then those that a search has found.
func rank(candidates []candidate, typed string) []string {
	typed = strings.ToLower(typed)
	var begin, contain, found []string
	seen := map[string]bool{"": true}
	for _, candidate := range candidates {
		if seen[candidate.value] {
			continue
		}
		fits := func(test func(s, part string) bool) bool {
			return slices.ContainsFunc(candidate.words, func(word string) bool { return test(strings.ToLower(word), typed) })
		}
		switch {
		case fits(strings.HasPrefix):
			begin = append(begin, candidate.value)
		case fits(strings.Contains):
			contain = append(contain, candidate.value)
		case candidate.found:
			found = append(found, candidate.value)
		default:
			continue
		}
		seen[candidate.value] = true
	}
	return slices.Concat(begin, contain, found)
}

func completionOf(values []string) *mcp.Completion {
	total := len(values)
	values = values[:min(total, maxCompletions)]
	if values == nil {
		values = []string{}
	}
	return &mcp.Completion{Values: values, Total: total, HasMore: total > len(values)}
}
