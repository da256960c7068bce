package client

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEnvironment(t *testing.T) {
	for _, name := range []string{KeyVariable, KeyAliasVariable, InternalBaseURLVariable, BaseURLVariable} {
		t.Setenv(name, "")
	}
	if _, err := New(); !errors.Is(err, ErrMissingKey) {
		t.Errorf("without a key: %v", err)
	}
	t.Setenv(KeyAliasVariable, "alias")
	if key, err := EnvironmentKey(); err != nil || key != "alias" {
		t.Errorf("key = %q, %v", key, err)
	}
	t.Setenv(KeyVariable, " main ")
	if key, err := EnvironmentKey(); err != nil || key != "main" {
		t.Errorf("key = %q, %v", key, err)
	}
	if got := EnvironmentBaseURL(); got != DefaultBaseURL {
		t.Errorf("base = %s", got)
	}
	t.Setenv(BaseURLVariable, "https://public.example")
	t.Setenv(InternalBaseURLVariable, "https://internal.example/")
	c, err := New()
	if err != nil || c.BaseURL() != "https://internal.example" {
		t.Errorf("base = %v, %v", c, err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]Option{
		"no timeout":     WithTimeout(0),
		"many retries":   WithMaxRetries(11),
		"fewer retries":  WithMaxRetries(-1),
		"empty key":      WithAPIKey(" "),
		"key in 2 lines": WithAPIKey("a\nb"),
		"nil source":     WithKeySource(nil),
		"nil transport":  WithTransport(nil),
		"nil wrap":       WithConnections(nil),
		"nil logger":     WithLogger(nil),
		"ftp":            WithBaseURL("ftp://robutler.ai"),
		"relative":       WithBaseURL("robutler.ai"),
		"plain http":     WithBaseURL("http://robutler.ai"),
		"with a user":    WithBaseURL("https://a:b@robutler.ai"),
		"with a query":   WithBaseURL("https://robutler.ai?key=1"),
	} {
		if _, err := New(WithAPIKey("k"), option); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, base := range []string{"http://localhost:3000", "http://127.0.0.1:1", "http://[::1]:1/", "https://robutler.ai"} {
		if _, err := New(WithAPIKey("k"), WithBaseURL(base)); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
	if _, err := New(WithAPIKey("k"), WithBaseURL("http://cluster.local"), WithPlainHTTP()); err != nil {
		t.Error(err)
	}
}

// TestCloneAsksItsOwnSource shares the transport and nothing of the key.
func TestCloneAsksItsOwnSource(t *testing.T) {
	t.Parallel()
	var keys []string
	transport := roundTripFunc(func(r *http.Request) (*http.Response, error) {
		keys = append(keys, r.Header.Get("Authorization"), r.Header.Get("User-Agent"))
		return jsonResponse(r, http.StatusOK, `{"keys":null}`, nil), nil
	})
	c, err := New(WithAPIKey("one"), WithBaseURL("https://robutler.test"), WithTransport(transport), WithUserAgent("ua"))
	if err != nil {
		t.Fatal(err)
	}
	type callerKey struct{}
	clone, err := c.Clone(WithKeySource(func(ctx context.Context) (string, error) {
		key, _ := ctx.Value(callerKey{}).(string)
		if key == "" {
			return "", ErrMissingKey
		}
		return key, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if list, err := c.APIKeys.List(t.Context()); err != nil || list == nil {
		t.Fatal(list, err)
	}
	if _, err := clone.APIKeys.List(context.WithValue(t.Context(), callerKey{}, "two")); err != nil {
		t.Fatal(err)
	}
	if _, err := clone.APIKeys.List(t.Context()); !errors.Is(err, ErrMissingKey) || !strings.Contains(err.Error(), KeyVariable) {
		t.Errorf("error = %v", err)
	}
	if strings.Join(keys, "|") != "Bearer one|ua|Bearer two|ua" {
		t.Errorf("headers = %q", keys)
	}
}

func TestLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c, err := New(WithAPIKey("rok_canary0123456789"), WithBaseURL("https://robutler.test"),
		WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		WithTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
			return jsonResponse(r, http.StatusOK, `{"user":{"id":"1"},"secret":"rok_canary0123456789"}`, nil), nil
		})))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.User.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Contains(text, "canary") || !strings.Contains(text, "get user") {
		t.Errorf("log = %s", text)
	}
}

func TestClassNames(t *testing.T) {
	t.Parallel()
	if Class(0).Valid() || Class(0).String() != "unclassified" || !Money.Valid() {
		t.Error("the zero class must not be valid")
	}
	seen := map[string]bool{}
	for class := Read; class <= Money; class++ {
		seen[class.String()] = true
	}
	if len(seen) != 6 {
		t.Errorf("names = %v", seen)
	}
}

func TestBackoffGrowsAndIsCapped(t *testing.T) {
	t.Parallel()
	whole := func() float64 { return 1 }
	for attempts, want := range map[int]time.Duration{1: backoffBase, 2: 2 * backoffBase, 5: 16 * backoffBase, 6: backoffCap, 60: backoffCap} {
		if got := backoff(attempts, whole); got != want {
			t.Errorf("backoff(%d) = %v, want %v", attempts, got, want)
		}
	}
}

func TestCleanText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":                                 "plain",
		"two\nlines\tand  spaces":               "two lines and spaces",
		"esc\x1b[31m\u202e\u200b":               "esc[31m",
		"<html><body>login</body></html>":       "",
		"key my-live-key and rok_abcdef123456":  "key [redacted] and [redacted]",
		"Bearer abcdefgh tok_a1:b2 pt_12345678": "[redacted] [redacted] [redacted]",
		strings.Repeat("x", 300):                strings.Repeat("x", 200) + "...",
	} {
		if got := cleanText(text, "my-live-key"); got != want {
			t.Errorf("cleanText(%q) = %q, want %q", text, got, want)
		}
	}
}
