package telemetry

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkRedaction takes secrets out of what a log holds, and out of the longest result, with as many live secrets as
// are remembered.
func BenchmarkRedaction(b *testing.B) {
	r := NewRedactor()
	for i := range maxSecrets {
		r.AddCredential(fmt.Sprintf("rok_%040d", i))
		r.Add(fmt.Sprintf("eyJhbGciOiJSUzI1NiJ9.%040d", i))
	}
	word := "list agents"
	line := `get agent: not found (HTTP 404) [request 0af7651916cd43dd8448eb211c80319c] at https://robutler.ai/api/agents`
	result := `{"agents":[` + strings.Repeat(`{"id":"8dab9290-92bd-5d19-bbfb-03165e317179","name":"recipe-muse","url":"https://robutler.ai/agents/recipe-muse"},`, 1000) + `{}]}`
	for name, redact := range map[string]func(){
		"word":   func() { r.Text(word) },
		"line":   func() { r.Text(line) },
		"result": func() { r.WithoutCredentials([]byte(result)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				redact()
			}
		})
	}
}
