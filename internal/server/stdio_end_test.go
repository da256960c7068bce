package server

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

// repeating is an input that never ends.
type repeating struct{ line string }

func (e repeating) Read(p []byte) (int, error) { return copy(p, e.line), nil }

// While the end waits for what is being done, nothing more begins: a wait group must not be waited for and added to.
func TestStdioBeginsNothingOnceItEnds(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	c := s.newStdioConnection(t.Context(), io.Discard)
	if !c.beside(func() {}) {
		t.Error("nothing begins")
	}
	if err := c.end(); err != nil {
		t.Error(err)
	}
	if c.beside(func() { t.Error("it ran") }) {
		t.Error("something began")
	}
	c.working.Wait()
}

// Lines of a client that takes no answers are not read any more, though they never end.
func TestStdioStopsReadingWhoCannotBeAnswered(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	c := s.newStdioConnection(t.Context(), brokenWriter{})
	ended := make(chan error, 1)
	input := repeating{strings.Repeat(`{"jsonrpc":"2.0","id":1,"method":"ping"}`+"\n", 100)}
	go func() { ended <- c.read(t.Context(), &lineReader{in: bufio.NewReader(input), max: maxMessage}) }()
	if err := receive(t, ended, "the end of the reading"); err != nil {
		t.Error(err)
	}
	if err := c.end(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

// Once nothing is read any more, no answer to a question is heard: the call ends at once and does not say that the user
// refused.
func TestStdioEndsQuestionsWithTheInput(t *testing.T) {
	gate := &oneHandle{}
	run := startStdio(t, asking(t, gate))
	run.send(askableLine)
	answerTo(t, run, "0")
	run.send(callLine("5", "delete_api_key", `{"key_id":"k1"}`))
	if question, _ := run.next(); question.Method != "elicitation/create" {
		t.Fatalf("got %+v", question)
	}
	_ = run.in.Close()
	answer := string(answerTo(t, run, "5").Result)
	if gate.executed() != 0 || !strings.Contains(answer, "connection ended") || strings.Contains(answer, "did not agree") {
		t.Errorf("executed %d times, %s", gate.executed(), answer)
	}
	run.end()
}

// A request that is read while the server ends is refused under its id.
func TestStdioRefusesUnderTheIDWhileItEnds(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	out := &syncBuffer{}
	c := s.newStdioConnection(t.Context(), out)
	c.calls.close()
	c.take([]byte(`{"jsonrpc":"2.0","id":"late","method":"ping"}`))
	c.take([]byte(`{"jsonrpc":"2.0","id":8,"METHOD":"ping"}`))
	c.working.Wait()
	if got := out.String(); !strings.Contains(got, `"id":"late"`) || !strings.Contains(got, "shutting down") || !strings.Contains(got, `"id":8`) {
		t.Errorf("got %s", got)
	}
}

// What could not be read may be answered without an id. That is not answered again.
func TestErrorsWithoutAnIDAreIgnored(t *testing.T) {
	const line = `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}`
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	run.send(line)
	run.send(`{"jsonrpc":"2.0","id":1,"method":"ping"}`)
	answerTo(t, run, "1")
	_ = run.in.Close()
	run.end()
	web := startHTTP(t, s, HTTPOptions{})
	response := web.do("POST", "/mcp", line, web.session())
	if got := text(t, response); response.StatusCode != 202 {
		t.Errorf("status %d, %s", response.StatusCode, got)
	}
}
