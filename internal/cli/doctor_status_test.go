package cli

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/clients"
	"github.com/robutlerai/robutler-mcp/internal/doctor"
)

// A clock that is off is wrong, and which one is ahead is said in words. The log, which says it too, is silent.
func TestDoctorComparesClocks(t *testing.T) {
	t.Parallel()
	for off, want := range map[time.Duration]string{
		-20 * time.Minute: "this machine's clock is ahead of the platform's by 20 minutes", 20 * time.Minute: "this machine's clock is behind the platform's by 20 minutes",
		5 * time.Hour: "behind the platform's by 5 hours", 72 * time.Hour: "behind the platform's by 3 days", time.Minute: "agrees",
	} {
		platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"status":"ok","user":{"id":"u","name":"Dana"},"totalCredits":"1","usedCredits":"0","availableCredits":"1"}`))
		}))
		environment := map[string]string{"HOME": t.TempDir(), "WEBAGENTS_API_KEY": "rok_x", "ROBUTLER_API_URL": platform.URL, "ROBUTLER_MAX_RETRIES": "0"}
		found, status := diagnose(t, environment)
		wrong := off != time.Minute
		if got := found["clock"]; !strings.Contains(got.Detail, want) || (got.Status == doctor.Failed) != wrong || (status == exitFailed) != wrong {
			t.Errorf("%s: %d, %+v", off, status, found)
		}
		if got := execute(t, environment, "doctor", "--log-level", "warn"); wrong && got.stderr == "" {
			t.Error("the log is silent though it was asked for")
		}
		platform.Close()
	}
}

// What cannot be used at all is a finding, with the status of one, also where it stops the rest.
func TestDoctorReportsWhatStopsIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, check, words string
		arguments          []string
	}{
		{"a profile of the sandbox", "platform", "does not start", []string{"--sandbox", "--sandbox-profile", "2027"}},
		{"its database", "platform", "does not start", []string{"--sandbox", "--sandbox-db", filepath.Join(os.DevNull, "x.db")}},
		{"a mode of consent", "settings", `set --confirm: "never"`, []string{"--confirm", "never"}},
		{"a limit", "settings", "set --max-spend-per-day", []string{"--max-spend-per-day", "much"}},
		{"a folder that is gone", "settings", "open upload root", []string{"--upload-root", filepath.Join(os.DevNull, "x")}},
		{"a log level", "settings", "set log level", []string{"--log-level", "loud"}},
		{"the journal", "journal", "so that calls which move money are refused: ", []string{"--journal", filepath.Join(os.DevNull, "x.db")}},
	} {
		found, status := diagnose(t, map[string]string{"HOME": t.TempDir(), "ROBUTLER_API_URL": "http://127.0.0.1:1", "ROBUTLER_MAX_RETRIES": "0"}, test.arguments...)
		if got := found[test.check]; status != exitFailed || got.Status != doctor.Failed || !strings.Contains(got.Detail, test.words) {
			t.Errorf("%s: %d, %+v", test.name, status, found)
		}
	}
}

// A journal that cannot be written hinders nobody who only reads.
func TestDoctorLeavesOutAJournalThatNothingNeeds(t *testing.T) {
	t.Parallel()
	found, status := diagnose(t, map[string]string{"HOME": t.TempDir()}, "--sandbox", "--sandbox-db", ":memory:", "--read-only", "--journal", filepath.Join(os.DevNull, "x.db"))
	if status != 0 || found["journal"].Status != doctor.Skipped {
		t.Errorf("%d, %+v", status, found["journal"])
	}
}

// The placeholder is no key, wherever it stands, and who left it in a client's file is sent there.
func TestDoctorTellsThePlaceholderFromAKey(t *testing.T) {
	t.Parallel()
	nowhere := map[string]string{"ROBUTLER_API_URL": "http://127.0.0.1:1", "ROBUTLER_MAX_RETRIES": "0"}
	for _, variable := range []string{"WEBAGENTS_API_KEY", "ROBUTLER_API_KEY"} {
		environment := map[string]string{"HOME": t.TempDir(), variable: clients.Placeholder}
		maps.Copy(environment, nowhere)
		found, status := diagnose(t, environment)
		if got := found["key"]; status != exitFailed || got.Status != doctor.Failed || !strings.Contains(got.Fix, "Put the key itself into "+variable+`, which holds "your key"`) {
			t.Errorf("%s: %+v", variable, got)
		}
	}
	home := t.TempDir()
	environment := map[string]string{"HOME": home}
	maps.Copy(environment, nowhere)
	file := filepath.Join(home, "key")
	if err := os.WriteFile(file, []byte(clients.Placeholder+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, _ := diagnose(t, environment, "--api-key-file", file); found["key"].Status != doctor.Failed || !strings.Contains(found["key"].Detail, "in place of a key") {
		t.Errorf("%+v", found["key"])
	}
	installed(t, environment)
	found, _ := diagnose(t, environment)
	if got := found["key"]; got.Status != doctor.Failed || !strings.HasPrefix(got.Fix, `Put your key in place of "your key" in `+filepath.Join(home, ".cursor", "mcp.json")) {
		t.Errorf("%+v", got)
	}
}

// At a narrow terminal words stay whole, and what belongs together stands below each other.
func TestDoctorAtANarrowTerminal(t *testing.T) {
	t.Parallel()
	environment := map[string]string{"HOME": t.TempDir(), "COLUMNS": "60", "NO_COLOR": "1", "ROBUTLER_API_URL": "http://127.0.0.1:1", "ROBUTLER_MAX_RETRIES": "0"}
	got := executeWith(t, Streams{In: strings.NewReader(""), Environment: lookup(environment), OutTerminal: true}, "doctor")
	for line := range strings.Lines(got.stdout) {
		if words := strings.Fields(line); widthOf(strings.TrimSuffix(line, "\n")) > 60 && len(words) > 3 { // a path is one word
			t.Errorf("%q", line)
		}
	}
	if want := "✗ key         there is none\n              -> Set WEBAGENTS_API_KEY to your API key, or\n                 use --sandbox; keys are made at\n                 https://robutler.ai/developer.\n"; !strings.Contains(got.stdout, want) {
		t.Errorf("%s", got.stdout)
	}
}

// Some containers have no home folder; the rest is examined all the same.
func TestDoctorWithoutAHome(t *testing.T) {
	t.Setenv("HOME", "")
	t.Setenv("USERPROFILE", "")
	t.Setenv("XDG_DATA_HOME", "")
	found, status := diagnose(t, map[string]string{}, "--sandbox", "--sandbox-db", ":memory:")
	if status != 0 || found["client"].Status != doctor.Skipped || found["account"].Status != doctor.OK {
		t.Errorf("%d, %+v", status, found)
	}
	if found, status := diagnose(t, map[string]string{}, "--sandbox"); status != exitFailed || found["platform"].Status != doctor.Failed || found["journal"].Status != doctor.Failed {
		t.Errorf("%d, %+v", status, found)
	}
}
