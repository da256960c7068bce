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
		{profiled, "wrk", "there are: empty, play, work"},
		{"profiles: [a]\n", "", "profiles must be a mapping"},
		{"profiles: {a: b}\n", "a", "the profile a must be a mapping"},
		{"profiles: {a: {time-out: 1s}}\n", "", "unknown key \"profiles.a.time-out\" (did you mean timeout?)"},
		{"profile: a\n", "", "unknown key \"profile\""},
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
	for arguments, want := range map[string]string{script + ",none": "prints nothing", script + ",x": "exit status 3", "/absent/store": "fails"} {
		if _, err := load(t, nil, "--api-key-command", arguments); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", arguments, err)
		}
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
		"tool-sets: all\n": false, "profiles: {a: {tool-sets: all}}\n": false, "read-only: maybe\n": false, "max-retries: many\n": false, "profiles: [a]\n": false,
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
