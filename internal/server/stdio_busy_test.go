package server

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// fill keeps every worker busy, and as many calls more waiting. Their ids count from 1.
func fill(t *testing.T, run *stdioRun, f *fakes, waiting int) {
	t.Helper()
	for i := 1; i <= stdioWorkers; i++ {
		run.send(callLine(strconv.Itoa(i), "stubborn", `{"text":"runs"}`))
	}
	for range stdioWorkers {
		receive(t, f.started, "a call")
	}
	for i := stdioWorkers + 1; i <= stdioWorkers+waiting; i++ {
		run.send(callLine(strconv.Itoa(i), "echo", `{"text":"waited"}`))
	}
}

// answerTo gives the next answer, which must be that of an id.
func answerTo(t *testing.T, run *stdioRun, id string) rpcAnswer {
	t.Helper()
	answer, ok := run.next()
	if !ok || string(answer.ID) != id {
		t.Fatalf("want an answer to %s, got %+v", id, answer)
	}
	return answer
}

// Whatever does not call a tool is answered while no call gets on, in both eras.
func TestStdioAnswersWhileEveryWorkerIsBusy(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startStdio(t, s)
	run.hello()
	fill(t, run, f, stdioQueue)
	for method, params := range map[string]string{
		"ping": `{}`, "tools/list": `{}`, "server/discover": `{` + modernMeta + `}`,
	} {
		run.send(`{"jsonrpc":"2.0","id":"` + method + `","method":"` + method + `","params":` + params + `}`)
		if answer := answerTo(t, run, `"`+method+`"`); answer.Error != nil {
			t.Errorf("%s: %+v", method, answer.Error)
		}
	}
	// A call that waits is given up: it makes room, and its id is free at once.
	run.send(cancelLine(`{"requestId":50}`))
	run.send(callLine("50", "echo", `{"text":"instead"}`))
	close(f.release)
	_ = run.in.Close()
	answers := run.rest()
	run.end()
	if len(answers) != stdioWorkers+stdioQueue || !strings.Contains(string(answers["50"].Result), "instead") {
		t.Errorf("%d answers, to 50: %s", len(answers), answers["50"].Result)
	}
}

// Calls beyond the queue are told so once no worker gets on, and only those.
func TestStdioRefusesCallsBeyondTheQueue(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	c := newHandClock()
	s.clock = c
	run := startStdio(t, s)
	run.hello()
	fill(t, run, f, stdioQueue+2)
	run.send(`{"jsonrpc":"2.0","id":"ping","method":"ping"}`)
	answerTo(t, run, `"ping"`)
	told := make(chan struct{})
	go func() { // the first beat sees how far the workers are, another that they have not got on
		for {
			select {
			case c.beats <- c.now():
			case <-told:
				return
			}
		}
	}()
	for i := 1; i <= 2; i++ {
		refused := answerTo(t, run, strconv.Itoa(stdioWorkers+stdioQueue+i))
		if refused.Error == nil || refused.Error.Code != codeOverloaded || !strings.Contains(string(refused.Error.Data), `"retryable":true`) ||
			!strings.Contains(refused.Error.Message, "retry") {
			t.Errorf("got %+v", refused)
		}
	}
	close(told)
	close(f.release)
	_ = run.in.Close()
	answers := run.rest()
	run.end()
	if len(answers) != stdioWorkers+stdioQueue {
		t.Errorf("%d answers", len(answers))
	}
	for id, answer := range answers {
		if answer.Error != nil {
			t.Errorf("%s: %+v", id, answer.Error)
		}
	}
}

// A script that sends many short calls at once is served, not refused.
func TestStdioServesABurst(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	s.drain = patience // a slow machine may need it
	run := startStdio(t, s)
	const calls = 5 * stdioQueue
	go func() {
		for i := range calls {
			_, _ = io.WriteString(run.in, callLine(strconv.Itoa(i), "echo", `{"text":"a"}`)+"\n")
		}
		_ = run.in.Close()
	}()
	answers := run.rest()
	run.end()
	good := 0
	for _, answer := range answers {
		if answer.Error == nil {
			good++
		}
	}
	if good != calls {
		t.Errorf("%d good answers of %d", good, len(answers))
	}
}

// A call that is given up while it waits never runs, whenever the client says so.
func TestStdioNeverRunsACancelledCallThatWaits(t *testing.T) {
	f := newFakes()
	ran := make(chan string, 64)
	note := tools.Spec{Name: "note", Title: "Note", Description: "Notes.", Toolset: tools.ToolsetAgents, Class: client.Create}
	s, err := New(Options{Version: "1", Catalog: collect(t, append(f.all(),
		tools.Define(note, func(_ context.Context, in echoInput) (echoOutput, error) {
			ran <- in.Text
			return echoOutput(in), nil
		}))...)})
	if err != nil {
		t.Fatal(err)
	}
	run := startStdio(t, s)
	run.hello()
	fill(t, run, f, 0)
	for i := range 40 {
		meta := ""
		if i%2 == 0 {
			meta = "," + modernMeta
		}
		run.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"n%d","method":"tools/call","params":{"name":"note","arguments":{"text":"%d"}%s}}`, i, i, meta))
		if i > 0 {
			run.send(cancelLine(fmt.Sprintf(`{"requestId":"n%d"}`, i)))
		}
	}
	run.send(cancelLine(`{"requestId":1}`)) // it runs; there is no answer either
	run.send(`{"jsonrpc":"2.0","id":"ping","method":"ping"}`)
	answerTo(t, run, `"ping"`)
	close(f.release)
	_ = run.in.Close()
	answers := run.rest()
	run.end()
	if len(answers) != stdioWorkers || answers[`"n0"`].Result == nil || answers["1"].ID != nil {
		t.Errorf("%d answers", len(answers))
	}
	if len(ran) != 1 || <-ran != "0" {
		t.Error("a call ran that was given up")
	}
}

// What runs beside the calls is bounded, too.
func TestStdioBoundsOtherRequests(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	started, release := make(chan struct{}, maxRequests), make(chan struct{})
	s.mcp.AddResource(mcp.NewResource("slow:it", "it"), func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		started <- struct{}{}
		<-release
		return []mcp.ResourceContents{}, nil
	})
	run := startStdio(t, s)
	read := func(i int) {
		run.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"resources/read","params":{"uri":"slow:it"}}`, i))
	}
	for i := range maxRequests {
		read(i)
	}
	for range maxRequests {
		receive(t, started, "a request")
	}
	read(-1)
	if answer := answerTo(t, run, "-1"); answer.Error == nil || answer.Error.Code != codeOverloaded {
		t.Errorf("got %+v", answer)
	}
	close(release)
	_ = run.in.Close()
	if answers := run.rest(); len(answers) != maxRequests || answers["0"].Error != nil {
		t.Errorf("%d answers", len(answers))
	}
	run.end()
}
