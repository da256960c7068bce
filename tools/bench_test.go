package tools_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/samples"
)

// BenchmarkCatalogCall is a whole call of a tool over a platform on loopback: arguments, request, decoding, result.
func BenchmarkCatalogCall(b *testing.B) {
	for _, size := range []struct {
		name, arguments string
		body            []byte
	}{
		{"small", `{}`, samples.Small()},
		{"large", `{}`, samples.Large()},
		{"large-in-full", `{"limit":100,"detail":"full"}`, samples.Large()},
	} {
		b.Run(size.name, func(b *testing.B) {
			platform := httptest.NewServer(samples.Serve(size.body))
			b.Cleanup(platform.Close)
			tool, err := newCatalog(b, platform.URL, "rok_0123456789").Find("list_agents")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				result, err := tool.Call(b.Context(), json.RawMessage(size.arguments))
				if err != nil || len(result.Structured) == 0 {
					b.Fatal(err)
				}
			}
		})
	}
}
