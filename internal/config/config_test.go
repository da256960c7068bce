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

	"github.com/robutlerai/robutler-mcp/client"
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
		{"blank in a bundle", map[string]string{"WEBAGENTS_API_KEY": "${user_config.api_key}"}, nil, "", "settings of the extension", false},
		{"readable by others", nil, []string{"--api-key-file", open}, "", "", true},
		{"empty", nil, []string{"--api-key-file", file(t, " \n", 0o600)}, "", "", true},
		{"missing", nil, []string{"--api-key-file", "/no/such/file"}, "", "", true},
		{"missing, and not needed", map[string]string{"ROBUTLER_API_KEY_FILE": "/no/such/file"}, []string{"--sandbox"}, "", "", false},
	}
	for _, test := range tests {
		c, err := load(t, test.environment, test.arguments...)
		if (err != nil) != test.fails || c.Key.Reveal() != test.want || !strings.Contains(c.KeyProblem, test.problem) {
			t.Errorf("%s: %q, %q, %v", test.name, c.Key.Reveal(), c.KeyProblem, err)
		}
	}
}

// TestBlankSettingsOfABundle: what the user of a bundle left blank is as by default; any other placeholder is a mistake.
func TestBlankSettingsOfABundle(t *testing.T) {
	t.Parallel()
	blank := map[string]string{}
	for _, variable := range AllVariables() {
		blank[variable] = "${user_config.x}"
	}
	c, err := load(t, blank)
	if err != nil || len(c.Origins) != 0 || c.Sandbox || c.BaseURL != client.DefaultBaseURL || !c.Key.Empty() {
		t.Errorf("%+v, %v", c, err)
	}
	for value, want := range map[string]bool{
		"${user_config.a}": true, "${user_config.read_only}\n": true, "${user_config.a}/b": false, "${user_config.a}${user_config.b}": false,
		"${HOME}": false, "${user_config.a": false, "": false,
	} {
		if Blank(value) != want {
			t.Errorf("%q", value)
		}
	}
	if _, err := load(t, map[string]string{"ROBUTLER_READ_ONLY": "${READ_ONLY}"}); err == nil {
		t.Error("a placeholder that no bundle writes is no mistake")
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
