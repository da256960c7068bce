package server

import (
	"net/http"
	"strings"
	"testing"
)

const askableLine = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",` +
	`"capabilities":{"elicitation":{}},"clientInfo":{"name":"test","version":"1"}}}`

// Clients that encode both members of a response write the one that is missing as null.
var agreements = map[string]string{
	"error": `"result":{"action":"accept","content":{"agree":true}},"error":null`,
	"both":  `"error":null,"result":{"action":"accept","content":{"agree":true}}`,
}

func TestStdioTakesAgreementBesideNull(t *testing.T) {
	for name, members := range agreements {
		gate := &oneHandle{}
		run := startStdio(t, asking(t, gate))
		run.send(askableLine)
		answerTo(t, run, "0")
		run.send(callLine("5", "delete_api_key", `{"key_id":"k1"}`))
		question, _ := run.next()
		run.send(`{"jsonrpc":"2.0","id":` + string(question.ID) + `,` + members + `}`)
		if answer := answerTo(t, run, "5"); gate.executed() != 1 {
			t.Errorf("%s: asked %+v, got %s", name, question, answer.Result)
		}
		_ = run.in.Close()
		run.end()
	}
}

func TestHTTPTakesAgreementBesideNull(t *testing.T) {
	for name, members := range agreements {
		gate := &oneHandle{}
		run := startHTTP(t, asking(t, gate), HTTPOptions{})
		opened := run.do(http.MethodPost, "/mcp", askableLine)
		checkHeaders(t, opened)
		session := "Mcp-Session-Id: " + opened.Header.Get("Mcp-Session-Id")
		next := eventsOf(t, run.do(http.MethodPost, "/mcp", callLine("5", "delete_api_key", `{"key_id":"k1"}`), session))
		question := next()
		answered := run.do(http.MethodPost, "/mcp", `{"jsonrpc":"2.0","id":`+string(question.ID)+`,`+members+`}`, session)
		if got := text(t, answered); answered.StatusCode != http.StatusAccepted {
			t.Fatalf("status %d: %s", answered.StatusCode, got)
		}
		if answer := next(); gate.executed() != 1 {
			t.Errorf("%s: asked %+v, got %s", name, question, answer.Result)
		}
	}
}

// What is null in a request is not there; a response may hold nothing.
func TestNullIsNeitherResultNorError(t *testing.T) {
	m, refusal := parseMessage([]byte(`{"jsonrpc":"2.0","id":1,"method":"ping","result":null,"error":null}`))
	if refusal != nil || !m.isRequest() {
		t.Errorf("got %+v, %v", m, refusal)
	}
	if m, refusal := parseMessage([]byte(`{"jsonrpc":"2.0","id":1,"result":null}`)); refusal != nil || !m.isResponse() {
		t.Errorf("got %+v, %v", m, refusal)
	}
	m, refusal = parseMessage([]byte(`{"jsonrpc":"2.0","id":1,"Result":1,"result":null}`))
	if refusal == nil || m.ID != nil || !strings.Contains(refusal.message, "result") {
		t.Errorf("got %+v, %v", m, refusal)
	}
}
