package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pipes is a server on pipes, spoken to in raw lines.
type pipes struct {
	t       *testing.T
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	closer  io.Closer
	stderr  *strings.Builder
}

// pipe starts a server, before the platform of an environment if it names one.
func pipe(t *testing.T, environment []string, arguments ...string) *pipes {
	t.Helper()
	c := command(context.Background(), t, append([]string{"stdio", "--toolsets", "all", "--confirm", "off"}, arguments...)...)
	c.Env = append(c.Env, environment...)
	p := &pipes{t: t, command: c, stderr: &strings.Builder{}}
	c.Stderr = p.stderr
	var err error
	if p.in, err = c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out, p.closer = bufio.NewReaderSize(out, 1<<20), out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	p.send(`{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`)
	p.receive()
	return p
}

func (p *pipes) send(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pipes) receive() string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		p.t.Fatalf("%v\n%s", err, p.stderr)
	}
	return line
}

// end waits for the process, and gives its exit status and how long it took.
func (p *pipes) end(since time.Time) (status int, took time.Duration) {
	p.t.Helper()
	_, _ = io.Copy(io.Discard, p.out)
	err := p.command.Wait()
	took = time.Since(since)
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		p.t.Fatal(err)
	}
	return p.command.ProcessState.ExitCode(), took
}

const payLine = `{"jsonrpc":"2.0","id":"pay","method":"tools/call","params":{"name":"redeem_payment_token",` +
	`"arguments":{"token":"` + customersToken + `","amount_usd":"0.2"}}}`

// platform starts the embedded platform as a process of its own, with faults, and gives the environment that leads there.
func platform(t *testing.T, faults ...string) (environment []string) {
	t.Helper()
	arguments := []string{"sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:"}
	for _, fault := range faults {
		arguments = append(arguments, "--fault", fault)
	}
	c := command(context.Background(), t, arguments...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // that it was killed
	})
	lines := bufio.NewScanner(out)
	for len(environment) < 2 && lines.Scan() {
		environment = append(environment, lines.Text())
	}
	return environment
}

// slowPayments is a platform that sits on every payment, and a journal.
func slowPayments(t *testing.T) (environment []string, journal string) {
	t.Helper()
	return platform(t, "POST /api/payments/settle delay=50s"), filepath.Join(t.TempDir(), "journal.db")
}

// TestEndsInTimeWithAPaymentUnderWay ends the server in every way while a payment was sent and is not decided. It must
// not wait for it longer than the drain, and the next start must know of it.
func TestEndsInTimeWithAPaymentUnderWay(t *testing.T) {
	for name, end := range map[string]func(p *pipes) error{
		"SIGTERM":          func(p *pipes) error { return p.command.Process.Signal(syscall.SIGTERM) },
		"SIGINT":           func(p *pipes) error { return p.command.Process.Signal(syscall.SIGINT) },
		"end of the input": func(p *pipes) error { return p.in.Close() },
		"cancelled, then the end": func(p *pipes) error {
			p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"pay"}}`)
			return p.in.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environment, database := slowPayments(t)
			p := pipe(t, environment, "--journal", database)
			p.send(payLine)
			awaitSent(t, database)
			began := time.Now()
			if err := end(p); err != nil {
				t.Fatal(err)
			}
			status, took := p.end(began)
			t.Logf("ended with %d in %v", status, took)
			if status != 0 || took > 12*time.Second {
				t.Errorf("status %d after %v\n%s", status, took, p.stderr)
			}
			if rows := journal(t, database); !strings.Contains(rows, `"unknown"`) && !strings.Contains(rows, `"sent"`) {
				t.Errorf("the journal: %s", rows)
			}
		})
	}
}

// awaitSent waits until the journal says that the payment was sent.
func awaitSent(t *testing.T, database string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if strings.Contains(journal(t, database), `"sent"`) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the payment is not sent")
		}
	}
}

func journal(t *testing.T, database string) string {
	t.Helper()
	stdout, _, _ := run(t, "", "journal", "--json", "--all", "--journal", database)
	return stdout
}

// TestSecondSignalEndsAtOnce does not wait for the drain.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	environment, database := slowPayments(t)
	p := pipe(t, environment, "--journal", database)
	p.send(payLine)
	awaitSent(t, database)
	began := time.Now()
	for range 2 {
		if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond) // signals of one kind that come together are one
	}
	_, took := p.end(began)
	t.Logf("ended in %v", took)
	if took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestEndsWhenTheClientIsGone closes what the server writes to.
func TestEndsWhenTheClientIsGone(t *testing.T) {
	p := pipe(t, nil, "--sandbox", "--sandbox-db", ":memory:")
	_ = p.closer.Close()
	began := time.Now()
	for i := range 3 {
		if _, err := io.WriteString(p.in, `{"jsonrpc":"2.0","id":`+string(rune('1'+i))+`,"method":"ping"}`+"\n"); err != nil {
			break // it has ended
		}
		time.Sleep(50 * time.Millisecond)
	}
	status, took := p.end(began)
	t.Logf("ended with %d in %v", status, took)
	if took > 5*time.Second || status != 1 || !strings.Contains(p.stderr.String(), "write to the client") || strings.Contains(p.stderr.String(), "goroutine") {
		t.Errorf("status %d after %v: %s", status, took, p.stderr)
	}
}

// TestIdleServerEndsWithItsInput is how an orphan ends.
func TestIdleServerEndsWithItsInput(t *testing.T) {
	p := pipe(t, nil, "--sandbox", "--sandbox-db", ":memory:")
	began := time.Now()
	_ = p.in.Close()
	status, took := p.end(began)
	t.Logf("ended with %d in %v", status, took)
	if status != 0 || took > 2*time.Second {
		t.Errorf("status %d after %v: %s", status, took, p.stderr)
	}
}

// errorOf reads an answer that is an error.
func errorOf(t *testing.T, line string) (id string, code int) {
	t.Helper()
	var answer struct {
		ID    json.RawMessage `json:"id"`
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(line), &answer); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return string(answer.ID), answer.Error.Code
}
