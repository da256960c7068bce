package cli

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTelemetryFlags(t *testing.T) {
	t.Parallel()
	memory := []string{"--sandbox", "--sandbox-db", ":memory:"}
	for name, test := range map[string]struct {
		environment map[string]string
		arguments   []string
		stderr      string
	}{
		"profiles for everybody":      {nil, []string{"stdio", "--pprof-addr", "0.0.0.0:0"}, "only a loopback address"},
		"profiles of a name":          {nil, []string{"stdio", "--pprof-addr", "example.com:6060"}, "only a loopback address"},
		"a collector without scheme":  {nil, []string{"stdio", "--otlp-endpoint", "localhost:4318"}, "must look like http://localhost:4318"},
		"a collector's key in a URL":  {nil, []string{"stdio", "--otlp-endpoint", "https://c.example/?key=k3y"}, "OTEL_EXPORTER_OTLP_HEADERS"},
		"headers that are none":       {map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "s3cr3t"}, []string{"stdio", "--traces"}, "name=value"},
		"metrics nowhere":             {nil, []string{"stdio", "--metrics-addr", "127.0.0.1"}, "missing port"},
		"by the environment":          {map[string]string{"ROBUTLER_PPROF_ADDR": "0.0.0.0:0"}, []string{"stdio"}, "only a loopback address"},
		"a single call has no probes": {nil, []string{"call", "get_credits", "--metrics-addr", "127.0.0.1:0"}, "unknown flag"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, test.environment, append(test.arguments, memory...)...)
			if got.status == exitOK || !strings.Contains(got.stderr, test.stderr) || strings.Contains(got.stderr, "s3cr3t") || strings.Contains(got.stderr, "k3y") {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestNothingListensUnlessAsked, even where another program's variables are set.
func TestNothingListensUnlessAsked(t *testing.T) { // not parallel: the library's stdio session is one a process
	s := newScene(t, replyMild)
	streams := s.streams(strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_credits","arguments":{}}}`), io.Discard)
	if status := run(t.Context(), s.arguments("stdio"), streams); status != exitOK {
		t.Errorf("status %d: %s", status, s.stderr)
	}
	if s.exported.String() != "" || s.stderr.String() != "" {
		t.Errorf("sent %q, said %q", s.exported, s.stderr)
	}
}

// ready starts the http command and asks whether it is.
func ready(t *testing.T, environment map[string]string, arguments ...string) (int, string) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	output := &announced{wanted: "Ctrl-C ends it.", found: make(chan struct{})}
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"http", "--addr", "127.0.0.1:0", "--max-retries", "0"}, arguments...),
			Streams{Out: io.Discard, Err: output, In: strings.NewReader(""), Environment: lookup(environment), Program: "robutler-mcp"})
	}()
	select {
	case <-output.found:
	case status := <-ended:
		t.Fatalf("ended with %d: %s", status, output)
	}
	_, rest, _ := strings.Cut(output.String(), "Streamable HTTP  ")
	base, _, _ := strings.Cut(rest, "/mcp")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	end()
	<-ended
	return response.StatusCode, strings.TrimSpace(string(body))
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	up := startHostile(t, replyMild, 0)
	blocked := filepath.Join(folder, "blocked")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(folder, "journal.db")
	for _, test := range []struct {
		name, base, journal string
		flags               []string
		status              int
		body                string
	}{
		{"all there", up.URL, journal, nil, 200, `{"status":"ok","checks":{"journal":"ok","key":"ok","platform":"ok"}}`},
		{"no platform", "http://127.0.0.1:1", journal, nil, 503, `{"status":"unavailable","checks":{"journal":"ok","key":"ok","platform":"failed"}}`},
		{"no journal", up.URL, filepath.Join(blocked, "journal.db"), nil, 503, `{"status":"unavailable","checks":{"journal":"failed","key":"ok","platform":"ok"}}`},
		{"no database", up.URL, "postgres://robutler:pw@127.0.0.1:1/x", nil, 503, `{"status":"unavailable","checks":{"journal":"failed","key":"ok","platform":"ok"}}`},
		{"reads alone", up.URL, filepath.Join(folder, "never", "journal.db"), []string{"--read-only"}, 200, `{"status":"ok","checks":{"key":"ok","platform":"ok"}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			environment := map[string]string{"ROBUTLER_API_URL": test.base, "WEBAGENTS_API_KEY": up.key}
			status, body := ready(t, environment, append(test.flags, "--journal", test.journal)...)
			if status != test.status || body != test.body {
				t.Errorf("%d %s", status, body)
			}
			if _, err := os.Stat(filepath.Join(folder, "never")); err == nil {
				t.Error("a server that only reads left files behind")
			}
		})
	}
	if status, body := ready(t, map[string]string{"ROBUTLER_API_URL": up.URL}, "--read-only"); status != 503 || !strings.Contains(body, `"key":"failed"`) {
		t.Errorf("without a key: %d %s", status, body)
	}
}
