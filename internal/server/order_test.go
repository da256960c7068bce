package server

import (
	"net/http"
	"strings"
	"testing"
)

// On a pipe, too, a client hears that it listens before it hears that there is nothing to listen to.
func TestStdioAcknowledgesBeforeTheAnswer(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	for range 300 {
		run.send(listenLine)
		first, _ := run.next()
		second, _ := run.next()
		if first.Method != "notifications/subscriptions/acknowledged" || second.Result == nil {
			t.Fatalf("got %+v, then %+v", first, second)
		}
	}
	_ = run.in.Close()
	run.end()
}

// The token of progress goes back as it came, though a float does not hold it.
func TestProgressKeepsLargeTokens(t *testing.T) {
	const meta = `"_meta":{"progressToken":9007199254740993}`
	check := func(transport string, answer rpcAnswer) {
		t.Helper()
		if !strings.Contains(string(answer.Params), `"progressToken":9007199254740993`) {
			t.Errorf("%s: %s %s", transport, answer.Method, answer.Params)
		}
	}
	s, _ := newWorkingServer(t, newFakes())
	pipe := startStdio(t, s)
	pipe.send(workLine("1", meta))
	answer, _ := pipe.next()
	check("stdio", answer)
	_ = pipe.in.Close()
	pipe.rest()
	pipe.end()
	web := startHTTP(t, s, HTTPOptions{})
	check("http", eventsOf(t, web.do(http.MethodPost, "/mcp", workLine("2", meta), web.session()))())
	stream := web.sse()
	stream.post(initializeLine)
	stream.next()
	stream.post(workLine("3", meta))
	check("sse", stream.next())
}

// A stream bears the id of its request, though a float does not hold it.
func TestListenKeepsLargeIDs(t *testing.T) {
	for _, id := range []string{"9007199254740993", "123456789012345678901234567890"} {
		line := strings.Replace(listenLine, `"id":9`, `"id":`+id, 1)
		want := `"io.modelcontextprotocol/subscriptionId":` + id
		s, _ := newTestServer(t, newFakes())
		run := startStdio(t, s)
		run.send(line)
		first, _ := run.next()
		second, _ := run.next()
		if !strings.Contains(string(first.Params), want) || !strings.Contains(string(second.Result), want) {
			t.Errorf("got %s, then %s", first.Params, second.Result)
		}
		_ = run.in.Close()
		run.end()
		web := startHTTP(t, s, HTTPOptions{})
		got := text(t, web.do(http.MethodPost, "/mcp", line, "Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: subscriptions/listen"))
		if strings.Count(got, want) != 2 {
			t.Errorf("over HTTP: %s", got)
		}
	}
}
