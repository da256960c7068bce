package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// Before initialize is answered, tools that change something are refused; what is sent behind it in one write is served
// in order.
func TestStdioBeforeInitialize(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	run.send(callLine("1", "pay", `{"text":"a"}`))
	if answer := answerTo(t, run, "1"); answer.Error == nil || answer.Error.Code != codeInvalidRequest ||
		!strings.Contains(answer.Error.Message, "initialize") {
		t.Errorf("a money call: %+v", answer)
	}
	for id, line := range map[string]string{
		"2": callLine("2", "echo", `{"text":"a"}`), "3": `{"jsonrpc":"2.0","id":3,"method":"ping"}`,
		"4": modernCall("4", "pay"), "5": `{"jsonrpc":"2.0","id":5,"method":"tools/list"}`,
	} {
		run.send(line)
		if answer := answerTo(t, run, id); answer.Error != nil {
			t.Errorf("%s: %+v", line, answer.Error)
		}
	}
	run.send(`{"jsonrpc":"2.0","id":6,"method":"initialize","params":5}`) // refused: nothing is initialized
	answerTo(t, run, "6")
	run.send(callLine("7", "pay", `{"text":"a"}`))
	if answer := answerTo(t, run, "7"); answer.Error == nil {
		t.Errorf("a money call: %+v", answer)
	}
	go func() {
		_, _ = io.WriteString(run.in, initializeLine+"\n"+`{"jsonrpc":"2.0","method":"notifications/initialized"}`+"\n"+
			callLine("8", "pay", `{"text":"a"}`)+"\n")
	}()
	answerTo(t, run, "0")
	if answer := answerTo(t, run, "8"); answer.Error != nil {
		t.Errorf("behind initialize: %+v", answer.Error)
	}
	_ = run.in.Close()
	run.end()
}

// An id is free as soon as its answer is out.
func TestStdioIdsAreFreeWithTheirAnswer(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	for i := range 2000 {
		line := callLine("1", "echo", `{"text":"a"}`)
		if i%2 == 0 {
			line = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
		}
		run.send(line)
		if answer := answerTo(t, run, "1"); answer.Error != nil {
			t.Fatalf("use %d: %+v", i, answer.Error)
		}
	}
	_ = run.in.Close()
	run.end()
}

// Ids that a float would make one are two, and none is the text of the other.
func TestStdioTellsIdsApart(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startStdio(t, s)
	ids := []string{`9007199254740992`, `9007199254740993`, `"9007199254740993"`, `-9007199254740993`, `1`, `"1"`, `123456789012345678901234567890`}
	for _, id := range ids {
		run.send(callLine(id, "wait", `{"text":"`+strings.Trim(id, `"`)+`"}`))
		receive(t, f.started, "the call")
	}
	run.send(cancelLine(`{"requestId":"1"}`))
	receive(t, f.givenUp, "the end of one")
	close(f.release)
	_ = run.in.Close()
	answers := run.rest()
	run.end()
	for _, id := range ids {
		if got := string(answers[id].Result); (id == `"1"`) != (got == "") || !strings.Contains(got, strings.Trim(id, `"`)) && got != "" {
			t.Errorf("%s: %s", id, got)
		}
	}
}

// A refusal bears the id of its message, unless a request that is under way has the same.
func TestStdioRefusesUnderTheIDWhenThatIsSafe(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startStdio(t, s)
	const wrong = `{"jsonrpc":"2.0","id":1,"METHOD":"ping"}`
	run.send(wrong)
	answerTo(t, run, "1")
	run.send(callLine("1", "wait", `{"text":"a"}`))
	receive(t, f.started, "the call")
	run.send(wrong)
	answerTo(t, run, "null")
	close(f.release)
	if answer := answerTo(t, run, "1"); answer.Result == nil {
		t.Errorf("got %+v", answer)
	}
	_ = run.in.Close()
	run.end()
}

// Whatever breaks while a request is handled, the client gets an answer that says nothing of the inside.
func TestStdioAnswersWhatBreaks(t *testing.T) {
	s, log := newTestServer(t, newFakes())
	schema := json.RawMessage(`{"type":"object"}`)
	s.mcp.AddTool(mcp.NewToolWithRawSchema("cyclic", "x", schema), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultStructuredOnly(make(chan int)), nil
	})
	s.mcp.AddTool(mcp.NewToolWithRawSchema("outside", "x", schema), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		panic(canary)
	})
	run := startStdio(t, s)
	for id, tool := range map[string]string{"1": "cyclic", "2": "outside"} {
		run.send(callLine(id, tool, `{}`))
		answer := answerTo(t, run, id)
		if answer.Error == nil || answer.Error.Code != codeInternalError || !strings.Contains(answer.Error.Message, "reference") ||
			strings.Contains(string(answer.Error.Data)+answer.Error.Message, canary) || strings.Contains(answer.Error.Message, "chan") {
			t.Errorf("%s: %+v", tool, answer.Error)
		}
	}
	if strings.Count(log.String(), "reference=") < 2 {
		t.Errorf("the log: %s", log)
	}
	_ = run.in.Close()
	run.end()
}

// stuckWriter takes nothing until it is let go.
type stuckWriter struct{ held, release chan struct{} }

func (w stuckWriter) Write(p []byte) (int, error) {
	select {
	case w.held <- struct{}{}:
	default:
	}
	<-w.release
	return len(p), nil
}

// A client that reads nothing does not keep the server from ending.
func TestStdioEndsThoughTheClientReadsNothing(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	s.drain = time.Millisecond
	out := stuckWriter{make(chan struct{}, 1), make(chan struct{})}
	defer close(out.release)
	in, feed := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- s.ServeStdio(t.Context(), in, out) }()
	for i := range 40 {
		if _, err := io.WriteString(feed, callLine(strconv.Itoa(i), "echo", `{"text":"a"}`)+"\n"+`{"jsonrpc":"2.0"}`+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	<-out.held
	_ = feed.Close()
	if err := receive(t, ended, "the end"); !errors.Is(err, errNotReading) {
		t.Errorf("got %v", err)
	}
}

// The drain begins with the end of the input, and not before.
func TestStdioTellsWhenItsDrainEnds(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	c := newHandClock()
	s.clock = c
	run := startStdio(t, s)
	run.hello()
	if !s.DrainEnd().IsZero() {
		t.Error("it drains from the start")
	}
	_ = run.in.Close()
	run.end()
	if want := c.now().Add(drainTime); !s.DrainEnd().Equal(want) {
		t.Errorf("got %v, want %v", s.DrainEnd(), want)
	}
}
