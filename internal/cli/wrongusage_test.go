package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWrongUsage sees that each mistake ends with status 2 and one line that says what is right.
func TestWrongUsage(t *testing.T) {
	t.Parallel()
	list := "list_agents, get_agent"
	settings := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(settings, []byte("tool-sets: all\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, c := range map[string]struct{ want, never string }{
		"config a b":                        {"one client at a time", "arg(s)"},
		"config cursr":                      {"did you mean cursor?", "windsurf"},
		"config nothing":                    {"the clients are claude-desktop", ""},
		"completion":                        {"one of bash, zsh, fish, powershell", ""},
		"completion bsh":                    {"did you mean bash?", "fish"},
		"completion tcsh-like":              {"one of bash, zsh", ""},
		"completion bash zsh":               {"one of bash, zsh", ""},
		"help cal":                          {"did you mean call?", ""},
		"help journal verfy":                {"did you mean verify?", ""},
		"journal verfy":                     {"did you mean verify?", ""},
		"journal verify x":                  {"takes no argument", ""},
		"journal settle x":                  {"the id of a call", ""},
		"journal settle x done":             {"succeeded or rejected", ""},
		"version x":                         {"see robutler-mcp version --help", ""},
		"stdio --toolset agents":            {"did you mean --toolsets?", ""},
		"tools --jason":                     {"did you mean --json?", ""},
		"tools --zzzzzzzzz":                 {"see robutler-mcp tools --help", "did you mean"},
		"tools -z":                          {"see robutler-mcp tools --help", "did you mean"},
		"tools --timeout":                   {"needs an argument", ""},
		"tools --timeout soon":              {`"soon" is no duration, such as 30s`, "invalid argument"},
		"tools --toolsets a\"b":             {"is no list, such as a,b", "invalid argument"},
		"tools --read-only=maybe":           {"takes no value", "ParseBool"},
		"tools --tools list_agent":          {"did you mean list_agents?", list},
		"tools --toolsets agent":            {"did you mean agents?", "facilitator"},
		"tools --toolsets zzz":              {"the toolsets are default, all", ""},
		"tools --config " + settings:        {"did you mean toolsets?", "base-url"},
		"call list_agent --sandbox-db x":    {"add --sandbox", ""},
		"call get_credits {\"a\":1}":        {"as an object with --args", ""},
		"call get_credits --json {\"a\":1}": {"as an object with --args", ""},
		"call --json {\"a\":1} get_credits": {"as an object with --args", ""},
		"call get_credits --json={\"a\":1}": {"as an object with --args", "ParseBool"},
		"call get_credits --json=1x":        {"takes no value", ""},
		"call get_credits --json -o text":   {"leave out one of --json and --output text", ""},
	} {
		got := execute(t, nil, strings.Fields(line)...)
		if got.status != 2 || got.stdout != "" || strings.Count(got.stderr, "\n") != 1 || !strings.Contains(got.stderr, c.want) || (c.never != "" && strings.Contains(got.stderr, c.never)) {
			t.Errorf("%s: %+v", line, got)
		}
	}
}
