package bench

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const initialize = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},` +
	`"clientInfo":{"name":"bench","version":"1"}}}`

const initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`

// dial starts a server and gives what sends it a request and waits for the answer.
func dial(b *testing.B, server server, transport string, further ...string) func(string) string {
	b.Helper()
	address := freeAddress(b)
	command := exec.CommandContext(context.Background(), server.path, append(server.arguments(transport, address), further...)...)
	command.Env = environment(b, server.environment)
	in, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	if transport == "http" {
		return overHTTP(b, "http://"+address+"/mcp")
	}
	lines := bufio.NewReaderSize(out, 1<<20)
	send := func(message string) {
		if _, err := io.WriteString(in, message+"\n"); err != nil {
			b.Fatal(err)
		}
	}
	send(initialize)
	readLine(b, lines)
	send(initialized)
	return func(request string) string {
		send(request)
		return readLine(b, lines)
	}
}

func overHTTP(b *testing.B, url string) func(string) string {
	b.Helper()
	session := ""
	post := func(message string) (string, error) {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(message))
		if err != nil {
			return "", err
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json, text/event-stream")
		if session != "" {
			request.Header.Set("Mcp-Session-Id", session)
			request.Header.Set("MCP-Protocol-Version", "2025-06-18")
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return "", err
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		session = max(session, answer.Header.Get("Mcp-Session-Id"))
		return string(body), err
	}
	_, err := post(initialize)
	for deadline := time.Now().Add(10 * time.Second); err != nil; _, err = post(initialize) { // it is starting
		if time.Now().After(deadline) {
			b.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := post(initialized); err != nil {
		b.Fatal(err)
	}
	return func(request string) string {
		answer, err := post(request)
		if err != nil {
			b.Fatal(err)
		}
		return answer
	}
}
