package cli

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/clients"
)

// installed installs the server in Cursor and gives what it starts.
func installed(t *testing.T, environment map[string]string, arguments ...string) (clients.Entry, screen) {
	t.Helper()
	got := execute(t, environment, append([]string{"config", "cursor", "--install"}, arguments...)...)
	if got.status != 0 {
		t.Fatalf("%q: %+v", arguments, got)
	}
	cursor, err := clients.Find("cursor")
	if err != nil {
		t.Fatal(err)
	}
	entry, ok, err := cursor.Read(filepath.Join(environment["HOME"], ".cursor", "mcp.json"))
	if err != nil || !ok {
		t.Fatalf("%+v, %v", ok, err)
	}
	return entry, got
}

// What stands in the configuration file is not repeated in the client's: the file may change later.
func TestConfigNamesTheFileAndDoesNotRepeatIt(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	settings := filepath.Join(folder, "settings.yaml")
	key := filepath.Join(folder, "key")
	for name, text := range map[string]string{
		key: "rok_file\n",
		settings: "toolsets: all\nread-only: true\nconfirm: always\nprofiles:\n" +
			"  work: {base-url: https://work.example, api-key-file: key, no-money: true}\n  play: {sandbox: true, sandbox-db: \":memory:\"}\n  bare: {}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name        string
		arguments   []string
		environment map[string]string
		want        []string
		asksForKey  bool
		warns       string
	}{
		{"the key is in the profile", []string{"--config", settings, "--profile", "work"}, nil, []string{"--config", settings, "--profile", "work"}, false, ""},
		{"the profile is a sandbox", []string{"--config", settings, "--profile", "play"}, nil, []string{"--config", settings, "--profile", "play"}, false, ""},
		{"nothing gives a key", []string{"--config", settings, "--profile", "bare"}, nil, []string{"--config", settings, "--profile", "bare"}, true, ""},
		{"flags of this command line", []string{"--config", settings, "--toolsets", "agents,keys", "--timeout", "9s"}, nil,
			[]string{"--config", settings, "--toolsets", "agents", "--toolsets", "keys", "--timeout", "9s"}, true, ""},
		{"a flag that restores a default", []string{"--config", settings, "--read-only=false", "--confirm", "auto", "--toolsets", ""}, nil,
			[]string{"--config", settings, "--toolsets", "", "--read-only=false", "--confirm", "auto"}, true, ""},
		{"the file of the environment", nil, map[string]string{"ROBUTLER_CONFIG": settings, "ROBUTLER_PROFILE": "work"},
			[]string{"--config", settings, "--profile", "work"}, false, ""},
		{"settings of the environment", []string{"--no-money"}, map[string]string{"ROBUTLER_TOOLSETS": "all", "ROBUTLER_SANDBOX": "true", "WEBAGENTS_API_KEY": "rok_env"},
			[]string{"--no-money"}, true, "ROBUTLER_SANDBOX (--sandbox), ROBUTLER_TOOLSETS (--toolsets)"},
		{"a comma in an item", []string{"--api-key-command", `"` + os.Args[0] + `","show,all"`}, nil,
			[]string{"--api-key-command", os.Args[0], "--api-key-command", `"show,all"`}, false, ""},
	} {
		home := t.TempDir()
		environment := map[string]string{"HOME": home}
		maps.Copy(environment, test.environment)
		entry, got := installed(t, environment, test.arguments...)
		if want := append([]string{"stdio"}, test.want...); !slices.Equal(entry.Arguments, want) {
			t.Errorf("%s: %q, want %q", test.name, entry.Arguments, want)
		}
		if asks := entry.Environment["WEBAGENTS_API_KEY"] == clients.Placeholder; asks != test.asksForKey || len(entry.Environment) > 1 {
			t.Errorf("%s: %v", test.name, entry.Environment)
		}
		if test.warns != "" != strings.Contains(got.stderr, "environment is not written") || !strings.Contains(got.stderr, test.warns) {
			t.Errorf("%s: %s", test.name, got.stderr)
		}
	}
}

// A password store asks its user; nobody is asked only to print a snippet or the catalog.
func TestThePrinterOfTheKeyDoesNotRunForNothing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("it needs a shell")
	}
	folder := t.TempDir()
	store, ran := filepath.Join(folder, "store"), filepath.Join(folder, "ran")
	if err := os.WriteFile(store, []byte("#!/bin/sh\ntouch "+ran+"\necho rok_stored\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{"HOME": t.TempDir()}
	for _, arguments := range [][]string{
		{"config", "cursor"}, {"config", "cursor", "--install"}, {"config", "cursor", "--remove"}, {"tools"},
	} {
		if got := execute(t, environment, append(arguments, "--api-key-command", store)...); got.status != 0 {
			t.Errorf("%q: %+v", arguments, got)
		}
		if _, err := os.Stat(ran); err == nil {
			t.Fatalf("%q ran the program that prints the key", arguments)
		}
	}
	if got := execute(t, environment, "config", "cursor", "--api-key-command", filepath.Join(folder, "absent")); got.status != exitUsage || !strings.Contains(got.stderr, "there is no") {
		t.Errorf("%+v", got)
	}
}

// Whoever takes the entry out need not have settings that are well.
func TestRemovingNeedsNoSettings(t *testing.T) {
	t.Parallel()
	environment := map[string]string{"HOME": t.TempDir()}
	installed(t, environment, "--sandbox")
	environment["ROBUTLER_CONFIG"] = "/absent/settings.yaml"
	if got := execute(t, environment, "config", "cursor", "--remove"); got.status != 0 || !strings.Contains(got.stdout, "deleted") {
		t.Errorf("%+v", got)
	}
}

// What was taken out is not to be started, nor is it listed.
func TestRemovingAdvisesOnWhatIsGone(t *testing.T) {
	t.Parallel()
	for _, known := range clients.All() {
		environment, _ := home(t, known.Name, "")
		if got := execute(t, environment, "config", known.Name, "--install", "--sandbox"); got.status != 0 {
			t.Fatalf("%+v", got)
		}
		got := execute(t, environment, "config", known.Name, "--remove")
		if got.status != 0 || got.stderr == "" || strings.Contains(got.stderr, "start robutler") || strings.Contains(got.stderr, "/mcp lists the server") {
			t.Errorf("%s: %+v", known.Name, got)
		}
	}
}
