package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/config"
)

// suggested gives the commands that an error shows, as a shell reads them.
func suggested(t *testing.T, stderr string) [][]string {
	t.Helper()
	var commands [][]string
	for _, line := range regexp.MustCompile(`(?m)^ {4}robutler-mcp (.*)$`).FindAllStringSubmatch(stderr, -1) {
		var words []string
		for _, word := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(line[1], -1) {
			words = append(words, strings.Trim(word, "'"))
		}
		commands = append(commands, words)
	}
	if len(commands) == 0 {
		t.Fatalf("no command is shown: %s", stderr)
	}
	return commands
}

func writeFile(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNextCommandsRunAsTheyAre: what an error shows looks where the call looked, so that it works once it is pasted.
func TestNextCommandsRunAsTheyAre(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := writeFile(t, filepath.Join(folder, "my settings.yaml"),
		"sandbox-db: ':memory:'\nsandbox: true\nprofiles:\n  quiet:\n    read-only: true\n    toolsets: [agents]\n")
	database := filepath.Join(folder, "a database.db")
	for name, test := range map[string]struct {
		environment map[string]string
		arguments   []string
		status      int
	}{
		"sandbox":            {nil, []string{"get_agent", "agent=nope", "--sandbox", "--sandbox-db", database}, exitFailed},
		"file":               {nil, []string{"get_agent", "agent=nope", "--config", file}, exitFailed},
		"profile":            {nil, []string{"get_agent", "agent=nope", "--config", file, "--profile", "quiet"}, exitFailed},
		"file of a variable": {map[string]string{"ROBUTLER_CONFIG": file}, []string{"get_agent", "agent=nope"}, exitFailed},
		"variable beside":    {map[string]string{"ROBUTLER_API_URL": "https://robutler.example"}, []string{"get_agent", "agent=nope", "--sandbox", "--sandbox-db", database}, exitFailed},
		"unknown tool":       {nil, []string{"get_agen", "--config", file, "--profile", "quiet"}, exitUsage},
		"lost agent's file":  {nil, []string{"read_content", "content=x", "agent=nope", "--sandbox", "--sandbox-db", database}, exitFailed},
		"wrong arguments":    {nil, []string{"get_agent", "--config", file, "--profile", "quiet"}, exitUsage},
		"no object":          {nil, []string{"get_agent", "--config", file, "--args", `{agent:"x"}`}, exitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := execute(t, test.environment, append([]string{"call"}, test.arguments...)...)
			if failed.status != test.status {
				t.Fatalf("%+v", failed)
			}
			for _, command := range suggested(t, failed.stderr) {
				if got := execute(t, nil, command...); got.status != exitOK || got.stdout == "" {
					t.Errorf("%q: %+v", command, got)
				}
			}
		})
	}
}

// TestNextCommandsHaveTheFlagsOfTheCall, those that hold no secret.
func TestNextCommandsHaveTheFlagsOfTheCall(t *testing.T) {
	t.Parallel()
	const dead = "http://127.0.0.1:1"
	folder := t.TempDir()
	key := writeFile(t, filepath.Join(folder, "key"), "rok_0123456789abcdef")
	for name, test := range map[string]struct {
		environment map[string]string
		flags       []string
		want        string
	}{
		"key file":             {nil, []string{"--base-url", dead, "--api-key-file", key}, " doctor --base-url " + dead + " --api-key-file " + key + " --max-retries 0\n"},
		"variables":            {map[string]string{"ROBUTLER_API_URL": dead, "ROBUTLER_API_KEY_FILE": key}, nil, " doctor --base-url " + dead + " --api-key-file " + key + " --max-retries 0\n"},
		"key of a variable":    {map[string]string{"ROBUTLER_API_KEY": "rok_0123456789abcdef", "ROBUTLER_API_KEY_FILE": key}, []string{"--base-url", dead}, " doctor --base-url " + dead + " --max-retries 0\n"},
		"program":              {nil, []string{"--base-url", dead, "--api-key-command", "cat," + key}, " --api-key-command cat --api-key-command " + key + " "},
		"program with the key": {nil, []string{"--base-url", dead, "--api-key-command", "echo,rok_0123456789abcdef"}, " doctor --base-url " + dead + " --max-retries 0\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, test.environment, append([]string{"call", "get_credits", "--max-retries", "0"}, test.flags...)...)
			if got.status != exitFailed || !strings.Contains(got.stderr, test.want) || strings.Contains(got.stderr, "rok_") {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestCarriedFlagsGoTogether: what a variable holds beside --sandbox would be refused as a flag.
func TestCarriedFlagsGoTogether(t *testing.T) {
	t.Parallel()
	flags, settings := pflag.NewFlagSet("", pflag.ContinueOnError), &config.Config{}
	settings.AddShared(flags)
	if err := flags.Parse([]string{"--sandbox"}); err != nil {
		t.Fatal(err)
	}
	if err := settings.Load(flags, lookup(map[string]string{"ROBUTLER_API_URL": "https://robutler.example", "ROBUTLER_TOOLS": "get_credits"})); err != nil {
		t.Fatal(err)
	}
	if got := quoted(carried(flags, settings)); got != " --sandbox --tools get_credits" {
		t.Errorf("%q", got)
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	if got, want := quoted([]string{"a=b/c.d", "", "it's", "{a,b}", "~x", "日本"}), ` a=b/c.d '' 'it'\''s' '{a,b}' '~x' 日本`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
