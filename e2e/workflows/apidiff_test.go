package workflows

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheRuleOfVersions walks the script that compares the client with the last release through what a version may break.
// What stands in for apidiff calls the change from "old" to "new" in client/api incompatible; make apidiff runs the real one.
func TestTheRuleOfVersions(t *testing.T) {
	for name, test := range map[string]struct {
		last, next, tag string
		breaks          bool
		status          int
		says            string
	}{
		"no release yet":              {next: "v0.1.0", says: "NO RELEASE YET"},
		"nothing broken":              {last: "v0.1.0", next: "v0.1.0", says: "compatible with v0.1.0"},
		"broken by a patch":           {last: "v0.1.0", next: "v0.1.1", breaks: true, status: 1, says: "must not be"},
		"broken by a minor, before 1": {last: "v0.1.0", next: "v0.2.0", breaks: true, says: "may be"},
		"broken by a minor, after 1":  {last: "v1.1.0", next: "v1.2.0", breaks: true, status: 1, says: "must not be"},
		"broken by a major":           {last: "v1.1.0", next: "v2.0.0", breaks: true, says: "may be"},
		"the tag decides":             {last: "v0.1.0", next: "v0.2.0", tag: "v0.1.1", breaks: true, status: 1, says: "must not be"},
		"the first tag":               {next: "v0.1.0", tag: "v0.1.0", says: "NO RELEASE YET"},
		"no version":                  {last: "v0.1.0", next: "soon", status: 2, says: "is not like"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := repository(t, test.next)
			if test.last != "" {
				git(t, folder, "tag", test.last)
			}
			if test.breaks {
				put(t, filepath.Join(folder, "client", "api"), "new")
			}
			git(t, folder, "commit", "--quiet", "--allow-empty", "--all", "--message", "change")
			if test.tag != "" {
				git(t, folder, "tag", test.tag)
			}
			command := exec.CommandContext(t.Context(), filepath.Join(folder, ".ci", "apidiff"), filepath.Join(folder, "stand-in"))
			command.Env = environment(folder)
			output, _ := command.CombinedOutput()
			if command.ProcessState.ExitCode() != test.status || !strings.Contains(string(output), test.says) {
				t.Errorf("exit status %d:\n%s", command.ProcessState.ExitCode(), output)
			}
			if left := git(t, folder, "worktree", "list"); strings.Count(left, "\n") != 1 {
				t.Errorf("left behind: %s", left)
			}
		})
	}
}

// standIn writes client/api as export data, and calls any change of it incompatible.
const standIn = `#!/bin/sh
case $1 in
-w) cp "$3/api" "$2" ;;
-incompatible) cmp -s "$2" "$3" || echo "- api: changed" ;;
*) cmp -s "$1" "$2" || echo "- api: changed" ;;
esac
`

// repository is one with the script and a client in it.
func repository(t *testing.T, next string) string {
	t.Helper()
	folder := t.TempDir()
	script, err := os.ReadFile("../../.ci/apidiff")
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(folder, ".ci", "apidiff"), string(script))
	put(t, filepath.Join(folder, "stand-in"), standIn)
	put(t, filepath.Join(folder, "client", "api"), "old")
	put(t, filepath.Join(folder, "client", "next-version"), next)
	git(t, folder, "init", "--quiet")
	git(t, folder, "add", ".")
	git(t, folder, "commit", "--quiet", "--message", "first")
	return folder
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// environment keeps git from reading whose machine it is on.
func environment(home string) []string {
	return []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	}
}

func git(t *testing.T, folder string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", arguments...)
	command.Dir, command.Env = folder, environment(folder)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", arguments, err, output)
	}
	return string(output)
}
