package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// answered is a JSON-RPC answer, or the HTTP status that was given instead.
type answered struct {
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
	status int
	header http.Header
}

// caller is a client of one user. It keeps every byte that the server sends.
type caller struct {
	t    *testing.T
	base string
	who  *user
	web  *http.Client
	kind string // sse, legacy or modern

	session string // of a legacy client, or the endpoint of SSE

	mu     sync.Mutex
	seen   bytes.Buffer
	ids    int
	events chan answered // of SSE
}

// connect opens a client.
func connect(t *testing.T, base, kind string, who *user) *caller {
	t.Helper()
	c := &caller{t: t, base: base, kind: kind, who: who, web: &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}, events: make(chan answered, 64)}
	t.Cleanup(c.web.CloseIdleConnections)
	if kind == "sse" {
		c.openStream()
	}
	if kind != "modern" {
		hello := c.ask("initialize", map[string]any{"protocolVersion": "2025-06-18", "capabilities": map[string]any{},
			"clientInfo": map[string]any{"name": "test", "version": "1"}})
		if hello.status/100 != 2 || hello.Error != nil {
			t.Fatalf("%s: initialize: %+v", who.name, hello)
		}
	}
	return c
}

func (c *caller) request(ctx context.Context, method, target string, body []byte, headers map[string]string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, method, c.base+target, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.who.bearer)
	r.Header.Set("Accept", "application/json, text/event-stream")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	return r
}

func (c *caller) openStream() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.t.Context()))
	web := &http.Client{Transport: &http.Transport{}}
	response, err := web.Do(c.request(ctx, http.MethodGet, "/sse", nil, nil))
	if err != nil {
		c.t.Fatal(err)
	}
	lines := bufio.NewReader(response.Body)
	endpoint := make(chan string, 1)
	var reading sync.WaitGroup
	reading.Go(func() {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok {
				continue
			}
			if strings.HasPrefix(data, "/message") {
				endpoint <- strings.TrimSpace(data)
				continue
			}
			if got, ok := c.read([]byte(data)); ok {
				c.events <- got
			}
		}
	})
	c.t.Cleanup(func() {
		cancel()
		_ = response.Body.Close()
		reading.Wait()
		web.CloseIdleConnections()
	})
	c.session = <-endpoint
}

// read keeps a message and gives it if it is an answer.
func (c *caller) read(message []byte) (answered, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen.Write(message)
	var got answered
	err := json.Unmarshal(message, &got)
	return got, err == nil && got.ID != nil && (got.Result != nil || got.Error != nil)
}

func (c *caller) saw() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen.String()
}

// ask sends a request and waits for its answer.
func (c *caller) ask(method string, params map[string]any) answered {
	c.mu.Lock()
	c.ids++
	id := c.ids
	c.mu.Unlock()
	headers := map[string]string{}
	target := "/mcp"
	switch c.kind {
	case "modern":
		params["_meta"] = merged(params["_meta"], map[string]any{
			"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": map[string]any{},
		})
		headers["Mcp-Protocol-Version"], headers["Mcp-Method"] = "2026-07-28", method
		for _, name := range []string{"name", "uri"} {
			if value, ok := params[name].(string); ok {
				headers["Mcp-Name"] = value
			}
		}
	case "legacy":
		if c.session != "" {
			headers["Mcp-Session-Id"] = c.session
		}
	case "sse":
		target = c.session
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	if err != nil {
		panic(err)
	}
	got := c.post(target, body, headers)
	if c.kind == "sse" && got.status == http.StatusAccepted {
		select {
		case got = <-c.events:
			got.status = http.StatusOK
		case <-time.After(20 * time.Second):
			c.t.Errorf("%s: no answer to %s", c.who.name, body)
		}
	}
	if got.status == http.StatusOK && string(got.ID) != strconv.Itoa(id) {
		c.t.Errorf("%s: %d was answered with %s", c.who.name, id, got.ID)
	}
	return got
}

// merged gives the members of an object, if it is one, and more.
func merged(into any, more map[string]any) map[string]any {
	all := map[string]any{}
	if own, ok := into.(map[string]any); ok {
		maps.Copy(all, own)
	}
	maps.Copy(all, more)
	return all
}

// post sends a body and reads the answer, be it an object or a stream of events.
func (c *caller) post(target string, body []byte, headers map[string]string) answered {
	response, err := c.web.Do(c.request(context.WithoutCancel(c.t.Context()), http.MethodPost, target, body, headers))
	if err != nil {
		c.t.Errorf("%s: %v", c.who.name, err)
		return answered{}
	}
	defer func() { _ = response.Body.Close() }()
	if id := response.Header.Get("Mcp-Session-Id"); id != "" && c.kind == "legacy" {
		c.session = id
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Errorf("%s: %v", c.who.name, err)
	}
	var got answered
	for line := range strings.SplitSeq(string(text), "\n") {
		if message, ok := c.read([]byte(strings.TrimPrefix(line, "data: "))); ok {
			got = message
		}
	}
	got.status, got.header = response.StatusCode, response.Header
	return got
}

// outcome is what a call of a tool gave.
type outcome struct {
	IsError    bool           `json:"isError"`
	Structured map[string]any `json:"structuredContent"`
	Content    []struct{ Text string }
	failure    struct {
		Code string `json:"code"`
	}
	answered answered
}

func (o outcome) text(member string) string { value, _ := o.Structured[member].(string); return value }

// call calls a tool once.
func (c *caller) call(tool string, arguments map[string]any) outcome {
	got := c.ask("tools/call", map[string]any{"name": tool, "arguments": arguments, "_meta": map[string]any{"progressToken": "progress-" + c.who.canary}})
	called := outcome{answered: got}
	if got.Result != nil && json.Unmarshal(got.Result, &called) != nil {
		c.t.Errorf("%s: %s", c.who.name, got.Result)
	}
	if called.IsError && len(called.Content) > 0 {
		_ = json.Unmarshal([]byte(called.Content[0].Text), &called.failure)
	}
	return called
}

// do calls a tool, and agrees to what it would do.
func (c *caller) do(tool string, arguments map[string]any) outcome {
	called := c.call(tool, arguments)
	if handle := called.text("confirmation"); handle != "" && called.text("status") == "confirmation_required" {
		return c.call(tool, merged(arguments, map[string]any{"confirmation": handle}))
	}
	return called
}
