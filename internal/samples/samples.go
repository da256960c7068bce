// Package samples writes answers of the platform of a given size, for benchmarks.
package samples

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// prose is a text of the kind that people write: letters outside of ASCII, quotes, markup, a line break.
const prose = `Answers questions about orders & refunds for a café, says "hello" in <six> languages, and asks before it spends.` + "\n"

// LargeRows is how many agents a large list has.
const LargeRows = 100

// Small is a list of about 2 kB.
func Small() []byte { return agents(2, 400) }

// Large is a list of about 300 kB.
func Large() []byte { return agents(LargeRows, 2400) }

// agents writes the answer to a listing, with so many bytes of text in each row.
func agents(rows, text int) []byte {
	listed := make([]map[string]any, rows)
	for i := range listed {
		listed[i] = map[string]any{
			"id": fmt.Sprintf("6f1c2d3e-0000-4000-8000-%012d", i+1), "username": fmt.Sprintf("agent-%04d", i+1),
			"displayName": fmt.Sprintf("Agent %d", i+1), "description": filler(text / 2), "prompt": filler(text / 2),
			"intents": []string{"answer questions", "book a table", "translate a page"}, "model": "example/large-1",
			"isPublic": i%3 != 0, "stats": map[string]any{"requests": 12345 + i, "rating": 4.75},
			"skills":    []map[string]any{{"name": "search", "enabled": true}, {"name": "files", "enabled": false}},
			"createdAt": "2026-03-04T05:06:07.891Z", "updatedAt": "2026-11-12T13:14:15.161Z",
		}
	}
	encoded, err := json.Marshal(map[string]any{"agents": listed, "total": rows})
	if err != nil {
		panic(err) // of maps, texts and numbers: cannot be
	}
	return encoded
}

func filler(n int) string { return strings.Repeat(prose, n/len(prose)+1)[:max(n, 1)] }

// Serve answers every request with one body of JSON.
func Serve(body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // the client sees what is missing
	})
}
