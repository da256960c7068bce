package bundles

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/robutlerai/robutler-mcp/internal/cli"
)

// Tool is a tool as the server lists it.
type Tool struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Prompt is a prompt as the server lists it.
type Prompt struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Arguments are the names of what the user fills in.
	Arguments []string `json:"arguments,omitempty"`
	// Text is what the server answers, with ${arguments.NAME} where the values go.
	Text string `json:"text"`
}

// Product is what the server offers by default.
type Product struct {
	Tools   []Tool
	Prompts []Prompt
}

// Ask starts the server in this process, as a client would without any setting, and asks it what it offers. It reaches
// no platform and writes no file.
func Ask() (*Product, error) {
	var tools struct{ Tools []Tool }
	var prompts struct {
		Prompts []struct {
			Name, Description string
			Arguments         []struct{ Name string }
		}
	}
	if err := converse([]request{{"tools/list", nil, &tools}, {"prompts/list", nil, &prompts}}); err != nil {
		return nil, err
	}
	product := &Product{Tools: tools.Tools}
	var questions []request
	answers := make([]struct {
		Messages []struct{ Content struct{ Text string } }
	}, len(prompts.Prompts))
	for i, listed := range prompts.Prompts {
		prompt, values := Prompt{Name: listed.Name, Description: listed.Description}, map[string]string{}
		for _, argument := range listed.Arguments {
			prompt.Arguments = append(prompt.Arguments, argument.Name)
			values[argument.Name] = "${arguments." + argument.Name + "}"
		}
		product.Prompts = append(product.Prompts, prompt)
		questions = append(questions, request{"prompts/get", map[string]any{"name": listed.Name, "arguments": values}, &answers[i]})
	}
	if err := converse(questions); err != nil {
		return nil, err
	}
	for i, answer := range answers {
		if len(answer.Messages) != 1 {
			return nil, fmt.Errorf("ask the server: the prompt %s has %d messages", product.Prompts[i].Name, len(answer.Messages))
		}
		product.Prompts[i].Text = answer.Messages[0].Content.Text
	}
	return product, nil
}

// request is a question to the server, and where its result goes.
type request struct {
	method string
	params any
	result any
}

// converse holds one session over the server's stdin and stdout.
func converse(requests []request) error {
	lines := []any{
		message("initialize", 0, map[string]any{
			"protocolVersion": "2025-11-25", "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "bundles", "version": Version},
		}),
		map[string]any{"jsonrpc": "2.0", "method": "notifications/initialized"},
	}
	for i, one := range requests {
		lines = append(lines, message(one.method, i+1, one.params))
	}
	var in, out, errs bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return fmt.Errorf("ask the server: %w", err)
		}
	}
	status := cli.Main([]string{"stdio", "--journal", ":memory:"}, cli.Streams{
		In: &in, Out: &out, Err: &errs, Program: Name, Environment: func(string) (string, bool) { return "", false },
	})
	if status != 0 {
		return fmt.Errorf("ask the server: it ends with status %d: %s", status, strings.TrimSpace(errs.String()))
	}
	return readAnswers(&out, requests)
}

func message(method string, id int, params any) map[string]any {
	line := map[string]any{"jsonrpc": "2.0", "id": id, "method": method}
	if params != nil {
		line["params"] = params
	}
	return line
}

// longestAnswer bounds a line of the server's, in bytes.
const longestAnswer = 1 << 20

// readAnswers puts the answers, in whatever order they come, where they go.
func readAnswers(out *bytes.Buffer, requests []request) error {
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, longestAnswer)
	answered := 0
	for scanner.Scan() {
		var answer struct {
			ID     int
			Result json.RawMessage
		}
		if err := json.Unmarshal(scanner.Bytes(), &answer); err != nil {
			return fmt.Errorf("read what the server answers: %w", err)
		}
		if answer.ID < 1 || answer.ID > len(requests) || answer.Result == nil {
			continue
		}
		if err := json.Unmarshal(answer.Result, requests[answer.ID-1].result); err != nil {
			return fmt.Errorf("read what the server answers to %s: %w", requests[answer.ID-1].method, err)
		}
		answered++
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("read what the server answers: %w", err)
	}
	if answered != len(requests) {
		return errors.New("ask the server: it does not answer everything")
	}
	return nil
}
