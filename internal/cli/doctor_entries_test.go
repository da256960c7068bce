package cli

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/clients"
	"github.com/robutlerai/robutler-mcp/internal/doctor"
)

// What a client starts this program with is read as the program reads it, and each fault in it is found out.
func TestDoctorReadsWhatClientsStart(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	settings, key, open := filepath.Join(folder, "s.yaml"), filepath.Join(folder, "key"), filepath.Join(folder, "open")
	for name, mode := range map[string]os.FileMode{key: 0o600, open: 0o644} {
		if err := os.WriteFile(name, []byte("rok_file"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(settings, []byte("api-key-file: key\nprofiles:\n  work: {}\n  open: {api-key-file: open}\n  play: {sandbox: true}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	withKey := map[string]string{"WEBAGENTS_API_KEY": "rok_cccc"}
	for _, test := range []struct {
		name, client string
		arguments    []string
		environment  map[string]string
		status       doctor.Status
		words        string
	}{
		{"well", "cursor", []string{"stdio"}, withKey, doctor.OK, "starts this program"},
		{"well, without a command", "zed", []string{"--read-only"}, withKey, doctor.OK, "starts this program"},
		{"a key in the file", "cursor", []string{"stdio", "--config", settings, "--profile", "work"}, nil, doctor.OK, "starts this program"},
		{"a sandbox in the file", "cursor", []string{"stdio", "--config", settings, "--profile", "play"}, nil, doctor.OK, "starts this program"},
		{"unknown flag", "claude-desktop", []string{"stdio", "--tool-sets", "all"}, withKey, doctor.Failed, "unknown flag: --tool-sets"},
		{"unknown command", "cursor", []string{"stdoi"}, withKey, doctor.Failed, `unknown command "stdoi"`},
		{"another command", "cursor", []string{"http"}, withKey, doctor.Failed, "http does not serve a client over stdin and stdout"},
		{"a wrong value", "codex", []string{"stdio", "--timeout", "soon"}, withKey, doctor.Failed, "--timeout"},
		{"unreadable file", "goose", []string{"stdio", "--config", filepath.Join(folder, "absent.yaml")}, withKey, doctor.Failed, "absent.yaml"},
		{"missing profile", "cursor", []string{"stdio", "--config", settings, "--profile", "wrk"}, withKey, doctor.Failed, `there is no profile "wrk"`},
		{"profile without a file", "cursor", []string{"stdio", "--profile", "work"}, withKey, doctor.Failed, "there is no configuration file"},
		{"a path without a folder", "cursor", []string{"stdio", "--upload-root", "out"}, withKey, doctor.Warning, "names out without its folder"},
		{"an unknown toolset", "cursor", []string{"stdio", "--toolsets", "agnts"}, withKey, doctor.Failed, `unknown toolset "agnts"`},
		{"a limit that is none", "cursor", []string{"stdio", "--max-spend-per-day", "much"}, withKey, doctor.Failed, "--max-spend-per-day"},
		{"a folder that is gone", "cursor", []string{"stdio", "--upload-root", filepath.Join(folder, "gone")}, withKey, doctor.Failed, "open upload root"},
		{"a variable in the arguments", "claude-desktop", []string{"stdio", "--base-url", "https://${HOST}"}, withKey, doctor.Failed, "hold an unexpanded ${HOST}"},
		{"a variable that is filled in", "claude-code", []string{"stdio", "--base-url", "${HOST}"}, withKey, doctor.OK, "starts this program"},
		{"a variable of the wrong kind", "vscode", []string{"stdio", "--base-url", "${HOST}"}, withKey, doctor.Failed, "hold an unexpanded ${HOST}"},
		{"a variable in the environment", "claude-desktop", []string{"stdio"}, map[string]string{"WEBAGENTS_API_KEY": "${KEY}"}, doctor.Failed, "the WEBAGENTS_API_KEY in"},
		{"an input of VS Code", "vscode", []string{"stdio"}, map[string]string{"WEBAGENTS_API_KEY": "${input:key}"}, doctor.OK, "starts this program"},
		{"a wrong value in the environment", "cursor", []string{"stdio"}, map[string]string{"WEBAGENTS_API_KEY": "rok_cccc", "ROBUTLER_TIMEOUT": "soon"}, doctor.Failed, "ROBUTLER_TIMEOUT"},
		{"an empty key", "cursor", []string{"stdio"}, map[string]string{"WEBAGENTS_API_KEY": " "}, doctor.Failed, "is empty"},
		{"no key", "cursor", []string{"stdio"}, nil, doctor.Warning, "leads to a key"},
		{"an old name", "cursor", []string{"stdio"}, map[string]string{"ROBUTLER_API_KEY": "rok_cccc"}, doctor.Warning, "by an older name, ROBUTLER_API_KEY"},
		{"two names", "cursor", []string{"stdio"}, map[string]string{"ROBUTLER_API_KEY": "rok_cccc", "WEBAGENTS_API_KEY": "rok_dddd"}, doctor.Warning, "holds two keys"},
		{"a key's file is gone", "cursor", []string{"stdio", "--api-key-file", filepath.Join(folder, "gone")}, nil, doctor.Failed, "is not to be had"},
		{"a key's file is gone, and wins", "cursor", []string{"stdio", "--api-key-file", filepath.Join(folder, "gone")}, withKey, doctor.Failed, "is not to be had"},
		{"a key's file is gone, and loses", "cursor", []string{"stdio"}, map[string]string{"WEBAGENTS_API_KEY": "rok_cccc", "ROBUTLER_API_KEY_FILE": filepath.Join(folder, "gone")}, doctor.OK, "starts this program"},
		{"a key's file is open", "cursor", []string{"stdio", "--config", settings, "--profile", "open"}, nil, doctor.Failed, "can be read by others"},
		{"the program of the key is gone", "cursor", []string{"stdio", "--api-key-command", "/absent/store,show"}, nil, doctor.Failed, "there is no /absent/store"},
		{"the placeholder", "cursor", []string{"stdio"}, map[string]string{"WEBAGENTS_API_KEY": clients.Placeholder}, doctor.Failed, "holds no key yet"},
	} {
		home := t.TempDir()
		environment := map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "x"), "APPDATA": filepath.Join(home, "x")}
		client, err := clients.Find(test.client)
		if err != nil {
			t.Fatal(err)
		}
		program := clientCommand(Streams{})
		path := client.Path(clients.Machine{OS: runtime.GOOS, Home: home, Variable: lookup(environment)})
		if _, err := client.Install(path, clients.Entry{Command: program, Arguments: test.arguments, Environment: test.environment}, time.Now()); err != nil {
			t.Fatal(err)
		}
		found, status := diagnose(t, environment, "--sandbox", "--sandbox-db", ":memory:")
		got := found["client"]
		if got.Status != test.status || (status == exitFailed) != (test.status == doctor.Failed) || !strings.Contains(got.Detail, test.words) {
			t.Errorf("%s: %+v", test.name, got)
		}
		for _, secret := range []string{"cccc", "dddd", "rok_file"} {
			if strings.Contains(got.Detail+got.Fix, secret) {
				t.Errorf("%s: a key is shown: %+v", test.name, got)
			}
		}
	}
}

// A variable that nobody filled in is found wherever it is, and its place is named.
func TestDoctorNamesWhereAVariableIsLeft(t *testing.T) {
	t.Parallel()
	settings := filepath.Join(t.TempDir(), "s.yaml")
	if err := os.WriteFile(settings, []byte("base-url: https://${HOST}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		check, words, platform string
		environment            map[string]string
		arguments              []string
	}{
		{"settings", "base-url holds an unexpanded ${HOST} (from --base-url)", "Correct --base-url.", nil, []string{"--base-url", "https://${HOST}"}},
		{"settings", "base-url holds an unexpanded ${HOST} (from the file " + settings + ")", "Correct base-url in the file " + settings, nil, []string{"--config", settings}},
		{"environment", "ROBUTLER_API_URL holds an unexpanded ${HOST}", "Correct ROBUTLER_API_URL.", map[string]string{"ROBUTLER_API_URL": "https://${HOST}"}, nil},
		{"settings", "upload-root holds an unexpanded ${HOME} (from --upload-root)", "", nil, []string{"--upload-root", "/a,${HOME}/b", "--sandbox", "--sandbox-db", ":memory:"}},
	} {
		environment := map[string]string{"HOME": t.TempDir()}
		maps.Copy(environment, test.environment)
		found, status := diagnose(t, environment, test.arguments...)
		if got := found[test.check]; status != exitFailed || got.Status != doctor.Failed || got.Detail != test.words {
			t.Errorf("%q: %+v", test.arguments, got)
		}
		if !strings.HasPrefix(found["platform"].Fix, test.platform) {
			t.Errorf("%q: %+v", test.arguments, found["platform"])
		}
	}
}

// Doctor speaks to a person, in sentences.
func TestDoctorSpeaksToAPerson(t *testing.T) {
	t.Parallel()
	for _, environment := range []map[string]string{
		{"WEBAGENTS_API_KEY": "${KEY}"}, {}, {"WEBAGENTS_API_KEY": "${user_config.key}"},
		{"WEBAGENTS_API_KEY": "rok_x", "ROBUTLER_API_URL": "http://127.0.0.1:1", "ROBUTLER_MAX_RETRIES": "0"},
		{"ROBUTLER_JOURNAL": "postgres://user:secret@127.0.0.1:1/books", "ROBUTLER_SANDBOX": "true", "ROBUTLER_SANDBOX_DB": ":memory:"},
	} {
		environment["HOME"] = t.TempDir()
		if environment["ROBUTLER_API_URL"] == "" && environment["ROBUTLER_SANDBOX"] == "" {
			environment["ROBUTLER_API_URL"] = "::::"
		}
		got := execute(t, environment, "doctor", "--json")
		var report struct{ Findings []doctor.Finding }
		if err := json.Unmarshal([]byte(got.stdout), &report); err != nil {
			t.Fatal(err)
		}
		for _, finding := range report.Findings {
			text := finding.Detail + "\n" + finding.Fix
			for _, slip := range []string{"the user", "Please W", "Please put the key itself", "call again", "Call again", "\t", "secret"} {
				if strings.Contains(text, slip) {
					t.Errorf("%q in %+v", slip, finding)
				}
			}
			if finding.Fix != "" && strings.ToUpper(finding.Fix[:1]) != finding.Fix[:1] {
				t.Errorf("no sentence: %+v", finding)
			}
		}
	}
}

// What models get and where money is written down is said in full.
func TestDoctorShowsToolsAndJournal(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	journal := filepath.Join(home, "books", "journal.db")
	found, _ := diagnose(t, map[string]string{"HOME": home}, "--sandbox", "--sandbox-db", ":memory:", "--toolsets", "agents,keys", "--journal", journal)
	if got := found["tools"].Detail; !strings.HasPrefix(got, "15 tools of the toolsets agents, keys: ") || !strings.Contains(got, " bytes in tools/list, about ") || !strings.HasSuffix(got, " tokens of a model's context") {
		t.Error(got)
	}
	if got := found["journal"]; got.Status != doctor.OK || got.Detail != journal+" can be written" {
		t.Errorf("%+v", got)
	}
	if found, _ = diagnose(t, map[string]string{"HOME": home}, "--sandbox", "--sandbox-db", ":memory:", "--exclude-tools", "get_credits", "--tools", "get_credits"); found["tools"].Status != doctor.Failed || !strings.HasPrefix(found["tools"].Detail, "no tool is left") {
		t.Errorf("%+v", found["tools"])
	}
	if got := found["journal"]; got.Detail != "in memory, where it ends with the server" {
		t.Errorf("%+v", got)
	}
	found, _ = diagnose(t, map[string]string{"HOME": home}, "--sandbox", "--sandbox-db", ":memory:", "--journal", "/dev/null/journal.db")
	if got := found["journal"]; got.Status != doctor.Failed || !strings.HasPrefix(got.Detail, "/dev/null/journal.db cannot be written") {
		t.Errorf("%+v", got)
	}
}

// A key that is not to be had is one finding among others: the network is examined all the same.
func TestDoctorGoesOnWithoutTheKey(t *testing.T) {
	t.Parallel()
	environment := map[string]string{"HOME": t.TempDir(), "ROBUTLER_API_URL": "http://127.0.0.1:1", "ROBUTLER_MAX_RETRIES": "0"}
	for flag, value := range map[string]string{"api-key-file": "/absent/key", "api-key-command": "/absent/store"} {
		found, status := diagnose(t, environment, "--"+flag, value)
		if got := found["key"]; status != exitFailed || got.Status != doctor.Failed || !strings.Contains(got.Detail, value) || !strings.Contains(got.Fix, "set by --"+flag) {
			t.Errorf("%+v", got)
		}
		if found["reached"].Status != doctor.Failed || found["journal"].Status != doctor.OK {
			t.Errorf("%+v", found)
		}
	}
}

// Some write the arguments as they would type them.
func TestDoctorFindsArgumentsThatAreNoList(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	environment := map[string]string{"HOME": home}
	path := filepath.Join(home, ".cursor", "mcp.json")
	if _, got := installed(t, environment, "--sandbox"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), "[")
	_, after, _ := strings.Cut(rest, "]")
	if err := os.WriteFile(path, []byte(before+`"stdio --sandbox"`+after), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, _ := diagnose(t, environment, "--sandbox", "--sandbox-db", ":memory:"); found["client"].Status != doctor.Failed || !strings.Contains(found["client"].Detail, `unknown command "stdio --sandbox"`) {
		t.Errorf("%+v", found["client"])
	}
}

// A client may reach the server at an address, and then starts nothing. An entry with neither does nothing.
func TestDoctorKnowsEntriesWithoutAProgram(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		file, text string
		status     doctor.Status
		words      string
	}{
		{".cursor/mcp.json", `{"mcpServers":{"robutler":{"url":"http://127.0.0.1:8080/mcp?key=rok_dddd"}}}`, doctor.Skipped, "Cursor starts nothing: by "},
		{".codeium/windsurf/mcp_config.json", `{"mcpServers":{"robutler":{"serverUrl":"http://127.0.0.1:8080/mcp"}}}`, doctor.Skipped, "reaches this server at an address"},
		{".codex/config.toml", "[mcp_servers.robutler]\nurl = \"http://127.0.0.1:8080/mcp\"\n", doctor.Skipped, "Codex starts nothing: by "},
		{".cursor/mcp.json", `{"mcpServers":{"robutler":{"args":["stdio"]}}}`, doctor.Failed, "names no program to start"},
	} {
		home := t.TempDir()
		path := filepath.Join(home, filepath.FromSlash(test.file))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		found, got := diagnose(t, map[string]string{"HOME": home}, "--sandbox", "--sandbox-db", ":memory:")
		if finding := found["client"]; finding.Status != test.status || !strings.Contains(finding.Detail, test.words) || strings.Contains(finding.Detail, "rok_dddd") {
			t.Errorf("%s: %+v", test.text, finding)
		}
		if failed := test.status == doctor.Failed; failed != (got == 1) {
			t.Errorf("%s: exit status %d", test.text, got)
		}
	}
}

// A file of settings that others can change is refused, by the command and by what clients start.
func TestDoctorFindsAFileThatOthersCanChange(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("rights are not kept in modes")
	}
	home := t.TempDir()
	environment := map[string]string{"HOME": home}
	settings := filepath.Join(home, "s.yaml")
	if err := os.WriteFile(settings, []byte("sandbox: true\nsandbox-db: ':memory:'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, got := installed(t, environment, "--config", settings); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	if err := os.Chmod(settings, 0o666); err != nil {
		t.Fatal(err)
	}
	found, status := diagnose(t, environment, "--config", settings)
	for _, check := range []string{"settings", "client"} {
		if got := found[check]; status != exitFailed || got.Status != doctor.Failed || !strings.Contains(got.Detail, "chmod go-w "+settings) {
			t.Errorf("%+v", got)
		}
	}
}
