package packaging

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// generated writes manual pages and completions into a fresh folder.
func generated(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	generate := exec.CommandContext(t.Context(), "go", "run", "./packaging/generate", folder)
	generate.Dir = "../.."
	generate.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1700000000")
	if output, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return folder
}

func find(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(found), err)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// bash runs a script with the built program in its path.
func bash(t *testing.T, script string, arguments ...string) string {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "bash", append([]string{"--norc", "-c", script, "bash"}, arguments...)...)
	shell.Env = []string{"PATH=" + filepath.Dir(program.Path(t)) + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	var complaints bytes.Buffer
	shell.Stderr = &complaints
	output, err := shell.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%v: %s%s", err, output, &complaints)
	}
	return string(output)
}

// complete presses the tab key at the end of a line, as bash does with bash-completion loaded.
const complete = `
source /usr/share/bash-completion/bash_completion
source "$1"
declaration=$(complete -p robutler-mcp)
compopt() { :; } # it works below a real key press alone
COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9
read -ra COMP_WORDS <<<"$2"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
function=${declaration##*-F } function=${function%% *}
"$function"
printf '%s\n' "${COMPREPLY[@]}"
`

// TestCompletions loads the script of bash and completes a command, a tool, an argument and values of flags with it; of the other shells'
// scripts it sees that they are for this program.
func TestCompletions(t *testing.T) {
	folder := generated(t)
	script := filepath.Join(folder, "completions", "robutler-mcp.bash")
	bash(t, `bash -n "$1"`, script)
	for line, want := range map[string]string{
		"robutler-mcp doc":                          "doctor",
		"robutler-mcp call search_ag":               "search_agents",
		"robutler-mcp call get_agent --sandbox age": "agent",
		"robutler-mcp http --auth pass":             "passthrough",
		"robutler-mcp tools --toolsets agents,cont": "agents,content\nagents,content:ro",

		"robutler-mcp call upload_content path=" + folder + "/comp": folder + "/completions/",
	} {
		if got := strings.TrimSpace(bash(t, complete, script, line)); !strings.HasPrefix(got, want) {
			t.Errorf("%s<tab> gives %q, not %s", line, got, want)
		}
	}
	for name, want := range map[string]string{
		"robutler-mcp.zsh":  "#compdef robutler-mcp\n",
		"robutler-mcp.fish": "complete -c robutler-mcp ",
		"robutler-mcp.ps1":  "Register-ArgumentCompleter -CommandName 'robutler-mcp' ",
	} {
		if !strings.Contains(read(t, filepath.Join(folder, "completions", name)), want) {
			t.Errorf("%s lacks %q", name, want)
		}
	}
}

// TestManualPages renders every page without a warning, and finds a page for each command of the help.
func TestManualPages(t *testing.T) {
	pages := find(t, filepath.Join(generated(t), "man", "*.1"))
	var names []string
	for _, path := range pages {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".1"))
		render := exec.CommandContext(t.Context(), "groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-P-cbou", path)
		var warnings bytes.Buffer
		render.Stderr = &warnings
		text, err := render.Output()
		if err != nil || warnings.Len() > 0 {
			t.Errorf("%s: %v: %s", path, err, &warnings)
		}
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SEE ALSO"} {
			if !strings.Contains(string(text), section) {
				t.Errorf("%s has no %s", path, section)
			}
		}
		if !strings.Contains(string(text), "November 2023") {
			t.Errorf("%s is not dated by SOURCE_DATE_EPOCH", path)
		}
		compareCompressed(t, path)
	}
	help, err := exec.CommandContext(t.Context(), program.Path(t), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, commands, _ := strings.Cut(string(help), "\nCommands:\n")
	commands, _, _ = strings.Cut(commands, "\n\n")
	for line := range strings.Lines(commands) {
		if name := "robutler-mcp-" + strings.Fields(line)[0]; !slices.Contains(names, name) {
			t.Errorf("%s has no page", name)
		}
	}
	if len(names) < 10 || !slices.Contains(names, "robutler-mcp") {
		t.Errorf("pages: %v", names)
	}
}

// compareCompressed looks for a page's twin that packages hold.
func compareCompressed(t *testing.T, path string) {
	t.Helper()
	compressed, err := gzip.NewReader(strings.NewReader(read(t, path+".gz")))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(compressed)
	if err != nil || string(text) != read(t, path) {
		t.Errorf("%s.gz is not %s: %v", path, path, err)
	}
	if compressed.Name != "" || !compressed.ModTime.IsZero() {
		t.Errorf("%s.gz says when or from what it was made", path)
	}
}
