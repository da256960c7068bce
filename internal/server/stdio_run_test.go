package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

// stdioRun is a server on pipes, spoken to in raw lines.
type stdioRun struct {
	t     testing.TB
	in    *io.PipeWriter
	lines *bufio.Scanner
	ended chan error
	stop  context.CancelFunc
}

func startStdio(t testing.TB, s *Server) *stdioRun {
	t.Helper()
	fromTest, in := io.Pipe()
	fromServer, out := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	run := &stdioRun{t: t, in: in, lines: bufio.NewScanner(fromServer), ended: make(chan error, 1), stop: stop}
	run.lines.Buffer(nil, 2*maxMessage)
	go func() {
		err := s.ServeStdio(ctx, fromTest, out)
		_ = out.Close()
		run.ended <- err
	}()
	t.Cleanup(func() {
		stop()
		_ = in.Close()
		_ = fromServer.Close()
	})
	return run
}

func (r *stdioRun) send(line string) {
	r.t.Helper()
	if _, err := io.WriteString(r.in, line+"\n"); err != nil {
		r.t.Fatal(err)
	}
}

// rpcAnswer is a line of the server. It is strict: anything but JSON-RPC on stdout fails the test.
type rpcAnswer struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   *struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	} `json:"error"`
}

// next gives the next line of the server; none at its end.
func (r *stdioRun) next() (rpcAnswer, bool) {
	r.t.Helper()
	if !r.lines.Scan() {
		return rpcAnswer{}, false
	}
	return parseAnswer(r.t, r.lines.Bytes()), true
}

func parseAnswer(t testing.TB, line []byte) rpcAnswer {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	var answer rpcAnswer
	if err := decoder.Decode(&answer); err != nil || answer.JSONRPC != "2.0" {
		t.Fatalf("not JSON-RPC: %q (%v)", line, err)
	}
	return answer
}

// rest gives all further answers by id, leaves out notifications, and fails when one comes twice.
func (r *stdioRun) rest() map[string]rpcAnswer {
	r.t.Helper()
	answers := map[string]rpcAnswer{}
	for {
		answer, ok := r.next()
		if !ok {
			return answers
		}
		if answer.Method != "" {
			continue
		}
		if _, twice := answers[string(answer.ID)]; twice {
			r.t.Errorf("id %s is answered twice", answer.ID)
		}
		answers[string(answer.ID)] = answer
	}
}

func (r *stdioRun) end() {
	r.t.Helper()
	if err := receive(r.t, r.ended, "the end of the server"); err != nil {
		r.t.Errorf("ServeStdio: %v", err)
	}
}

// hello initializes. The library's stdio session is one for the whole process: what an earlier test left in it comes
// first.
func (r *stdioRun) hello() {
	r.t.Helper()
	r.send(initializeLine)
	for {
		if answer, ok := r.next(); !ok || string(answer.ID) == "0" {
			return
		}
	}
}

func callLine(id, tool, arguments string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, id, tool, arguments)
}

// cancelLine gives up a request.
func cancelLine(params string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, mcp.MethodNotificationCancelled, params)
}
