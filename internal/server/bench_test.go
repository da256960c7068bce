package server

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/samples"
	"github.com/robutlerai/robutler-mcp/tools"
)

// newPlatformServer serves the real tools over a platform that answers everything with one body.
func newPlatformServer(b *testing.B, body []byte) *Server {
	b.Helper()
	platform := httptest.NewServer(samples.Serve(body))
	b.Cleanup(platform.Close)
	c, err := client.New(client.WithAPIKey("rok_0123456789"), client.WithBaseURL(platform.URL))
	if err != nil {
		b.Fatal(err)
	}
	catalog, err := tools.NewCatalog(tools.Platform{Client: c})
	if err != nil {
		b.Fatal(err)
	}
	s, err := New(Options{Catalog: catalog, Version: "1"})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkStdio is one request and its answer over the streams of a session: what a client waits for.
func BenchmarkStdio(b *testing.B) {
	large := samples.Large()
	for _, c := range []struct {
		name, method, params string
		body                 []byte
	}{
		{"call/small", "tools/call", `{"name":"list_agents"}`, samples.Small()},
		{"call/large", "tools/call", `{"name":"list_agents"}`, large},
		{"call/large-in-full", "tools/call", `{"name":"list_agents","arguments":{"limit":100,"detail":"full"}}`, large},
		{"list", "tools/list", `{}`, nil},
		{"ping", "ping", `{}`, nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			run := startStdio(b, newPlatformServer(b, c.body))
			run.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}`)
			if !run.lines.Scan() {
				b.Fatal("no answer to initialize")
			}
			run.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
			b.ReportAllocs()
			written, n := 0, 0
			for b.Loop() {
				n++
				run.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, n, c.method, c.params))
				if !run.lines.Scan() {
					b.Fatal("no answer")
				}
				written = len(run.lines.Bytes())
			}
			if answer := parseAnswer(b, run.lines.Bytes()); answer.Error != nil {
				b.Fatal(answer.Error.Message)
			}
			b.ReportMetric(float64(written), "B/answer")
		})
	}
}
