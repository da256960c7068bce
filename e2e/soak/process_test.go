package soak

import (
	"bufio"
	"net"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// process is a running process of the program.
type process struct {
	command  *exec.Cmd
	address  string
	profiles string // the address of its profiles; none if it has none
}

// started waits until a process has said everything that is looked for, and gives it. It must end cleanly.
func started(t *testing.T, c *exec.Cmd, output *bufio.Scanner, wanted ...*regexp.Regexp) []string {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Errorf("%s ended with %v", c.Args[1], err)
		}
	})
	found := make([]string, len(wanted))
	for left := len(wanted); left > 0; {
		if !output.Scan() {
			t.Fatalf("%s ended", c.Args[1])
		}
		for i, expression := range wanted {
			if match := expression.FindStringSubmatch(output.Text()); match != nil && found[i] == "" {
				found[i] = match[1]
				left--
			}
		}
	}
	go func() {
		for output.Scan() {
		}
	}()
	return found
}

// startPlatform starts the embedded platform on its own, and gives the environment that leads to it.
func startPlatform(t *testing.T) []string {
	t.Helper()
	c := exec.Command(program.Path(t), "sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:")
	c.Env = []string{"HOME=" + t.TempDir()}
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	return started(t, c, bufio.NewScanner(pipe), regexp.MustCompile(`^(ROBUTLER_API_URL=.+)$`), regexp.MustCompile(`^(WEBAGENTS_API_KEY=.+)$`))
}

// startServer starts the server whose memory counts.
func startServer(t *testing.T, environment []string) *process {
	t.Helper()
	home := t.TempDir()
	flags := []string{"http", "--addr", "127.0.0.1:0", "--toolsets", "all", "--max-spend-per-day", "1000"}
	s := &process{}
	if help, err := exec.Command(program.Path(t), "http", "--help-all").Output(); err == nil && strings.Contains(string(help), "--pprof-addr") {
		s.profiles = freeAddress(t)
		flags = append(flags, "--pprof-addr", s.profiles)
	}
	s.command = exec.Command(program.Path(t), flags...)
	s.command.Env = append([]string{"HOME=" + home}, environment...)
	pipe, err := s.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.address = started(t, s.command, bufio.NewScanner(pipe), regexp.MustCompile(`Streamable HTTP\s+http://(\S+)/mcp`))[0]
	return s
}

// freeAddress gives a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
