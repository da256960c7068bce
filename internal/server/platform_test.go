package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

type agentInput struct {
	Agent string `json:"agent" jsonschema:"maxLength=30"`
}

type agentOutput struct {
	Agent string `json:"agent"`
}

type contentInput struct {
	Content string `json:"content"`
	Offset  int    `json:"offset,omitempty" jsonschema:"default=0"`
	Limit   int    `json:"limit,omitempty" jsonschema:"maximum=45000,default=20000"`
}

type contentFile struct {
	ID          string `json:"id"`
	Name        string `json:"name,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	SizeBytes   int64  `json:"size_bytes,omitempty"`
}

type contentOutput struct {
	File       contentFile `json:"file"`
	Text       *string     `json:"text,omitempty"`
	NextOffset int         `json:"next_offset,omitempty"`
	Complete   bool        `json:"complete"`
}

func specOf(name, toolset string, class client.Class) tools.Spec {
	return tools.Spec{Name: name, Title: "Title of " + name, Description: "Does " + name + ".", Toolset: toolset, Class: class}
}

func readSpec(name, toolset string) tools.Spec { return specOf(name, toolset, client.Read) }

// platformTools bear the names of the real tools and do what a test can tell apart.
func platformTools() []tools.Tool {
	return []tools.Tool{
		tools.Define(readSpec("get_agent", tools.ToolsetAgents), func(_ context.Context, in agentInput) (agentOutput, error) {
			switch {
			case strings.HasPrefix(in.Agent, "nobody"):
				return agentOutput{}, fmt.Errorf("get agent: %w", client.ErrNotFound)
			case in.Agent == "broken":
				return agentOutput{}, errors.New("dial " + canary)
			case in.Agent == "panic":
				panic(canary)
			}
			return agentOutput(in), nil
		}),
		tools.Define(readSpec("read_content", tools.ToolsetContent), func(_ context.Context, in contentInput) (contentOutput, error) {
			if in.Content == "plain" {
				hello := "# Hello"
				return contentOutput{File: contentFile{ID: in.Content, ContentType: "text/markdown"}, Text: &hello, Complete: true}, nil
			}
			return contentOutput{File: contentFile{ID: in.Content, ContentType: "application/zip"}, Complete: true}, nil
		}),
		tools.Define(readSpec("get_account_summary", tools.ToolsetAccount), func(context.Context, noInput) (echoOutput, error) {
			return echoOutput{Text: "the account"}, nil
		}),
	}
}

// serve serves tools. What the server logs is in the buffer.
func serve(t testing.TB, offered ...tools.Tool) (*Server, *syncBuffer) {
	t.Helper()
	log := &syncBuffer{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := New(Options{Catalog: collect(t, offered...), Version: "1.2.3", Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}
