package cli

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/doctor"
)

// TestConfigWritesNothingThatIsRefused: a client would be told of a server that does not start.
func TestConfigWritesNothingThatIsRefused(t *testing.T) {
	t.Parallel()
	for flags, words := range map[string]string{
		"--sandbox --toolsets bogus":         `unknown toolset "bogus"`,
		"--sandbox --tools get_credit":       "did you mean get_credits?",
		"--sandbox --max-retries 99":         "the retries must be between 0 and 10",
		"--timeout -5s":                      "the timeout must be positive",
		"--sandbox --confirm maybe":          "set --confirm",
		"--sandbox --max-spend-per-day -1":   "set --max-spend-per-day",
		"--sandbox --sandbox-profile 1999":   "set the sandbox profile",
		"--sandbox --log-level loud":         "none of debug",
		"--sandbox --log-format xml":         "set log format",
		"--base-url http://robutler.example": "must be https",
		"--sandbox --upload-root no-such":    "open upload root",
		"--read-only --tools create_agent":   "no tool is left",
	} {
		environment, path := home(t, "vscode", "")
		for _, command := range [][]string{{"config", "vscode", "--install"}, {"config", "vscode"}, {"call", "get_credits"}} {
			got := execute(t, environment, append(command, strings.Fields(flags)...)...)
			if got.status != exitUsage || !strings.Contains(got.stderr, words) || got.stdout != "" {
				t.Errorf("%v %s: %+v", command, flags, got)
			}
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a file was written: %v", flags, err)
		}
	}
}

// TestDoctorBlamesTheSettingItself and not the platform for a value that no setting can have.
func TestDoctorBlamesTheSettingItself(t *testing.T) {
	t.Parallel()
	for flags, words := range map[string]string{
		"--sandbox --sandbox-db :memory: --timeout -5s": "the timeout must be positive",
		"--sandbox --sandbox-db :memory: --timeout 0s":  "the timeout must be positive",
		"--max-retries 99": "the retries must be between 0 and 10",
	} {
		found, _ := diagnose(t, map[string]string{"HOME": t.TempDir()}, strings.Fields(flags)...)
		if got := found["settings"]; got.Status != doctor.Failed || !strings.Contains(got.Detail, words) || !strings.Contains(got.Fix, "Correct it where it is set") {
			t.Errorf("%s: %+v", flags, got)
		}
		if got, ok := found["platform"]; ok && got.Status == doctor.Failed {
			t.Errorf("%s: %+v", flags, got)
		}
	}
}
