package telemetry

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// shaped are secrets that are known by their shape alone, in the texts that they come in. The part in braces is what
// must not survive.
var shaped = []string{
	"key {rok_0123456789abcdef} of the user",
	"{sk_live_51HxQwErTy} and {sk-proj-0123456789abcdefgh}",
	"{tok_8c1f:s3cr3tPart}",
	"Authorization: Bearer {abcdef0123456789}",
	"authorization: Basic {dXNlcjpwYXNzd29yZA==}",
	`{"x-api-key": "{k3y-0f-somebody}"}`,
	"X-PAYMENT: {AAECAwQFBgcICQ==}",
	"X-Payment={eyJ4NDAyVmVyc2lvbiI6MSwic2NoZW1lIjoiZXhhY3QifQ==}",
	"jwt {eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl}",
	"signed by 0x{" + strings.Repeat("ab", 32) + "}",
	"signature 0x{" + strings.Repeat("0f", 65) + "}",
	"-----BEGIN RSA PRIVATE KEY-----\n{MIIEowIBAAKCAQEA}\n{q3R5x7}\n-----END RSA PRIVATE KEY----- after",
	"-----BEGIN PRIVATE KEY-----\n{MIIEowIBAAKCAQEA}",
	`Get "https://robutler.ai/api/tokens/validate?{token=abc&x=1}": EOF`,
	"https://{user:pa55word}@robutler.ai/api",
	"postgres://robutler:{pa55/word?x}@db.internal:5432/journal",
	"POSTGRESQL://{robutler:a/b}@db.internal",
	"host=db password={pa55word} dbname=journal",
	"PASSWORD = '{pa55word}'",
	"refresh_token={r3fr3sh} access-token: {4cc3ss}",
	"Set-Cookie: {session=0123456789}",
}

// parts tells the text of an example from what is secret in it.
func parts(example string) (text string, secrets []string) {
	for rest := example; ; {
		before, after, found := strings.Cut(rest, "{")
		secret, next, closed := strings.Cut(after, "}")
		if !found || !closed || strings.HasPrefix(after, `"`) {
			if found && strings.HasPrefix(after, `"`) { // a JSON object
				text, rest = text+before+"{", after
				continue
			}
			return text + rest, secrets
		}
		text, secrets, rest = text+before+secret, append(secrets, secret), next
	}
}

func TestSecretsAreKnownByTheirShape(t *testing.T) {
	t.Parallel()
	r := NewRedactor()
	for _, example := range shaped {
		text, secrets := parts(example)
		if len(secrets) == 0 {
			t.Fatalf("no secret in %q", example)
		}
		got := r.Text(text)
		for _, secret := range secrets {
			if strings.Contains(got, secret) {
				t.Errorf("%q survives in %q", secret, got)
			}
		}
	}
}

func TestPlainTextsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	r := NewRedactor()
	for _, text := range []string{
		"", "list agents", "GET /agents/{agent}", "tool called", "127.0.0.1:8080", "https://robutler.ai/api/agents", "create_api_key",
		"task_complete", "get_agent_api_key", "bearers of good news", "2026-11-24T10:00:00Z", "übersetze das, bitte", "a\nb\tc",
	} {
		if got := r.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestALiveSecretIsKnownInEveryForm(t *testing.T) {
	t.Parallel()
	r := NewRedactor()
	const secret, other, third = `pa<ss>&"wörd\`, "hunter2hunter2", "hunter3hunter3"
	r.Keep(other)
	ctx := r.WithSecrets(r.WithKey(t.Context(), third), secret, "short")
	for _, text := range []string{
		"plain " + secret, fmt.Sprintf("quoted %q", other), `json "pa\u003css\u003e\u0026\"wörd\\"`, "query " + url.QueryEscape(secret),
		"base64 " + base64.StdEncoding.EncodeToString([]byte(secret)), "hidden hun\u200bter2\x1bhunter2", "twice " + other + other,
		"all " + other + third + secret,
	} {
		got := r.text(text, secretsOf(ctx))
		if !strings.Contains(got, redacted) || strings.Contains(got, "ss") || strings.Contains(got, "hunter") || strings.Contains(got, "cGE8") {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{"short", redacted} {
		if got := r.text(text, secretsOf(r.WithSecrets(ctx, "[redacte", redacted))); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	shown := `{"a":"hunter2hunter2","b":"pa<ss>&","c":"hunter3hunter3"}`
	if got := string(r.WithoutCredentials(ctx, []byte(shown))); got != `{"a":"[redacted]","b":"pa<ss>&","c":"[redacted]"}` {
		t.Errorf("shown: %s", got)
	}
}

// TestASecretIsKnownInItsCallAlone: what one caller sends as a secret is nothing to others, and nothing once it ended.
func TestASecretIsKnownInItsCallAlone(t *testing.T) {
	t.Parallel()
	r := NewRedactor()
	const said = "available_credits"
	one := r.WithSecrets(r.WithKey(t.Context(), said), said)
	object := []byte(`{"` + said + `":"87.4215"}`)
	if got := string(r.WithoutCredentials(one, object)); strings.Contains(got, said) {
		t.Errorf("its own call is shown %s", got)
	}
	for name, ctx := range map[string]context.Context{
		"no call": t.Context(), "another's": r.WithKey(t.Context(), "another-key-of-another"), "its argument alone": r.WithSecrets(t.Context(), said),
	} {
		if got := string(r.WithoutCredentials(ctx, object)); got != string(object) {
			t.Errorf("%s: shown %s", name, got)
		}
		if got := string(r.Stored(ctx, object)); got != string(object) {
			t.Errorf("%s: stored %s", name, got)
		}
	}
	if got := r.Text(said); got != said {
		t.Errorf("it became %s outside of its call", got)
	}
}

func TestSecretsAreKeptWhileTextsAreRead(t *testing.T) {
	t.Parallel()
	r := NewRedactor()
	var running sync.WaitGroup
	for worker := range 4 {
		running.Go(func() {
			for i := range 50 {
				secret := fmt.Sprintf("worker-%d-secret-%d", worker, i)
				r.Keep(secret)
				if got := r.Text("with " + secret); strings.Contains(got, "worker") {
					t.Errorf("%q survives", got)
				}
			}
		})
	}
	running.Wait()
}

func FuzzRedaction(f *testing.F) {
	for _, example := range shaped {
		text, secrets := parts(example)
		f.Add(text, secrets[0], "")
		f.Add("", "a-live-secret", text)
	}
	f.Add("\xff\xfe", "0123456789", "[redacted")
	f.Add("bearer ", "[redacted]x", "\u202e\x1b[31m")
	f.Add("abcdefgh", "cdefghij", "ij")
	f.Add("bearer ", "[redacte", "\xe2\x80[11m\xae3\x1bm")
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		r := NewRedactor()
		secret = strings.TrimSpace(visible(secret)) // a key is printable
		live := len(secret) >= minSecret && !strings.Contains(redacted, secret)
		ctx := r.WithSecrets(context.Background(), secret)
		switch {
		case live && len(secret)%2 == 0:
			r.Keep(secret)
		case live:
			ctx = r.WithKey(ctx, secret)
		}
		for _, text := range []string{before + secret + after, before + secret + secret + after, before + ` "rok_0123456789abcdef" ` + after} {
			got := r.text(text, secretsOf(ctx))
			if !utf8.ValidString(got) || visible(got) != got {
				t.Errorf("%q became %q", text, got)
			}
			if again := r.text(got, secretsOf(ctx)); again != got {
				t.Errorf("%q became %q, and then %q", text, got, again)
			}
			// What stands in for a secret may by chance be a part of one.
			if left := strings.ReplaceAll(got, redacted, ""); live && !strings.Contains(redacted, secret) && strings.Contains(got, secret) && strings.Contains(left, secret) {
				t.Errorf("%q survives in %q", secret, got)
			}
			if strings.Contains(got, "rok_0123456789abcdef") {
				t.Errorf("a key survives in %q", got)
			}
		}
	})
}
