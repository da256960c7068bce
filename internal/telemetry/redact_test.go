package telemetry

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
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
	const secret, other = `pa<ss>&"wörd\`, "hunter2hunter2"
	r.Add(secret)
	r.AddCredential(other)
	r.Add("short")
	for _, text := range []string{
		"plain " + secret, fmt.Sprintf("quoted %q", other), `json "pa\u003css\u003e\u0026\"wörd\\"`, "query " + url.QueryEscape(secret),
		"base64 " + base64.StdEncoding.EncodeToString([]byte(secret)), "hidden hun\u200bter2\x1bhunter2", "twice " + other + other,
	} {
		got := r.Text(text)
		if !strings.Contains(got, redacted) || strings.Contains(got, "ss") || strings.Contains(got, "hunter") || strings.Contains(got, "cGE8") {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := r.Text("short"); got != "short" {
		t.Errorf("a short value was taken for a secret: %q", got)
	}
	if got := string(r.WithoutCredentials([]byte(`{"a":"hunter2hunter2","b":"pa<ss>&"}`))); got != `{"a":"[redacted]","b":"pa<ss>&"}` {
		t.Errorf("shown: %s", got)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	r := NewRedactor()
	r.KeepCredential("kept-for-good")
	const first = "secret-000000"
	r.Add(first)
	for i := range 3 * maxSecrets {
		r.Add(fmt.Sprintf("secret-%06d", i+1))
		if i%1000 == 0 {
			r.Add(first) // seen again
		}
	}
	if n := len(r.others.known); n != maxSecrets || r.others.order.Len() != maxSecrets {
		t.Errorf("%d secrets are remembered", n)
	}
	for text, want := range map[string]string{
		"kept-for-good": redacted, first: redacted, fmt.Sprintf("secret-%06d", 3*maxSecrets): redacted, "secret-000001": "secret-000001",
	} {
		if got := r.Text(text); got != want {
			t.Errorf("%s became %s", text, got)
		}
	}
	for range 80 {
		r.Add(strings.Repeat("x", maxSecret-20) + strconv.Itoa(len(r.others.known)))
	}
	if r.others.bytes > maxSecretBytes {
		t.Errorf("%d bytes are remembered", r.others.bytes)
	}
}

func TestSecretsComeAndGoWhileTextsAreRead(t *testing.T) {
	t.Parallel()
	r := NewRedactor()
	var running sync.WaitGroup
	for worker := range 4 {
		running.Go(func() {
			for i := range 500 {
				secret := fmt.Sprintf("worker-%d-secret-%d", worker, i%50)
				r.AddCredential(secret)
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
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		r := NewRedactor()
		secret = strings.TrimSpace(visible(secret)) // a key is printable
		live := len(secret) >= minSecret && !strings.Contains(redacted, secret)
		if live {
			r.AddCredential(secret)
		}
		for _, text := range []string{before + secret + after, before + secret + secret + after, before + ` "rok_0123456789abcdef" ` + after} {
			got := r.Text(text)
			if !utf8.ValidString(got) || visible(got) != got {
				t.Errorf("%q became %q", text, got)
			}
			if again := r.Text(got); again != got {
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
