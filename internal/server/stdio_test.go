package server

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestStdioAnswersEveryCallOfAPipe(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	const calls = 1000
	go func() {
		_, _ = io.WriteString(run.in, initializeLine+"\n"+`{"jsonrpc":"2.0","method":"notifications/initialized"}`+"\n")
		for i := 1; i <= calls; i++ {
			_, _ = io.WriteString(run.in, callLine(strconv.Itoa(i), "echo", fmt.Sprintf(`{"text":"%d"}`, i))+"\n")
		}
		_ = run.in.Close()
	}()
	answers := run.rest()
	run.end()
	if len(answers) != calls+1 {
		t.Fatalf("%d answers to %d requests", len(answers), calls+1)
	}
	for i := 1; i <= calls; i++ {
		answer := answers[strconv.Itoa(i)]
		if want := fmt.Sprintf(`"structuredContent":{"text":"%d"}`, i); !strings.Contains(string(answer.Result), want) {
			t.Fatalf("call %d: %s", i, answer.Result)
		}
	}
}

func TestStdioServesALastLineWithoutNewline(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	go func() {
		_, _ = io.WriteString(run.in, callLine(`"last"`, "echo", `{"text":"a"}`))
		_ = run.in.Close()
	}()
	if answers := run.rest(); !strings.Contains(string(answers[`"last"`].Result), `"text":"a"`) {
		t.Errorf("got %v", answers)
	}
	run.end()
}

func TestStdioEndOfInputWaitsForARunningCall(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startStdio(t, s)
	run.send(callLine("1", "wait", `{"text":"kept"}`))
	receive(t, f.started, "the call")
	_ = run.in.Close()
	close(f.release)
	if answers := run.rest(); !strings.Contains(string(answers["1"].Result), `"kept"`) {
		t.Errorf("got %v", answers)
	}
	run.end()
}

func TestStdioEndOfContextStopsReadingAndDrains(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startStdio(t, s)
	run.send(callLine("1", "wait", `{"text":"kept"}`))
	receive(t, f.started, "the call")
	run.stop()
	close(f.release)
	if answers := run.rest(); !strings.Contains(string(answers["1"].Result), `"kept"`) {
		t.Errorf("got %v", answers)
	}
	run.end()
}

func TestStdioAnswersCallsThatDoNotEnd(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	s.drain = time.Millisecond
	run := startStdio(t, s)
	run.send(callLine("1", "wait", `{"text":"a"}`))
	run.send(callLine("2", "stubborn", `{"text":"b"}`))
	receive(t, f.started, "the first call")
	receive(t, f.started, "the second call")
	_ = run.in.Close()
	answers := run.rest()
	run.end()
	if got := string(answers["1"].Result); !strings.Contains(got, `\"code\":\"canceled\"`) || !strings.Contains(got, `"isError":true`) {
		t.Errorf("the call that heeds its context: %s", got)
	}
	if answers["2"].Error == nil || answers["2"].Error.Code != codeInternalError {
		t.Errorf("the call that does not: %+v", answers["2"])
	}
	close(f.release)
}

