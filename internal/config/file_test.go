package config

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

const profiled = `
toolsets: all
max-spend-per-day: 5
profiles:
  work:
    base-url: https://work.example
    toolsets: [agents, content]
  play:
    sandbox: true
  empty:
`

func TestProfiles(t *testing.T) {
	t.Parallel()
	settings := file(t, profiled, 0o600)
	work, err := load(t, map[string]string{"ROBUTLER_CONFIG": settings, "ROBUTLER_PROFILE": "work"})
	if err != nil || work.BaseURL != "https://work.example" || len(work.Toolsets) != 2 || work.MaxSpendPerDay != "5" {
		t.Errorf("%+v, %v", work, err)
	}
	for _, origin := range work.Origins {
		want := map[string]string{"base-url": "the profile work of " + settings, "max-spend-per-day": "the file " + settings}[origin.Setting]
		if want != "" && origin.From != want {
			t.Errorf("%+v", origin)
		}
	}
	play, err := load(t, nil, "--config", settings, "--profile", "play", "--toolsets", "keys")
	if err != nil || !play.Sandbox || play.Toolsets[0] != "keys" || play.BaseURL == "https://work.example" {
		t.Errorf("%+v, %v", play, err)
	}
	if _, err := load(t, nil, "--config", settings, "--profile", "empty"); err != nil {
		t.Error(err)
	}
	for _, test := range []struct{ text, profile, want string }{
		{profiled, "wrk", "there is no profile \"wrk\" (did you mean work?); there are: empty, play, work"},
		{"timeout: 3s\n", "work", "there is no profile \"work\", nor any other"},
		{"profiles: {a: {log-level: loud}, b: {}}\n", "b", "profiles.a.log-level: \"loud\" is none of debug, info, warn, error"},
		{"profiles: {a: {timeout: soon}}\n", "", "profiles.a.timeout: \"soon\" is no duration"},
		{"profiles: {a: {max-spend-per-day: many}}\n", "", "profiles.a.max-spend-per-day: \"many\" is no amount"},
		{"behind-proxy: perhaps\n", "", "behind-proxy: \"perhaps\" is neither true nor false"},
		{"profiles: [a]\n", "", "profiles must be a mapping"},
		{"profiles: {a: b}\n", "a", "the profile a must be a mapping"},
		{"profiles: {a: {time-out: 1s}}\n", "", "unknown key \"profiles.a.time-out\" (did you mean timeout?)"},
		{"profile: a\n", "", "unknown key \"profile\" (did you mean profiles? one of them is chosen by --profile or ROBUTLER_PROFILE)"},
	} {
		if _, err := load(t, nil, "--config", file(t, test.text, 0o600), "--profile", test.profile); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v", test.text, err)
		}
	}
	if _, err := load(t, nil, "--profile", "work"); err == nil || !strings.Contains(err.Error(), "there is no configuration file") {
		t.Error(err)
	}
}

func TestKeyCommand(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("it needs a shell")
	}
	script := filepath.Join(t.TempDir(), "store")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ncase $1 in\n  show) echo \" rok_$2 \"; echo second line;;\n  none) ;;\n  *) exit 3;;\nesac\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, nil, "--config", file(t, "api-key-command: ["+script+", show, abc]\n", 0o600))
	if err != nil || c.Key.Reveal() != "rok_abc" || c.KeyOrigin != "the program "+script {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = load(t, map[string]string{"WEBAGENTS_API_KEY": "rok_env"}, "--api-key-command", script+",show,abc"); err != nil || c.Key.Reveal() != "rok_abc" {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = load(t, map[string]string{"WEBAGENTS_API_KEY": "rok_env", "ROBUTLER_API_KEY_COMMAND": script + ",show,abc"}); err != nil || c.Key.Reveal() != "rok_env" {
		t.Errorf("%+v, %v", c, err)
	}
	for arguments, want := range map[string]string{script + ",none": "prints nothing", script + ",x": "exit status 3", "/absent/store": "there is no /absent/store"} {
		if _, err := load(t, nil, "--api-key-command", arguments); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", arguments, err)
		}
	}
	if origin, ok := c.Origin("api-key-command"); !ok || origin.Value != script+" ..." {
		t.Errorf("what the program is given is shown: %+v", origin)
	}
	if _, err := load(t, nil, "--sandbox", "--api-key-command", script); err == nil {
		t.Error("the embedded platform needs no key")
	}
}

