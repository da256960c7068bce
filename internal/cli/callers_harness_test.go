package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/auth/authtest"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
)

// user is somebody with an account.
type user struct {
	name string
	// canary is in everything that the user keeps for themselves.
	canary string
	email  string
	key    string // of the platform
	bearer string // what the user's clients send
}

// recordedPlatform is an embedded platform with two users that remembers what reaches it.
type recordedPlatform struct {
	url        string
	alice, bob *user

	mu       sync.Mutex
	keys     map[string]int    // requests by the key that they carry
	dumps    map[string]string // everything that was sent, by key
	loseNext string            // the answer to a request whose body holds this is lost, once
}

const bobKey = "rok_b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0"

func startPlatform(t *testing.T) *recordedPlatform {
	t.Helper()
	encoded, err := os.ReadFile(filepath.Join("..", "sandbox", "data", "seed.json"))
	if err != nil {
		t.Fatal(err)
	}
	var seed map[string]any
	if err := json.Unmarshal(encoded, &seed); err != nil {
		t.Fatal(err)
	}
	users, _ := seed["users"].([]any)
	first, _ := users[0].(map[string]any)
	second, _ := users[1].(map[string]any)
	second["key"] = bobKey
	if encoded, err = json.Marshal(seed); err != nil {
		t.Fatal(err)
	}
	platform, err := sandbox.Open(t.Context(), sandbox.Options{Database: sandbox.MemoryDatabase, Seed: encoded})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = platform.Close() })
	p := &recordedPlatform{keys: map[string]int{}, dumps: map[string]string{}}
	email := func(of map[string]any) string { text, _ := of["email"].(string); return text }
	p.alice = &user{name: "alice", canary: "canary-of-alice-51c3", email: email(first), key: platform.UserKey()}
	p.bob = &user{name: "bob", canary: "canary-of-bob-8d0e", email: email(second), key: bobKey}
	web := httptest.NewServer(p.record(platform.Handler()))
	t.Cleanup(web.Close)
	p.url = web.URL
	return p
}

func (p *recordedPlatform) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var header strings.Builder
		_ = r.Header.Write(&header)
		key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		p.mu.Lock()
		p.keys[key]++
		p.dumps[key] += r.Method + " " + r.RequestURI + "\n" + header.String() + string(body) + "\n"
		lose := p.loseNext != "" && bytes.Contains(body, []byte(p.loseNext))
		if lose {
			p.loseNext = ""
		}
		p.mu.Unlock()
		if lose {
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

// lose lets the next answer to a request that holds a text get lost.
func (p *recordedPlatform) lose(holds string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loseNext = holds
}

// check looks at what reached the platform: each user's things under the user's own key alone, and no access token.
func (p *recordedPlatform) check(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, dump := range p.dumps {
		switch key {
		case "", p.alice.key, p.bob.key:
		default:
			t.Errorf("a request went out under another key: %s", dump)
		}
		for _, other := range []*user{p.alice, p.bob} {
			if key != other.key && strings.Contains(dump, other.canary) {
				t.Errorf("something of %s was sent under another key", other.name)
			}
			if other.bearer != other.key && strings.Contains(dump, other.bearer) {
				t.Errorf("the access token of %s was sent to the platform", other.name)
			}
		}
	}
	for _, some := range []*user{p.alice, p.bob} {
		if p.keys[some.key] == 0 {
			t.Errorf("nothing was asked for %s", some.name)
		}
	}
}

// startServer runs the http command for both users, and gives its address and what it prints.
func startServer(t *testing.T, p *recordedPlatform, mode string, flags ...string) (base string, printed *announced) {
	t.Helper()
	arguments := []string{
		"http", "--addr", "127.0.0.1:0", "--base-url", p.url, "--toolsets", "all", "--auth", mode, "--log-level", "debug",
		"--journal", filepath.Join(t.TempDir(), "journal.db"),
	}
	switch mode {
	case "passthrough":
		p.alice.bearer, p.bob.bearer = p.alice.key, p.bob.key
	case "oidc":
		issuer := authtest.New(t)
		path := filepath.Join(t.TempDir(), "keys.yaml")
		if err := os.WriteFile(path, []byte("subject-a: "+p.alice.key+"\nsubject-b: "+p.bob.key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p.alice.bearer, p.bob.bearer = issuer.Token("subject-a", nil), issuer.Token("subject-b", nil)
		arguments = append(arguments, "--oidc-issuer", issuer.URL, "--oidc-audience", authtest.Audience, "--oidc-keys", path)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	output := &announced{wanted: "Ctrl-C ends it.", found: make(chan struct{})}
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append(arguments, flags...), Streams{Out: output, Err: output, In: strings.NewReader(""), Environment: lookup(nil), Program: "robutler-mcp"})
	}()
	t.Cleanup(func() {
		cancel()
		if status := <-ended; status != 0 {
			t.Errorf("ended with %d: %s", status, output)
		}
		for _, some := range []*user{p.alice, p.bob} {
			if strings.Contains(output.String(), some.key) || strings.Contains(output.String(), some.bearer) {
				t.Errorf("the log holds a credential of %s", some.name)
			}
		}
	})
	select {
	case <-output.found:
	case status := <-ended:
		ended <- status
		t.Fatalf("ended with %d: %s", status, output)
	}
	_, rest, _ := strings.Cut(output.String(), "Streamable HTTP  ")
	base, _, _ = strings.Cut(rest, "/mcp")
	return base, output
}
