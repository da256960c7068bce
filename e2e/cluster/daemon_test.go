package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startTime bounds how long a program may take until it serves.
const startTime = time.Minute

// daemon is a program that runs until it is stopped.
type daemon struct {
	name    string
	command *exec.Cmd
	log     string
	// ended is closed once the program ended; err says how.
	ended chan struct{}
	err   error
}

// launch starts a program whose output goes to a file.
func launch(name, log string, command *exec.Cmd) (*daemon, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	command.Stdout, command.Stderr = file, file
	if err := errors.Join(command.Start(), file.Close()); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	d := &daemon{name: name, command: command, log: log, ended: make(chan struct{})}
	go func() {
		defer close(d.ended)
		d.err = command.Wait()
	}()
	return d, nil
}

// end sends a signal and waits until the program is gone.
func (d *daemon) end(signal syscall.Signal) error {
	_ = d.command.Process.Signal(signal) // it may have ended by itself
	select {
	case <-d.ended:
		return d.err
	case <-time.After(startTime):
		_ = d.command.Process.Kill()
		<-d.ended
		return fmt.Errorf("%s did not end within %v of %v", d.name, startTime, signal)
	}
}

// await tries something until it works or the program ends.
func (d *daemon) await(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-d.ended:
			return fmt.Errorf("%s ended: %w\n%s", d.name, errors.Join(d.err, err), tail(d.log))
		case <-ctx.Done():
			return fmt.Errorf("%s does not serve: %w\n%s", d.name, err, tail(d.log))
		case <-again.C:
		}
	}
}

// answers asks for a path until the answer is 200.
func answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
		if err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s answers %d", url, response.StatusCode)
		}
		return errors.Join(err, response.Body.Close())
	}
}

// tail is the end of a log.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}

// ports hands out loopback ports that are free now, each once.
type ports struct {
	mu    sync.Mutex
	given map[int]bool
}

func (p *ports) free(t testing.TB) int {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := listener.Addr().(*net.TCPAddr).Port
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		if !p.given[port] {
			p.given[port] = true
			return port
		}
	}
}

// binary is the program under test, as make build leaves it.
func binary(t testing.TB) string {
	t.Helper()
	path := os.Getenv("ROBUTLER_MCP_BINARY")
	if path == "" {
		path = "../../bin/robutler-mcp"
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(absolute); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return absolute
}

// TestMain leaves the package alone unless it was asked for: it takes minutes, HAProxy and PostgreSQL.
func TestMain(m *testing.M) {
	if os.Getenv("CLUSTER_CALLS") == "" {
		fmt.Fprintln(os.Stderr, "NOT TESTED here: make cluster runs this")
		return
	}
	os.Exit(m.Run())
}

// need finds a program that the test cannot do without.
func need(t testing.TB, what string, find func() (string, error)) string {
	t.Helper()
	path, err := find()
	if err != nil {
		t.Fatalf("find %s: %v", what, err)
	}
	return path
}

// firstLine finds the line of a log that begins so, and gives the rest of it.
func firstLine(log, prefix string) (string, error) {
	text, err := os.ReadFile(log) //nolint:gosec // the test's own
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return strings.TrimSpace(rest), nil
		}
	}
	return "", fmt.Errorf("%s has no line %s", filepath.Base(log), prefix)
}
