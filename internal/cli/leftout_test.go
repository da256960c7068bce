package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestACallOfAToolThatIsLeftOut is told from one of a tool that there is not, and says which setting it is.
func TestACallOfAToolThatIsLeftOut(t *testing.T) {
	t.Parallel()
	file := writeFile(t, filepath.Join(t.TempDir(), "settings.yaml"), "read-only: true\n")
	for name, test := range map[string]struct {
		environment map[string]string
		tool        string
		flags       []string
		by          string
	}{
		"read only":     {nil, "create_agent name=q instructions=x", []string{"--read-only"}, "It is left out by --read-only. "},
		"no money":      {nil, "lock_payment token=x amount_usd=1", []string{"--no-money"}, "It is left out by --no-money. "},
		"excluded":      {nil, "get_credits", []string{"--exclude-tools", "get_credits"}, "It is left out by --exclude-tools. "},
		"not asked for": {nil, "get_credits", []string{"--tools", "get_user", "--no-money"}, "It is left out by --tools. "},
		"two":           {nil, "settle_payment lock_id=x", []string{"--no-money", "--read-only"}, "It is left out by --read-only and --no-money. "},
		"variable":      {map[string]string{"ROBUTLER_TOOLSETS": "agents"}, "get_credits", nil, "It is left out by ROBUTLER_TOOLSETS. "},
		"file":          {nil, "create_agent name=q instructions=x", []string{"--config", file}, "It is left out by read-only in "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			words := append([]string{"call"}, strings.Fields(test.tool)...)
			got := execute(t, test.environment, append(words, append(test.flags, "--sandbox", "--sandbox-db", ":memory:")...)...)
			want := "robutler-mcp: not_enabled: the tool " + words[1] + " is not enabled in this configuration\n  " + test.by
			if got.status != exitUsage || !strings.HasPrefix(got.stderr, want) || strings.Contains(got.stderr, "did you mean") || got.stdout != "" {
				t.Errorf("want %q, got %+v", want, got)
			}
			for _, command := range suggested(t, got.stderr) {
				if listed := execute(t, test.environment, command...); listed.status != exitOK || strings.Contains(listed.stdout, words[1]+" ") {
					t.Errorf("%q: %+v", command, listed)
				}
			}
		})
	}
}