func TestStdioRefusesWhatIsNoMessage(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	tests := map[string]struct {
		line string
		code int
		id   string // that the refusal bears
	}{
		"oversize":              {`{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("a", maxMessage) + `"}`, codeInvalidRequest, "null"},
		"not JSON":              {`{"jsonrpc":`, codeParseError, "null"},
		"batch":                 {`[` + callLine("1", "echo", `{"text":"a"}`) + `]`, codeInvalidRequest, "null"},
		"number":                {`123`, codeInvalidRequest, "null"},
		"null":                  {`null`, codeInvalidRequest, "null"},
		"string":                {`"ping"`, codeInvalidRequest, "null"},
		"no method":             {`{"jsonrpc":"2.0","id":1}`, codeInvalidRequest, "1"},
		"null id":               {`{"jsonrpc":"2.0","id":null,"method":"ping"}`, codeInvalidRequest, "null"},
		"fraction id":           {`{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, codeInvalidRequest, "null"},
		"object id":             {`{"jsonrpc":"2.0","id":{},"method":"ping"}`, codeInvalidRequest, "null"},
		"boolean id":            {`{"jsonrpc":"2.0","id":true,"method":"ping"}`, codeInvalidRequest, "null"},
		"huge id":               {`{"jsonrpc":"2.0","id":1e999,"method":"ping"}`, codeInvalidRequest, "null"},
		"number for a method":   {`{"jsonrpc":"2.0","id":1,"method":5}`, codeInvalidRequest, "1"},
		"number for a version":  {`{"jsonrpc":2,"id":1,"method":"ping"}`, codeInvalidRequest, "1"},
		"request with a result": {`{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}`, codeInvalidRequest, "null"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := startStdio(t, s)
			go func() {
				_, _ = io.WriteString(run.in, test.line+"\n\n  \n"+callLine("7", "echo", `{"text":"after"}`)+"\n")
				_ = run.in.Close()
			}()
			answers := run.rest()
			run.end()
			if len(answers) != 2 || answers[test.id].Error == nil || answers[test.id].Error.Code != test.code {
				t.Errorf("want one error %d and one result, got %+v", test.code, answers)
			}
			if !strings.Contains(string(answers["7"].Result), `"after"`) {
				t.Errorf("the next call: %+v", answers["7"])
			}
		})
	}
}

// A request whose params MCP does not know is answered under its own id, so that its caller does not wait for ever.
func TestStdioRefusesParamsThatAreNoObject(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	for _, params := range []string{`[]`, `"a"`, `5`, `true`} {
		run := startStdio(t, s)
		run.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":` + params + `}`)
		first, _ := run.next()
		run.send(callLine("1", "echo", `{"text":"the id is free again"}`))
		second, _ := run.next()
		if string(first.ID) != "1" || first.Error == nil || first.Error.Code != codeInvalidParams {
			t.Errorf("params %s: got %+v", params, first)
		}
		if !strings.Contains(string(second.Result), "free again") {
			t.Errorf("params %s: the next call: %+v", params, second)
		}
		_ = run.in.Close()
		run.end()
	}
}

// A line that never ends must be refused when it is too long, not when it ends.
func TestStdioRefusesAnEndlessLineAtOnce(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	go func() {
		_, _ = io.WriteString(run.in, strings.Repeat("x", maxMessage+1<<20))
	}()
	if answer, ok := run.next(); !ok || answer.Error == nil || answer.Error.Code != codeInvalidRequest {
		t.Errorf("got %+v", answer)
	}
	run.stop()
	run.end()
}

func TestStdioGivesIdsBackAsTheyCame(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	ids := []string{`9007199254740993`, `-1`, `0`, `"text"`, `"<&>"`, `"9007199254740993"`, `""`}
	go func() {
		for _, id := range ids {
			_, _ = io.WriteString(run.in, callLine(id, "echo", `{"text":"a"}`)+"\n")
		}
		_ = run.in.Close()
	}()
	answers := run.rest()
	run.end()
	for _, id := range ids {
		encoded, _ := json.Marshal(json.RawMessage(id))
		if answers[string(encoded)].Result == nil {
			t.Errorf("id %s is not answered: %v", id, answers)
		}
	}
}

func TestStdioRefusesAnIDInUse(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startStdio(t, s)
	run.send(callLine("1", "wait", `{"text":"first"}`))
	receive(t, f.started, "the call")
	run.send(callLine("1", "wait", `{"text":"second"}`))
	if answer, _ := run.next(); string(answer.ID) != "null" || answer.Error.Code != codeInvalidRequest {
		t.Errorf("got %+v", answer)
	}
	close(f.release)
	if answer, _ := run.next(); !strings.Contains(string(answer.Result), "first") {
		t.Errorf("got %+v", answer)
	}
	_ = run.in.Close()
	run.end()
}

// Answers to what was never asked change nothing, not even for a call of the same id.
func TestStdioIgnoresAnswersToNothing(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startStdio(t, s)
	run.send(callLine("1", "wait", `{"text":"a"}`))
	receive(t, f.started, "the call")
	run.send(`{"jsonrpc":"2.0","id":1,"result":{}}`)
	run.send(`{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no ping"}}`)
	run.send(`{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}`)
	run.send(`{"jsonrpc":"2.0","id":2,"method":"ping"}`)
	for answer, ok := run.next(); string(answer.ID) != "2"; answer, ok = run.next() {
		if !ok || answer.ID != nil {
			t.Fatalf("got %+v", answer)
		}
	}
	close(f.release)
	_ = run.in.Close()
	if answers := run.rest(); answers["1"].Result == nil {
		t.Errorf("got %+v", answers)
	}
	run.end()
}

func TestStdioEndsWhenTheClientIsGone(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	fromTest, in := io.Pipe()
	fromServer, out := io.Pipe()
	_ = fromServer.Close()
	ended := make(chan error, 1)
	go func() { ended <- s.ServeStdio(t.Context(), fromTest, out) }()
	if _, err := io.WriteString(in, callLine("1", "echo", `{"text":"a"}`)+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := receive(t, ended, "the end"); err == nil {
		t.Error("the end of the client is not reported")
	}
	_ = in.Close()
}

func TestStdioSpeaksBothEras(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	run.send(initializeLine)
	if answer, _ := run.next(); !strings.Contains(string(answer.Result), `"title":"Robutler"`) ||
		!strings.Contains(string(answer.Result), `"protocolVersion":"2025-11-25"`) {
		t.Errorf("initialize: %s", answer.Result)
	}
	run.send(`{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{` +
		`"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`)
	if answer, _ := run.next(); !strings.Contains(string(answer.Result), `"2026-07-28"`) {
		t.Errorf("discover: %+v", answer)
	}
	_ = run.in.Close()
	run.end()
}
