// Command demo shows robutler-mcp at a terminal: it starts the binary over stdio on the embedded platform, as a client
// does, and prints readably what goes back and forth.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: demo BINARY")
		os.Exit(2)
	}
	d := demo{out: os.Stdout, colored: isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == ""}
	if err := d.run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// step is a call of the demonstration, and what of its result is worth showing.
type step struct {
	say       string
	tool      string
	arguments map[string]any
	show      []string
}

func steps() []step {
	return []step{
		{"Create an agent", "create_agent", map[string]any{
			"name": "tulip-expert", "instructions": "You know everything about tulips.",
			"description": "Identifies tulips and tells how to grow them.", "intents": []string{"identify a tulip"}, "is_public": true,
		}, []string{"agent.id", "agent.name", "agent.model"}},
		{"Search for it, in natural words", "search_agents", map[string]any{"query": "who can identify my tulips?", "limit": 2},
			[]string{"agents.*.name", "agents.*.similarity"}},
		{"Upload a file", "upload_content", map[string]any{"filename": "tulips.md", "text": "# Tulips\n\nPlant them in autumn.\n", "tags": []string{"garden"}},
			[]string{"file.name", "file.size", "file.visibility"}},
		{"Make three mistakes at once", "list_content", map[string]any{"limit": 1000, "visibility": "publik", "tag": "garden"}, nil},
		{"Read the credits", "get_credits", map[string]any{}, []string{"available_credits"}},
	}
}

type demo struct {
	out     io.Writer
	colored bool
}

func (d demo) run(ctx context.Context, binary string) (err error) {
	command := exec.CommandContext(ctx, binary, "stdio", "--sandbox", "--sandbox-db", ":memory:")
	command.Stderr = os.Stderr
	client := mcp.NewClient(&mcp.Implementation{Name: "demo", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.CommandTransport{Command: command}, nil)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	server := session.InitializeResult()
	d.print("1", fmt.Sprintf("%s %s over stdio, protocol %s", server.ServerInfo.Name, server.ServerInfo.Version, server.ProtocolVersion))
	for _, step := range steps() {
		if err := d.call(ctx, session, step); err != nil {
			return err
		}
	}
	d.print("1", "\nNow yours: make run, or paste the snippet of the README into your client.")
	return nil
}

func (d demo) call(ctx context.Context, session *mcp.ClientSession, step step) error {
	arguments, err := json.Marshal(step.arguments)
	if err != nil {
		return fmt.Errorf("encode arguments: %w", err)
	}
	d.print("1", "\n"+step.say)
	d.print("36", "  > "+step.tool+" "+string(arguments))
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: step.tool, Arguments: step.arguments})
	if err != nil {
		return fmt.Errorf("call %s: %w", step.tool, err)
	}
	if result.IsError {
		return d.explain(result)
	}
	for _, path := range step.show {
		values := pick(result.StructuredContent, strings.Split(path, "."))
		d.print("32", "  < "+path+": "+strings.Join(values, ", "))
	}
	return nil
}

// explain shows an error as a model reads it.
func (d demo) explain(result *mcp.CallToolResult) error {
	var failure struct {
		Code     string `json:"code"`
		Message  string `json:"message"`
		NextStep string `json:"next_step"`
	}
	text, ok := result.Content[0].(*mcp.TextContent)
	if !ok {
		return errors.New("the error has no text")
	}
	if err := json.Unmarshal([]byte(text.Text), &failure); err != nil {
		return fmt.Errorf("read error: %w", err)
	}
	d.print("33", "  < "+failure.Code+": "+strings.ReplaceAll(failure.Message, "; ", ";\n      "))
	d.print("33", "  < next step: "+failure.NextStep)
	return nil
}

// pick gives the values at a path into decoded JSON; * stands for every item of a list.
func pick(value any, path []string) []string {
	if len(path) == 0 {
		return []string{fmt.Sprint(value)}
	}
	switch container := value.(type) {
	case map[string]any:
		return pick(container[path[0]], path[1:])
	case []any:
		var values []string
		for _, item := range container {
			values = append(values, pick(item, path[1:])...)
		}
		return values
	default:
		return nil
	}
}

func (d demo) print(color, text string) {
	if d.colored {
		text = "\x1b[" + color + "m" + text + "\x1b[0m"
	}
	_, _ = fmt.Fprintln(d.out, text) // a closed terminal ends the program
}
