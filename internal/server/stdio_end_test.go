package server

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

// endless is an input that never ends.
type endless struct{ line string }

func (e endless) Read(p []byte) (int, error) { return copy(p, e.line), nil }

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
	input := endless{strings.Repeat(`{"jsonrpc":"2.0","id":1,"method":"ping"}`+"\n", 100)}
	go func() { ended <- c.read(t.Context(), &lineReader{in: bufio.NewReader(input), max: maxMessage}) }()
	if err := receive(t, ended, "the end of the reading"); err != nil {
		t.Error(err)
	}
	if err := c.end(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}
