package server

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// With many sessions a call leaves the stack of its connection alone, and with few it spares the goroutine.
func TestCallsOfManySessionsAreServedAside(t *testing.T) {
	var stack string
	trace := tools.Define(
		tools.Spec{Name: "trace", Title: "Trace", Description: "Traces.", Toolset: tools.ToolsetAgents, Class: client.Read},
		func(context.Context, noInput) (echoOutput, error) {
			room := make([]byte, 64<<10)
			stack = string(room[:runtime.Stack(room, false)])
			return echoOutput{}, nil
		})
	s, err := New(Options{Catalog: collect(t, trace)})
	if err != nil {
		t.Fatal(err)
	}
	transport := s.newStreamable(t.Context(), false)
	t.Cleanup(func() { _ = transport.shutdown(context.WithoutCancel(t.Context())) })
	o := opener{t: t, transport: transport}
	id := o.open("")
	for transport.sessions.size() <= manySessions {
		want := transport.sessions.size() < manySessions
		if status, answer := serveIn(t, transport, id, callLine("1", "trace", `{}`)); status != http.StatusOK || strings.Contains(answer, "isError") {
			t.Fatalf("%d %s", status, answer)
		}
		if got := strings.Contains(stack, "(*streamable).serve("); got != want {
			t.Fatalf("%d sessions, in the goroutine of the connection: %t\n%s", transport.sessions.size(), got, stack)
		}
		o.open("")
	}
}

// Calls that are served aside are canceled, send their notifications first, and end with their sessions, as others do.
func TestCallsAsideAreAsOthers(t *testing.T) {
	f := newFakes()
	s, _ := newTestServer(t, f)
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	for s.Sessions() < manySessions {
		run.session()
	}
	over := inBackground(t, run, callLine("1", "wait", `{"text":"a"}`), session)
	receive(t, f.started, "the call")
	run.do(http.MethodPost, "/mcp", cancelLine(`{"requestId":1}`), session)
	receive(t, f.givenUp, "the end of the call")
	receive(t, over.ended, "the answer")

	over = inBackground(t, run, callLine("1", "wait", `{"text":"a"}`), session)
	receive(t, f.started, "the call")
	run.do(http.MethodDelete, "/mcp", "", session)
	over.leave()
	receive(t, f.givenUp, "the end of the call of a session that has ended")
	receive(t, over.ended, "the end")

	session = run.session()
	for s.Sessions() < manySessions {
		run.session()
	}
	for name, says := range map[string]string{"echo": `"structuredContent":{"text":"a"}`, "explode": "isError", "pay": `"text":"a"`} {
		if got := text(t, run.do(http.MethodPost, "/mcp", callLine("1", name, `{"text":"a"}`), session)); !strings.Contains(got, says) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A panic aside is one of who waits for it, and tells where it was. One that net/http knows stays as it is.
func TestAPanicAsideIsHandedOn(t *testing.T) {
	recovered := func(do func()) (value any) {
		defer func() { value = recover() }()
		aside(do)
		return nil
	}
	if got := fmt.Sprint(recovered(func() { panic("mistake") })); !strings.HasPrefix(got, "mistake, in\n") || !strings.Contains(got, "aside_test.go") {
		t.Errorf("recovered %s", got)
	}
	if got := recovered(func() { panic(http.ErrAbortHandler) }); got != http.ErrAbortHandler { //nolint:errorlint // it is a value
		t.Errorf("recovered %v", got)
	}
}
