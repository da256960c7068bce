package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/robutlerai/robutler-mcp/schema"
)

// BenchmarkBind holds the arguments of a call to their schema: as they should be, as models send them, and wrong.
func BenchmarkBind(b *testing.B) {
	s := must[arguments](b)
	for name, call := range map[string]string{
		"valid":   `{"name":"a","limit":5,"tags":["b","c"],"visibility":"public","place":{"x":0.5}}`,
		"coerced": `{"name":"a","limit":"5","tags":"[\"b\",\"c\"]","visibility":"public","place":"{\"x\":\"0.5\"}"}`,
		"faulty":  `{"name":"A","limit":500,"tags":["b","c","d","e"],"visibilty":"public","place":{"y":2}}`,
	} {
		b.Run(name, func(b *testing.B) {
			given := json.RawMessage(call)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := schema.Bind[arguments](s, given); (err != nil) != (name == "faulty") {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFor makes a schema of a type, as is done once for each tool at the start.
func BenchmarkFor(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := schema.For[arguments](); err != nil {
			b.Fatal(err)
		}
	}
}
