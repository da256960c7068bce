package hostile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// server is a running process of the program.
type server struct {
	t       testing.TB
	command *exec.Cmd
	home    string
	address string // of an HTTP server
	bearer  string // what its clients say who they are; none when it asks nobody
	stdin   io.WriteCloser
	stdout  io.ReadCloser
	stderr  *output
	// ended is closed when the process is gone and what it printed is read; state then tells how it ended.
	ended chan struct{}
	state *os.ProcessState
}

// output gathers what a process prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) add(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.WriteString(line + "\n")
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// settings is how a server is started.
type settings struct {
	platform    *gateway // none for the embedded platform
	direct      bool     // past the gateway, which would be what is measured
	keyless     bool     // its callers have keys, and it has none
	home        string   // none for a new one
	environment []string
	flags       []string
	wrap        func(*exec.Cmd) // changes the command, if it is set
}

// prepare gives the command of a server.
func (s *settings) prepare(t testing.TB, name string, arguments ...string) *exec.Cmd {
	t.Helper()
	if s.home == "" {
		s.home = t.TempDir()
	}
	c := exec.Command(program.Path(t), append(append([]string{name}, arguments...), s.flags...)...)
	c.Env = append([]string{"HOME=" + s.home, "PATH=" + os.Getenv("PATH")}, s.environment...)
	if s.platform != nil {
		address := s.platform.url
		if s.direct {
			address = s.platform.behind
		}
		c.Env = append(c.Env, "ROBUTLER_API_URL="+address)
		if !s.keyless {
			c.Env = append(c.Env, "WEBAGENTS_API_KEY="+s.platform.key)
		}
	}
	if s.wrap != nil {
		s.wrap(c)
	}
	return c
}

// offering is what most rows start a server with: every tool, and room for payments.
func offering(platform *gateway, flags ...string) settings {
	given := []string{"--toolsets", "all", "--max-spend-per-call", "5", "--max-spend-per-day", "1000", "--max-retries", "0"}
	if platform == nil {
		given = append(given, "--sandbox", "--sandbox-db", ":memory:")
	}
	return settings{platform: platform, flags: append(given, flags...)}
}

// startStdio starts a server whose stdin and stdout the test holds.
func startStdio(t testing.TB, given settings) *server {
	t.Helper()
	s := &server{t: t, command: given.prepare(t, "stdio")}
	var err error
	if s.stdin, err = s.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if s.stdout, err = s.command.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	s.start(given.home, func(string) {})
	return s
}

var serving = regexp.MustCompile(`Streamable HTTP\s+https?://(\S+)/mcp`)

// startHTTP starts a server on a free port and waits until it says where it listens.
func startHTTP(t testing.TB, given settings) *server {
	t.Helper()
	s := &server{t: t, command: given.prepare(t, "http", "--addr", "127.0.0.1:0")}
	found := make(chan string, 1)
	s.start(given.home, func(line string) {
		if match := serving.FindStringSubmatch(line); match != nil {
			found <- match[1]
		}
	})
	select {
	case s.address = <-found:
	case <-s.ended:
		t.Fatalf("the server ended:\n%s", s.stderr)
	}
	return s
}

// start starts the process and reads what it says. It is killed at the end of the test if the test has not ended it.
func (s *server) start(home string, heed func(line string)) {
	s.t.Helper()
	s.home, s.stderr, s.ended = home, &output{}, make(chan struct{})
	pipe, err := s.command.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(s.ended)
		scanner := bufio.NewScanner(pipe)
		for scanner.Scan() {
			s.stderr.add(scanner.Text())
			heed(scanner.Text())
		}
		s.state, _ = s.command.Process.Wait() // the state tells how it ended
	}()
	s.t.Cleanup(func() {
		_ = s.command.Process.Kill() // it may be gone
		<-s.ended
		if s.stdin != nil {
			_, _ = s.stdin.Close(), s.stdout.Close()
		}
	})
}

// status is the exit status of a process that has ended.
func (s *server) status() int {
	s.t.Helper()
	<-s.ended
	if s.state == nil {
		return -1
	}
	return s.state.ExitCode()
}

// signal sends a signal.
func (s *server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// awaitEnd waits for the process to end and gives how long that took. The bound is for a server that never does.
func (s *server) awaitEnd(bound time.Duration) time.Duration {
	s.t.Helper()
	began := time.Now()
	select {
	case <-s.ended:
	case <-time.After(bound):
		s.t.Fatalf("the server goes on after %s", bound)
	}
	return time.Since(began)
}

// peak is the most memory that the process has held, in KiB, since the last call of forget.
func (s *server) peak() int { return s.memory("VmHWM:") }

// resident is the memory of its own that the process holds now, in KiB. Pages of its file come and go.
func (s *server) resident() int { return s.memory("RssAnon:") }

func (s *server) memory(field string) int {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, field); found {
			size, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			if err != nil {
				s.t.Fatal(err)
			}
			return size
		}
	}
	s.t.Fatalf("the system does not tell %s", field)
	return 0
}

// forget makes peak start again from what the process holds now.
func (s *server) forget() {
	s.t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.command.Process.Pid), []byte("5"), 0o600); err != nil {
		s.t.Fatal(err)
	}
}
