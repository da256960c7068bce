package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// shownBlock is a block of shell commands of a page; run says whether it is to be run, typed what somebody types meanwhile.
type shownBlock struct {
	line   int
	script string
	run    bool
	typed  string
}

const (
	// notRun begins the comment above a block that is not run; the reason follows. internal/docs checks its command lines.
	notRun = "<!-- not run: "
	// typed begins the comment above a block that waits for a line; the line follows.
	typed = "<!-- typed: "
)

// shownBlocks gives the blocks of a page.
func shownBlocks(page string) []shownBlock {
	var blocks []shownBlock
	var script strings.Builder
	fence, start, above := "", 0, ""
	for number, line := range strings.Split(page, "\n") {
		switch trimmed := strings.TrimSpace(line); {
		case strings.HasPrefix(trimmed, "```") && fence == "":
			fence, start = trimmed, number+2
			script.Reset()
		case trimmed == "```":
			if fence == "```sh" {
				block := shownBlock{line: start, script: script.String(), run: !strings.HasPrefix(above, notRun)}
				if line, ok := strings.CutPrefix(above, typed); ok {
					block.typed = strings.TrimSuffix(line, " -->") + "\n"
				}
				blocks = append(blocks, block)
			}
			fence, above = "", ""
		case fence != "":
			script.WriteString(line + "\n")
		case trimmed != "":
			above = trimmed
		}
	}
	return blocks
}

// TestShownCommands follows every page of docs from top to bottom, in an empty folder, with a home of its own and the
// program on the PATH. A block of commands ends within a minute and succeeds, or serves: then it goes on until the page
// ends, for the blocks below, and ends well when it is interrupted.
func TestShownCommands(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%v, %v", pages, err)
	}
	ran := 0
	for _, path := range pages {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		blocks := shownBlocks(string(text))
		for _, block := range blocks {
			if block.run {
				ran++
			}
		}
		t.Run(filepath.Base(path), func(t *testing.T) { follow(t, blocks) })
	}
	if ran < 15 {
		t.Errorf("only %d blocks of commands are run", ran)
	}
}

// TestShownCommandsCanFail makes sure that a wrong command is noticed.
func TestShownCommandsCanFail(t *testing.T) {
	folder, home := t.TempDir(), t.TempDir()
	for _, script := range []string{"robutler-mcp tools --jason", "robutler-mcp call get_credit --sandbox", "false\ntrue", "absent-program"} {
		if output, err := runBlock(t.Context(), folder, shownEnvironment(t, home), script, ""); err == nil {
			t.Errorf("%q succeeds: %s", script, output)
		}
	}
	page := "text\n```sh\ntrue\n```\n<!-- not run: it fails -->\n```sh\nfalse\n```\n```json\n{}\n```\n<!-- typed: a b -->\n```sh\nread -r line\n```\n"
	blocks := shownBlocks(page)
	if !slices.Equal(blocks, []shownBlock{{3, "true\n", true, ""}, {7, "false\n", false, ""}, {14, "read -r line\n", true, "a b\n"}}) {
		t.Errorf("%+v", blocks)
	}
	script := `read -r line && [ "$line" = "a b" ]`
	if output, err := runBlock(t.Context(), folder, shownEnvironment(t, home), script, blocks[2].typed); err != nil {
		t.Errorf("it does not hear what is typed: %v\n%s", err, output)
	}
}

func shownEnvironment(t *testing.T, home string) []string {
	t.Helper()
	return []string{"HOME=" + home, "PATH=" + filepath.Dir(program.Path(t)) + string(os.PathListSeparator) + os.Getenv("PATH")}
}

// follow runs the blocks of a page in turn. Of those that are not run it makes sure that bash can read them.
func follow(t *testing.T, blocks []shownBlock) {
	t.Helper()
	folder, environment := t.TempDir(), shownEnvironment(t, t.TempDir())
	for _, block := range blocks {
		switch {
		case !block.run:
			if output, err := exec.CommandContext(t.Context(), "bash", "-n", "-c", block.script).CombinedOutput(); err != nil {
				t.Errorf("line %d: %v\n%s%s", block.line, err, block.script, output)
			}
		case serves(block.script):
			serveBlock(t, folder, environment, block)
		default:
			if output, err := runBlock(t.Context(), folder, environment, block.script, block.typed); err != nil {
				t.Errorf("line %d: %v\n%s%sWhat cannot be run here has %sREASON --> above it.", block.line, err, block.script, output, notRun)
			}
		}
	}
}

// serves reports whether a block serves until it is interrupted.
func serves(script string) bool {
	inFront := !strings.Contains(script, "&\n")
	return inFront && (strings.HasPrefix(script, "robutler-mcp http") || strings.HasPrefix(script, "robutler-mcp sandbox"))
}

// runBlock runs a block as bash does, with -e: the first command that fails ends it. What it left running ends with it.
func runBlock(ctx context.Context, folder string, environment []string, script, typed string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	shell.Dir, shell.Env, shell.Stdin = folder, environment, strings.NewReader(typed)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	output, err := os.CreateTemp(folder, ".output")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(output.Name()) }()
	shell.Stdout, shell.Stderr = output, output // no pipe: what goes on in the background would hold it open
	ended := shell.Run()
	if shell.Process != nil {
		_ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) // there is rarely anybody left
	}
	printed, err := os.ReadFile(output.Name())
	return printed, errors.Join(ended, err, output.Close())
}

// serveBlock starts a block that serves, waits until it says so, and has it interrupted when the page ends.
func serveBlock(t *testing.T, folder string, environment []string, block shownBlock) {
	t.Helper()
	shell := exec.CommandContext(context.Background(), "bash", "-euc", "exec "+strings.TrimSpace(block.script))
	shell.Dir, shell.Env = folder, environment
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	shell.Stdout, shell.Stderr = writer, writer
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	served, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		said := false
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			printed.WriteString(lines.Text() + "\n")
			if !said && strings.Contains(lines.Text(), "Ctrl-C ends it.") {
				said = true
				close(served)
			}
		}
	}()
	select {
	case <-served:
	case <-done:
		_ = shell.Wait()
		t.Fatalf("line %d: it does not serve:\n%s%s", block.line, block.script, printed.String())
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := shell.Process.Signal(syscall.SIGINT); err != nil {
			t.Error(err)
		}
		<-done
		if err := shell.Wait(); err != nil {
			t.Errorf("line %d: it ends with %v:\n%s", block.line, err, printed.String())
		}
	})
}

// TestShownPrograms runs the tests of docs/examples, which docs/sandbox.md shows, as their readers do.
func TestShownPrograms(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string]string{
		"go":         "cd .. && go test -count=1 -tags sandbox ./docs/examples",
		"python":     "cd ../docs/examples && python3 -B -m unittest test_agent",
		"typescript": `cp ../docs/examples/*.json ../docs/examples/*.ts "$FOLDER" && cd "$FOLDER" && npm ci --no-progress --loglevel=error --ignore-scripts && npm test`,
	} {
		t.Run(name, func(t *testing.T) {
			environment := append(readmeEnvironment(t.TempDir()), "E2E="+here, "FOLDER="+t.TempDir(), shownEnvironment(t, "")[1])
			if registry, err := exec.Command("npm", "config", "get", "registry").Output(); err == nil {
				environment = append(environment, "npm_config_registry="+strings.TrimSpace(string(registry)))
			}
			if output, err := runBlock(t.Context(), t.TempDir(), environment, `cd "$E2E"; `+script, ""); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}
