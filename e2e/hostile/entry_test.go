package hostile

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// sameList lists the tools over each transport, before and after calls of every kind.
func sameList(t *testing.T, platform *gateway) string {
	var sum string
	for _, over := range everywhere() {
		w := dial(t, over, offering(platform))
		list := func() string {
			var listed struct {
				Tools json.RawMessage `json:"tools"`
			}
			id := fresh()
			if answer := ask(t, w, w.encode(id, "tools/list", `{}`), id); json.Unmarshal(answer.Result, &listed) != nil {
				t.Fatalf("list: %s", answer.raw)
			}
			return fmt.Sprintf("%x", sha256.Sum256(listed.Tools))
		}
		first := list()
		for name, example := range readingTools(t) {
			do(t, w, name, example)
		}
		do(t, w, "list_agent", `{}`)
		do(t, w, "get_agent", `{}`)
		agreed(t, w)
		if again := list(); again != first {
			t.Errorf("%s: the list was %s and is %s", over, first, again)
		}
		if sum != "" && sum != first {
			t.Errorf("%s lists %s, others %s", over, first, sum)
		}
		sum = first
	}
	return "sha256 " + sum[:16] + " on all"
}

// foreignPages asks as browsers do, from pages of this machine and from elsewhere.
func foreignPages(t *testing.T, platform *gateway) string {
	s := startHTTP(t, offering(platform))
	_, port, _ := strings.Cut(s.address, ":")
	cases := []struct {
		host, origin, site string
		allowed            bool
	}{
		{s.address, "", "", true},
		{s.address, "", "none", true},
		{s.address, "", "cross-site", false},
		{s.address, "https://evil.example", "cross-site", false},
		{s.address, "null", "cross-site", false},
		{"evil.example:" + port, "http://evil.example:" + port, "same-origin", false}, // DNS rebinding
		{"evil.example", "", "", false},
		{s.address, "http://127.0.0.1.evil.example", "same-site", false},
	}
	for _, c := range cases {
		for _, route := range []string{"POST /mcp", "GET /mcp", "GET /sse", "POST /message", "GET /healthz", "GET /readyz", "OPTIONS /mcp"} {
			method, path, _ := strings.Cut(route, " ")
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			request, err := http.NewRequestWithContext(ctx, method, "http://"+s.address+path, strings.NewReader(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			request.Host = c.host
			for name, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site, "Content-Type": "application/json"} {
				if value != "" {
					request.Header.Set(name, value)
				}
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			cancel()
			if (response.StatusCode != http.StatusForbidden) != c.allowed || (!c.allowed && response.Header.Get("Access-Control-Allow-Origin") != "") {
				t.Errorf("%s with Host %q, Origin %q, Sec-Fetch-Site %q: %d", route, c.host, c.origin, c.site, response.StatusCode)
			}
		}
	}
	return fmt.Sprintf("%d cases on 7 routes", len(cases))
}

// exits runs the program and gives its exit status, or -1 when it serves until it is killed.
func exits(t *testing.T, given settings, name string, arguments ...string) (status int, said string) {
	t.Helper()
	c := given.prepare(t, name, arguments...)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	limited := exec.CommandContext(ctx, c.Path, c.Args[1:]...)
	limited.Env = c.Env
	text, err := limited.CombinedOutput()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return failed.ExitCode(), string(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0, string(text)
}

// startsAlone starts the server on addresses that others can reach, with nothing that tells callers apart.
func startsAlone(t *testing.T) string {
	refused := []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:0", "10.0.0.1:0", "[2001:db8::1]:0", "example.com:0", "127.0.0.1.example.com:0", "0:0", "localhost.evil.example:0"}
	given := settings{flags: []string{"--sandbox", "--sandbox-db", ":memory:"}}
	for _, address := range refused {
		if status, said := exits(t, given, "http", "--addr", address); status != 2 {
			t.Errorf("%s: status %d: %s", address, status, said)
		}
	}
	served := []string{"127.0.0.1:0", "127.0.0.2:0", "localhost:0"}
	for _, address := range served {
		if status, said := exits(t, given, "http", "--addr", address); status != -1 {
			t.Errorf("%s: status %d: %s", address, status, said)
		}
	}
	return fmt.Sprintf("%d refused, %d served", len(refused), len(served))
}

// baseURLs names hosts that are not what they look like as the platform. The key must not go to them in the clear.
func baseURLs(t *testing.T) string {
	addresses := []string{
		"http://169.254.169.254", "http://10.0.0.1", "http://192.0.2.1:80", "http://example.com", "http://0", "http://0.0.0.0", "http://[::]",
		"http://2130706434", "http://0x7f.1.1.1", "http://0177.0.0.1", "http://127.1", "http://[::ffff:169.254.169.254]", "http://[::ffff:a9fe:a9fe]",
		"http://localhost.example.com", "http://127.0.0.1.example.com", "http://metadata.google.internal", "http://user:pass@127.0.0.1", "http://127.0.0.1@evil.example",
		"http://127.0.0.1#@evil.example", "http://127.0.0.1?x=@evil.example", "ftp://127.0.0.1", "file:///etc/passwd", "gopher://127.0.0.1", "javascript:alert(1)",
		"//127.0.0.1", "127.0.0.1:3000", "http:///api", "http://", "http://[fe80::1]", "http://１２７.0.0.2", "http://localhost%00.example.com", "unix:///run/x",
	}
	given := settings{environment: []string{"WEBAGENTS_API_KEY=rok_canary_base_url"}}
	for _, address := range addresses {
		status, said := exits(t, given, "call", "get_credits", "--base-url", address)
		if status != 2 {
			t.Errorf("%s: status %d: %s", address, status, said)
		}
		if strings.Contains(said, "rok_canary_base_url") || strings.Contains(said, "pass@") {
			t.Errorf("%s: a secret is shown: %s", address, said)
		}
	}
	return fmt.Sprintf("%d refused", len(addresses))
}
