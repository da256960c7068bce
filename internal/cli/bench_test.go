package cli

import (
	"io"
	"strings"
	"testing"
)

// BenchmarkSession starts the program with every tool, lets it answer initialize and tools/list, and ends it: all that a
// process does but its own start.
func BenchmarkSession(b *testing.B) {
	const requests = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
`
	environment := lookup(map[string]string{"WEBAGENTS_API_KEY": "rok_0123456789", "ROBUTLER_API_URL": "http://127.0.0.1:1"})
	for name, input := range map[string]string{"empty": "", "listed": requests} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var errs strings.Builder
				streams := Streams{In: strings.NewReader(input), Out: io.Discard, Err: &errs, Environment: environment, Program: "robutler-mcp"}
				if status := run(b.Context(), []string{"stdio", "--toolsets", "all"}, streams); status != exitOK {
					b.Fatal(status, errs.String())
				}
			}
		})
	}
}
