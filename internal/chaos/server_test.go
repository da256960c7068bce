package chaos

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/cli"
)

// serverVariable makes the test binary the server under test.
const serverVariable = "CHAOS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverVariable) != "" {
		os.Exit(cli.Main(os.Args[1:], cli.SystemStreams()))
	}
	os.Exit(m.Run())
}

// settings are those of a server under test.
type settings struct {
	journal, home, mode string
	perCall, perDay     string
	timeout             string
}

// server is a server under test in a process of its own.
type server struct {
	process *exec.Cmd
	stderr  tail
	// ended is closed when the process is gone and all of its answers were read.
	ended chan struct{}
	exit  error

	// writing is held for a line at a time.
	writing sync.Mutex
	in      io.WriteCloser

	// mu guards what follows.
	mu      sync.Mutex
	next    int
	waiting map[string]*pending
	closing bool
	killed  bool
	// abandoned counts requests that a server which ended by itself, its input closed, never answered.
	abandoned int
	hungUp    bool
}

// reply is what came of a request: the result, or that it was lost.
type reply struct {
	lost   bool
	result json.RawMessage
	fault  json.RawMessage
}

func startServer(url string, with settings) (*server, error) {
	s := &server{ended: make(chan struct{}), waiting: map[string]*pending{}}
	s.process = exec.Command(os.Args[0], "stdio", "--base-url", url, "--journal", with.journal, "--confirm", with.mode,
		"--toolsets", "all", "--max-spend-per-call", with.perCall, "--max-spend-per-day", with.perDay, "--timeout", with.timeout)
	s.process.Env = []string{serverVariable + "=1", "HOME=" + with.home, "TMPDIR=" + with.home, "WEBAGENTS_API_KEY=rok_chaos", "GOGC=off", "GOMEMLIMIT=96MiB"}
	s.process.Stderr = &s.stderr
	var err error
	if s.in, err = s.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go s.listen(out)
	hello := s.request("initialize", map[string]any{
		"protocolVersion": "2025-06-18", "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "chaos", "version": "1"},
	})
	s.write(map[string]any{"jsonrpc": "2.0", "method": "notifications/initialized"})
	if greeting := <-hello.reply; greeting.lost || greeting.result == nil {
		s.kill()
		return nil, fmt.Errorf("the server does not start: %s", s.stderr.String())
	}
	return s, nil
}

// listen hands answers out until there are no more; then whatever is still waited for is lost.
func (s *server) listen(out io.Reader) {
	lines := bufio.NewReaderSize(out, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var message struct {
			ID            json.RawMessage
			Result, Error json.RawMessage
		}
		if json.Unmarshal(line, &message) != nil || message.ID == nil {
			continue
		}
		s.mu.Lock()
		waiting, ok := s.waiting[string(message.ID)]
		delete(s.waiting, string(message.ID))
		s.mu.Unlock()
		if ok {
			waiting.reply <- reply{result: message.Result, fault: message.Error}
		}
	}
	s.exit = s.process.Wait()
	s.mu.Lock()
	for id, waiting := range s.waiting {
		waiting.reply <- reply{lost: true}
		delete(s.waiting, id)
		if s.hungUp && !s.killed && waiting.written {
			s.abandoned++
		}
	}
	s.closing = true
	s.mu.Unlock()
	close(s.ended)
}

// pending is a request whose answer has not come.
type pending struct {
	id      string
	reply   chan reply
	written bool // wholly, with the server reading
}

func (s *server) request(method string, params any) *pending {
	s.mu.Lock()
	s.next++
	sent := &pending{id: strconv.Itoa(s.next), reply: make(chan reply, 1)}
	if s.closing {
		s.mu.Unlock()
		sent.reply <- reply{lost: true}
		return sent
	}
	s.waiting[sent.id] = sent
	s.mu.Unlock()
	if s.write(map[string]any{"jsonrpc": "2.0", "id": json.RawMessage(sent.id), "method": method, "params": params}) {
		s.mu.Lock()
		sent.written = true
		s.mu.Unlock()
	}
	return sent
}

func (s *server) call(tool string, arguments map[string]any) *pending {
	return s.request("tools/call", map[string]any{"name": tool, "arguments": arguments})
}

// cancel tells the server that the answer is no longer wanted, and gives it up.
func (s *server) cancel(sent *pending) {
	const method = "notifications/cancelled" //nolint:misspell // the protocol spells it so
	s.write(map[string]any{"jsonrpc": "2.0", "method": method, "params": map[string]any{"requestId": json.RawMessage(sent.id)}})
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.waiting[sent.id]; ok {
		delete(s.waiting, sent.id)
		sent.reply <- reply{lost: true}
	}
}

// write sends a line, and tells whether it left as a whole.
func (s *server) write(message any) bool {
	line, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, err = s.in.Write(append(line, '\n'))
	return err == nil
}

// kill ends the process at once.
func (s *server) kill() {
	s.mu.Lock()
	s.killed, s.closing = true, true
	s.mu.Unlock()
	_ = s.process.Process.Kill()
	<-s.ended
}

// hangUp closes the input, and terminate sends SIGTERM. Both let the server end by itself.
func (s *server) hangUp() {
	s.mu.Lock()
	s.hungUp, s.closing = true, true
	s.mu.Unlock()
	s.writing.Lock()
	defer s.writing.Unlock()
	_ = s.in.Close()
}

func (s *server) terminate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	_ = s.process.Process.Signal(syscall.SIGTERM)
}

// tail keeps the end of what a server says, for whoever looks into a failure.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text.Len() > 1<<16 {
		t.text.Reset()
	}
	return t.text.Write(p)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
