package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// The configuration that the harness reads; its README describes it.
type harnessConfig struct {
	Servers []harnessServer `json:"servers"`
}

type harnessServer struct {
	Name      string            `json:"name"`
	Transport string            `json:"transport"`
	Command   []string          `json:"command"`
	Env       map[string]string `json:"env,omitempty"`
	URL       string            `json:"url,omitempty"`
	Headers   map[string]string `json:"headers,omitempty"`
	Cases     []harnessCase     `json:"cases"`
}

type harnessCase struct {
	Name      string         `json:"name"`
	Tool      string         `json:"tool"`
	Arguments map[string]any `json:"arguments,omitempty"`
	Payload   string         `json:"payload"`
	Expect    string         `json:"expect"`
	Direct    harnessDirect  `json:"direct"`
}

type harnessDirect struct {
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
}

const (
	benchKey   = "rok_bench0bench0bench0bench"
	listenHere = "127.0.0.1:{port}"
	mcpHere    = "http://" + listenHere + "/mcp"
	sseHere    = "http://" + listenHere + "/sse"
)

// writeConfig writes which servers are measured: the floor, the bare server, this program, and github-mcp-server if it is
// given. Each lists agents, a small list and a large one; this program is asked for all that it tells of a large one.
func writeConfig(out io.Writer, ours, bare, github string) error {
	if ours == "" || bare == "" {
		return errors.New("write the harness's configuration: -ours and -bare are needed")
	}
	var faults []error
	absolute := func(path string) string {
		path, err := filepath.Abs(path)
		faults = append(faults, err)
		return path
	}
	ours, bare = absolute(ours), absolute(bare)
	config := harnessConfig{Servers: []harnessServer{
		{Name: "floor-stdio", Transport: "stdio", Command: []string{"{self}", "floor", "-upstream", "{upstream}"}, Cases: listAgents(nil)},
		{Name: "floor-http", Transport: "http", URL: mcpHere, Cases: listAgents(nil),
			Command: []string{"{self}", "floor", "-transport", "http", "-listen", listenHere, "-upstream", "{upstream}"}},
	}}
	for transport, url := range transports() {
		config.Servers = append(config.Servers,
			harnessServer{Name: "bare-" + transport, Transport: transport, URL: url, Cases: listAgents(nil),
				Env:     map[string]string{"UPSTREAM_URL": "{upstream}", "UPSTREAM_TOKEN": benchKey},
				Command: []string{bare, "-transport", transport, "-addr", listenHere}},
			harnessServer{Name: "ours-" + transport, Transport: transport, URL: url,
				Cases:   listAgents(map[string]any{"limit": 100, "detail": "full"}),
				Env:     map[string]string{"ROBUTLER_API_URL": "{upstream}", "WEBAGENTS_API_KEY": benchKey},
				Command: oursCommand(ours, transport)})
	}
	if github != "" {
		config.Servers = append(config.Servers, githubServers(absolute(github))...)
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("find a server: %w", err)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	return encoder.Encode(config)
}

// transports yields what is measured, with where it is reached, in order.
func transports() func(yield func(transport, url string) bool) {
	return func(yield func(transport, url string) bool) {
		_ = yield("stdio", "") && yield("http", mcpHere) && yield("sse", sseHere)
	}
}

func oursCommand(ours, transport string) []string {
	if transport == "stdio" {
		return []string{ours, "stdio", "--toolsets", "all"}
	}
	return []string{ours, "http", "--addr", listenHere, "--toolsets", "all"}
}

func listAgents(large map[string]any) []harnessCase {
	direct := harnessDirect{Path: "/api/agents", Headers: map[string]string{"Authorization": "Bearer " + benchKey}}
	return []harnessCase{
		{Name: "small", Tool: "list_agents", Payload: "small", Expect: "agent-0001", Direct: direct},
		{Name: "large", Tool: "list_agents", Payload: "large", Expect: "agent-0001", Direct: direct, Arguments: large},
	}
}

// githubServers is github-mcp-server as the harness's example has it.
func githubServers(github string) []harnessServer {
	headers := map[string]string{"Authorization": "Bearer bench"}
	me := harnessCase{Name: "small", Tool: "get_me", Payload: "small", Expect: "octo-bench",
		Direct: harnessDirect{Path: "/api/v3/user", Headers: headers}}
	gists := harnessCase{Name: "large", Tool: "list_gists", Payload: "large", Expect: "gist-0100",
		Arguments: map[string]any{"perPage": 100}, Direct: harnessDirect{Path: "/api/v3/gists?per_page=100", Headers: headers}}
	return []harnessServer{
		{Name: "github-stdio", Transport: "stdio", Cases: []harnessCase{me, gists},
			Command: []string{github, "stdio", "--toolsets", "default,gists"},
			//nolint:gosec // it opens nothing but the harness
			Env: map[string]string{"GITHUB_HOST": "{upstream}", "GITHUB_PERSONAL_ACCESS_TOKEN": "github_pat_bench"}},
		{Name: "github-http", Transport: "http", URL: "http://" + listenHere + "/", Cases: []harnessCase{me},
			Command: []string{github, "http", "--listen-host", "127.0.0.1", "--port", "{port}", "--toolsets", "default,gists"},
			Env:     map[string]string{"GITHUB_HOST": "{upstream}"},
			Headers: map[string]string{"Authorization": "Bearer github_pat_bench"}},
	}
}
