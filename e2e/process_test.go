package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestUploadSurvivesARestart is the promise about files: uploaded by one process, listed by the next.
func TestUploadSurvivesARestart(t *testing.T) {
	database := filepath.Join(t.TempDir(), "sandbox.db")
	for _, arguments := range [][]string{
		{"call", "upload_content", "filename=notes.txt", "text=hello", "--sandbox", "--sandbox-db", database},
		{"call", "list_content", "--sandbox", "--sandbox-db", database},
	} {
		stdout, stderr, status := run(t, "", arguments...)
		if status != 0 || !strings.Contains(stdout, `"notes.txt"`) || stderr != "" {
			t.Errorf("%v: status %d\n%s%s", arguments, status, stdout, stderr)
		}
	}
	over := serve(t, "--sandbox", "--sandbox-db", database)
	for i := range 2 {
		stdout, stderr, status := run(t, "", "call", "list_content", "--sandbox", "--sandbox-db", database)
		if status != 0 || !strings.Contains(stdout, `"notes.txt"`) {
			t.Errorf("beside a server, %d: status %d\n%s%s", i, status, stdout, stderr)
		}
	}
	response, err := http.Get("http://" + over.address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), `"ok"`) {
		t.Errorf("healthz: %d %s %v", response.StatusCode, body, err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	for _, part := range []string{"/mcp", "/sse", `"mcpServers"`, "call search_agents", "--sandbox"} {
		if !strings.Contains(over.stderr.String(), part) {
			t.Errorf("the greeting lacks %q:\n%s", part, over.stderr)
		}
	}
}

// TestStdoutIsProtocolOnly pipes messages, good and bad, and reads every byte that comes back.
func TestStdoutIsProtocolOnly(t *testing.T) {
	messages := []string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`,
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`,
		`{"jsonrpc":"2.0","id":2,"method":"tools/list"}`,
		`not json`,
		`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_credits"}}`,
		`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"list_agents","arguments":{"limit":"many"}}}`,
		`{"jsonrpc":"2.0","id":5,"method":"nothing/here"}`,
		`{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"search_agents","arguments":{"query":"x"}}}`,
	}
	// The last line has no end: what a script pipes in is often so.
	stdout, stderr, status := run(t, strings.Join(messages, "\n"), "stdio", "--sandbox", "--sandbox-db", ":memory:", "--log-level", "debug")
	if status != 0 {
		t.Errorf("status %d: %s", status, stderr)
	}
	answered := map[string]int{}
	for line := range strings.Lines(stdout) {
		var message struct {
			JSONRPC string          `json:"jsonrpc"`
			ID      json.RawMessage `json:"id"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil || message.JSONRPC != "2.0" {
			t.Errorf("a line that is no message: %q", line)
		}
		answered[string(message.ID)]++
	}
	for id := range 6 {
		if n := answered[fmt.Sprint(id+1)]; n != 1 {
			t.Errorf("request %d is answered %d times", id+1, n)
		}
	}
	if answered["null"] != 1 {
		t.Errorf("the broken line is answered %d times", answered["null"])
	}
	if strings.Contains(stdout, "rok_") || strings.Contains(stderr, "rok_") {
		t.Error("a key is shown")
	}
}

// TestManyCallsThenTheEnd closes stdin behind many calls: each is answered once.
func TestManyCallsThenTheEnd(t *testing.T) {
	const calls = 500
	var input strings.Builder
	for i := range calls {
		fmt.Fprintf(&input, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"list_transactions","arguments":{"limit":1}}}`+"\n", i)
	}
	stdout, stderr, status := run(t, input.String(), "stdio", "--sandbox", "--sandbox-db", ":memory:")
	if got := strings.Count(stdout, `"amount_credits`); status != 0 || got != 2*calls {
		t.Errorf("status %d, %d answers of %d: %s", status, got/2, calls, stderr)
	}
}

// TestSignalEndsStdio sends SIGTERM to a server whose client keeps stdin open.
func TestSignalEndsStdio(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		c, _, output := answering(t)
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, output); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Errorf("%v: %v", signal, err)
		}
	}
}

// TestForeignPagesAreRefused asks as a web page of another origin would, on every route.
func TestForeignPagesAreRefused(t *testing.T) {
	address := serve(t, "--sandbox", "--sandbox-db", ":memory:").address
	for _, route := range []string{"/mcp", "/sse", "/message", "/healthz", "/readyz", "/other"} {
		for name, value := range map[string]string{"Origin": "https://evil.example", "Host": "evil.example"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+route, strings.NewReader(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set(name, value)
			if name == "Host" {
				request.Host = value
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != http.StatusForbidden || response.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s with %s: %d", route, name, response.StatusCode)
			}
			if err := response.Body.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
