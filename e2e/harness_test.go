package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// command prepares the program with a home of its own and no settings.
func command(ctx context.Context, t testing.TB, arguments ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(ctx, program.Path(t), arguments...)
	c.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	return c
}

// process is a running server.
type process struct {
	address string
	pid     int
	stderr  *lines
}

// lines gathers what a process prints.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(line + "\n")
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve starts the http command on a free port and waits until it says where it listens. It must end cleanly.
func serve(t testing.TB, arguments ...string) *process {
	t.Helper()
	c := command(context.Background(), t, append([]string{"http", "--addr", "127.0.0.1:0"}, arguments...)...)
	pipe, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	started := &process{pid: c.Process.Pid, stderr: &lines{}}
	found := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		scanner := bufio.NewScanner(pipe)
		for scanner.Scan() {
			started.stderr.add(scanner.Text())
			if _, rest, ok := strings.Cut(scanner.Text(), "http://"); ok && strings.HasSuffix(rest, "/mcp") {
				found <- strings.TrimSuffix(rest, "/mcp")
			}
		}
	}()
	select {
	case started.address = <-found:
	case <-done:
		t.Fatalf("the server ended:\n%s", started.stderr)
	}
	t.Cleanup(func() {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("signal: %v", err)
		}
		<-done
		if err := c.Wait(); err != nil {
			t.Errorf("the server ended with %v:\n%s", err, started.stderr)
		}
	})
	return started
}

// answering starts a server over stdio that has answered once. The caller ends it and waits for it.
func answering(t testing.TB) (c *exec.Cmd, input io.WriteCloser, output *bufio.Reader) {
	t.Helper()
	c = command(context.Background(), t, "stdio", "--sandbox", "--sandbox-db", ":memory:")
	input, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() }) // unless it has ended
	if _, err := io.WriteString(input, `{"jsonrpc":"2.0","id":1,"method":"ping"}`+"\n"); err != nil {
		t.Fatal(err)
	}
	output = bufio.NewReader(pipe)
	if answer, err := output.ReadString('\n'); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return c, input, output
}

// era is a revision of the protocol that a client insists on.
type era struct{ name, version string }

// eras are one of each kind: with and without sessions.
func eras() []era {
	return []era{{"legacy", "2025-11-25"}, {"modern", "2026-07-28"}}
}

// transports gives, by name, what connects to a fresh server of each kind, which offers all tools.
func transports() map[string]func(*testing.T) mcp.Transport {
	flags := []string{"--sandbox", "--sandbox-db", ":memory:", "--toolsets", "all", "--max-spend-per-call", "5"}
	return map[string]func(*testing.T) mcp.Transport{
		"stdio": func(t *testing.T) mcp.Transport {
			t.Helper()
			return &mcp.CommandTransport{Command: command(context.Background(), t, append([]string{"stdio"}, flags...)...)}
		},
		"http": func(t *testing.T) mcp.Transport {
			t.Helper()
			return &mcp.StreamableClientTransport{Endpoint: "http://" + serve(t, flags...).address + "/mcp"}
		},
		"sse": func(t *testing.T) mcp.Transport {
			t.Helper()
			return &mcp.SSEClientTransport{Endpoint: "http://" + serve(t, flags...).address + "/sse"}
		},
	}
}

func connect(t *testing.T, transport mcp.Transport, version string) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "e2e", Version: "1"}, nil)
	session, err := client.Connect(context.WithoutCancel(t.Context()), transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return session
}

// call calls a tool and checks that text and structure say the same.
func call(t *testing.T, session *mcp.ClientSession, name string, arguments map[string]any) map[string]any {
	t.Helper()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if result.IsError {
		t.Fatalf("%s: %s", name, textOf(t, result))
	}
	structured, ok := result.StructuredContent.(map[string]any)
	if !ok {
		t.Fatalf("%s: no structured content", name)
	}
	var fromText map[string]any
	if err := json.Unmarshal([]byte(textOf(t, result)), &fromText); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if a, b := encode(t, structured), encode(t, fromText); a != b {
		t.Errorf("%s: structure %s, text %s", name, a, b)
	}
	return structured
}

func textOf(t *testing.T, result *mcp.CallToolResult) string {
	t.Helper()
	if len(result.Content) == 0 {
		t.Fatal("no content")
	}
	text, ok := result.Content[0].(*mcp.TextContent)
	if !ok {
		t.Fatalf("content is %T", result.Content[0])
	}
	return text.Text
}

func encode(t testing.TB, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// run runs the program to its end and gives what it printed and its exit status.
func run(t testing.TB, stdin string, arguments ...string) (stdout, stderr string, status int) {
	t.Helper()
	c := command(context.Background(), t, arguments...)
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errs
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}