// What the published schema takes is what the program takes.
func TestSchemaAgreesWithTheProgram(t *testing.T) {
	t.Parallel()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(SchemaID, parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	for settings, good := range map[string]bool{
		profiled: true, "{}": true, "read-only: true\nmax-retries: 2\ntimeout: 3s\n": true, "toolsets: agents\n": true,
		"tool-sets: all\n": false, "profiles: {a: {tool-sets: all}}\n": false, "read-only: maybe\n": false, "log-level: loud\n": false, "log-level: debug\nsandbox-profile: 2025\n": true, "profiles: {a: {confirm: never}}\n": false, "max-retries: many\n": false,
		"timeout: 30\n": false, "timeout: soon\n": false, "timeout: 1m30s\n": true, "sandbox-db: {a: b}\n": false, "toolsets: [agents: ro]\n": false, "upload-root: {}\n": false, "upload-root: [[a]]\n": false, "upload-root: [~]\n": false, "max-spend-per-day: 1000000.5\n": true, "max-spend-per-day: -1\n": false, "max-spend-per-call: abc\n": false, "max-spend-per-call: \"0.5\"\n": true, "profiles: [a]\n": false,
	} {
		var value any
		if err := yaml.Unmarshal([]byte(settings), &value); err != nil {
			t.Fatal(err)
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
		if err != nil {
			t.Fatal(err)
		}
		_, loadError := load(t, nil, "--config", file(t, settings, 0o600))
		if bySchema := compiled.Validate(instance) == nil; bySchema != good || (loadError == nil) != good {
			t.Errorf("%q: by the schema %v, by the program %v", settings, bySchema, loadError)
		}
	}
}

// A file says the same wherever the program is started: its paths begin in its own folder.
func TestPathsOfAFileBeginInItsFolder(t *testing.T) {
	t.Parallel()
	path := file(t, "journal: books/journal.db\nupload-root: [out, /abs]\nlog-file: log\nsandbox-db: ':memory:'\nsandbox: true\n", 0o600)
	folder := filepath.Dir(path)
	c, err := load(t, nil, "--config", path)
	if err != nil || c.Journal != filepath.Join(folder, "books", "journal.db") || c.LogFile != filepath.Join(folder, "log") || c.SandboxDB != MemoryDatabase ||
		len(c.UploadRoots) != 2 || c.UploadRoots[0] != filepath.Join(folder, "out") || c.UploadRoots[1] != "/abs" {
		t.Errorf("%+v, %v", c, err)
	}
	for text, want := range map[string]string{
		"api-key-command: [bin/store, show/it]\n": filepath.Join(folder, "bin", "store") + " show/it",
		"api-key-command: store,show\n":           "store show", "api-key-command: ./store,show\n": filepath.Join(folder, "store") + " show",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := &Config{}
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		c.AddShared(flags)
		if err := flags.Parse([]string{"--config", path}); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time changes nothing
			if err := c.LoadWithoutKey(flags, func(string) (string, bool) { return "", false }); err != nil || strings.Join(c.APIKeyCommand, " ") != want {
				t.Errorf("%q: %q, %v", text, c.APIKeyCommand, err)
			}
		}
	}
}

// A fault in a file is shown by its line, without what stands there.
func TestFaultsOfAFileHaveALine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"toolsets: all\nbase-url: a: rok_secret\n": "near line 2", "timeout: 1s\ntimeout: 2s\n": "a name stands there twice, near line 2", "- rok_secret\n": "near line 1",
	} {
		_, err := load(t, nil, "--config", file(t, text, 0o600))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "rok_secret") || strings.Contains(err.Error(), "yaml:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
