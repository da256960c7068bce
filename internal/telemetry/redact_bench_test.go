package telemetry

import (
	"context"
	"strings"
	"testing"
)

// BenchmarkRedaction takes secrets out of what a log holds, and out of the longest result. The worst is a key that all but
// fits everywhere in a result that its caller chose, too.
func BenchmarkRedaction(b *testing.B) {
	r := NewRedactor()
	r.Keep("postgres-password-0123456789")
	ctx := r.WithSecrets(r.WithKey(b.Context(), "rok_0123456789012345678901234567890123456789"), "eyJhbGciOiJSUzI1NiJ9.0123456789012345678901234567890123456789")
	word := "list agents"
	line := `get agent: not found (HTTP 404) [request 0af7651916cd43dd8448eb211c80319c] at https://robutler.ai/api/agents`
	result := []byte(`{"agents":[` + strings.Repeat(`{"id":"8dab9290-92bd-5d19-bbfb-03165e317179","name":"recipe-muse","url":"https://robutler.ai/agents/recipe-muse"},`, 1000) + `{}]}`)
	worst := []byte(`{"text":"` + strings.Repeat("a", 64<<10) + `"}`)
	hostile := r.WithKey(b.Context(), strings.Repeat("a", 4<<10)+"b"+strings.Repeat("a", 4<<10))
	for name, redact := range map[string]func(context.Context){
		"word":   func(ctx context.Context) { r.text(word, secretsOf(ctx)) },
		"line":   func(ctx context.Context) { r.text(line, secretsOf(ctx)) },
		"result": func(ctx context.Context) { r.WithoutCredentials(ctx, result) },
		"worst":  func(context.Context) { r.WithoutCredentials(hostile, worst) },
		"key":    func(ctx context.Context) { r.text(line, secretsOf(r.WithKey(ctx, "rok_0123456789"))) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				redact(ctx)
			}
		})
	}
}
