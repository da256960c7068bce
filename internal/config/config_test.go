package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

func load(t *testing.T, environment map[string]string, arguments ...string) (*Config, error) {
	t.Helper()
	c := &Config{}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	c.AddShared(flags)
	if err := flags.Parse(arguments); err != nil {
		t.Fatal(err)
	}
	err := c.Load(flags, func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	})
	return c, err
}

func file(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	settings := file(t, "timeout: 3s\nmax-retries: 3\nlog-level: info\ntoolsets: [a, b]\nbase-url: https://file.example\n", 0o600)
	c, err := load(t, map[string]string{
		"ROBUTLER_CONFIG": settings, "ROBUTLER_TIMEOUT": "2s", "ROBUTLER_MAX_RETRIES": "2", "ROBUTLER_API_URL": "https://public.example",
		"ROBUTLER_INTERNAL_API_URL": "https://internal.example", "ROBUTLER_UPLOAD_ROOT": "/x,/y",
	}, "--timeout", "1s")
	if err != nil {
		t.Fatal(err)
	}
	if c.Timeout != time.Second || c.MaxRetries != 2 || c.LogLevel != "info" || len(c.Toolsets) != 2 || len(c.UploadRoots) != 2 ||
		c.BaseURL != "https://internal.example" || c.LogFormat != "text" {
		t.Errorf("%+v", c)
	}
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"time-out: 1s\n":       "did you mean timeout?",
		"timeout: soon\n":      "timeout",
		"- a\n":                "not a YAML mapping",
		"read-only: [1, 2]\n":  "takes one value",
		"config: other.yaml\n": "unknown key",
	} {
		if _, err := load(t, nil, "--config", file(t, text, 0o600)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := load(t, nil, "--config", "/no/such/file"); err == nil {
		t.Error("a missing file is no error")
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	private, open := file(t, "from-file\n", 0o600), file(t, "from-file\n", 0o644)
	tests := []struct {
		name        string
		environment map[string]string
		arguments   []string
		want        string
		problem     string
		fails       bool
	}{
		{"environment", map[string]string{"WEBAGENTS_API_KEY": " one ", "ROBUTLER_API_KEY": "two"}, nil, "one", "", false},
		{"alias", map[string]string{"ROBUTLER_API_KEY": "two"}, nil, "two", "", false},
		{"file flag wins", map[string]string{"WEBAGENTS_API_KEY": "one"}, []string{"--api-key-file", private}, "from-file", "", false},
		{"environment beats a file it names", map[string]string{"WEBAGENTS_API_KEY": "one", "ROBUTLER_API_KEY_FILE": private}, nil, "one", "", false},
		{"file of the environment", map[string]string{"ROBUTLER_API_KEY_FILE": private}, nil, "from-file", "", false},
		{"none", nil, nil, "", "set WEBAGENTS_API_KEY", false},
		{"unexpanded", map[string]string{"WEBAGENTS_API_KEY": "${x}"}, nil, "", "unexpanded", false},
		{"readable by others", nil, []string{"--api-key-file", open}, "", "", true},
		{"empty", nil, []string{"--api-key-file", file(t, " \n", 0o600)}, "", "", true},
		{"missing", nil, []string{"--api-key-file", "/no/such/file"}, "", "", true},
	}
	for _, test := range tests {
		c, err := load(t, test.environment, test.arguments...)
		if (err != nil) != test.fails || c.Key.Reveal() != test.want || !strings.Contains(c.KeyProblem, test.problem) {
			t.Errorf("%s: %q, %q, %v", test.name, c.Key.Reveal(), c.KeyProblem, err)
		}
	}
}

func TestSecretsNeverPrint(t *testing.T) {
	t.Parallel()
	secret := NewSecret("rok_canary")
	encoded, err := json.Marshal(struct{ Key Secret }{secret})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", secret)
	for _, text := range []string{
		string(encoded), log.String(), secret.String(), fmt.Sprintf("%v %+v %#v %s %q", secret, secret, secret, secret, secret),
		fmt.Sprintf("%v %+v %#v", &Config{Key: secret}, &Config{Key: secret}, &Config{Key: secret}),
	} {
		if strings.Contains(text, "canary") {
			t.Errorf("%s", text)
		}
	}
	if NewSecret("").String() != "" || !NewSecret("").Empty() {
		t.Error("an empty secret should look empty")
	}
}
