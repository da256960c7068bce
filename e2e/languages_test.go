package e2e

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestOtherLanguages lets programs in other languages use the sandbox command as their platform.
func TestOtherLanguages(t *testing.T) {
	c := command(context.Background(), t, "sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:")
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	})
	// What the command prints is what the programs read from their environment.
	environment := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	scanner := bufio.NewScanner(pipe)
	for len(environment) < 4 && scanner.Scan() {
		environment = append(environment, scanner.Text())
	}
	for name, program := range map[string][]string{"python": {"python3", "languages/robutler.py"}, "node": {"node", "languages/robutler.mjs"}} {
		run := exec.CommandContext(t.Context(), program[0], program[1:]...)
		run.Env = environment
		output, err := run.CombinedOutput()
		if err != nil || !strings.Contains(string(output), name+": ok") {
			t.Errorf("%s: %v\n%s", name, err, output)
		}
	}
}
