package server

import (
	"net/http"
	"strings"
	"testing"
)

// Over HTTP too, ids come back as they were, in results, refusals and streams, of either era.
func TestHTTPGivesIdsBackAsTheyCame(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	for _, id := range []string{`9007199254740993`, `-9007199254740993`, `"9007199254740993"`, `0`, `"<&>"`} {
		for what, message := range map[string]string{
			"initialize": strings.Replace(initializeLine, `"id":0`, `"id":`+id, 1),
			"call":       callLine(id, "echo", `{"text":"a"}`),
			"refusal":    callLine(id, "nothing", `{}`),
			"stream": `{"jsonrpc":"2.0","id":` + id +
				`,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"},"_meta":{"progressToken":"t"}}}`,
			"malformed": `{"jsonrpc":"2.0","id":` + id + `,"Method":"ping"}`,
		} {
			answer := parseAnswer(t, []byte(lastMessage(text(t, run.do(http.MethodPost, "/mcp", message, session)))))
			if idKey(answer.ID) != idKey([]byte(id)) {
				t.Errorf("%s: id %s became %s", what, id, answer.ID)
			}
		}
		answer := parseAnswer(t, []byte(text(t, run.do(http.MethodPost, "/mcp", modernCall(id, "echo"), modernHeaders("echo")...))))
		if idKey(answer.ID) != idKey([]byte(id)) || answer.Result == nil {
			t.Errorf("modern: id %s became %+v", id, answer)
		}
	}
}

// lastMessage gives the last of a stream of events, or the only one there is.
func lastMessage(body string) (message string) {
	for line := range strings.Lines(body) {
		if data, ok := strings.CutPrefix(line, "data: "); ok || strings.HasPrefix(line, "{") {
			message = data
		}
	}
	return message
}

// What stdio refuses is refused on every transport, and nothing of it is done.
func TestHTTPRefusesAmbiguousMessages(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	session, stream := run.session(), run.sse()
	for line, id := range map[string]string{
		`{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}`:                                            "1",
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","name":"pay","arguments":{}}}`:       "1",
		`{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}`:                                                           "null",
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"` + "\xff\"}}}": "1",
		`[` + callLine("1", "echo", `{"text":"a"}`) + `]`:                                                           "null",
		`5`: "null",
	} {
		for path, headers := range map[string][]string{"/mcp": {session}, stream.endpoint: nil} {
			response := run.do(http.MethodPost, path, line, headers...)
			answer := parseAnswer(t, []byte(text(t, response)))
			if response.StatusCode != http.StatusBadRequest || answer.Error == nil || answer.Error.Code != codeInvalidRequest || string(answer.ID) != id {
				t.Errorf("%s: %s: status %d, %+v", path, line, response.StatusCode, answer)
			}
		}
	}
}

// On SSE as on stdio, a tool that changes something waits for the handshake.
func TestSSEBeforeInitialize(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	stream := startHTTP(t, s, HTTPOptions{}).sse()
	pay := callLine("1", "pay", `{"text":"a"}`)
	if status := stream.post(pay); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
	for _, line := range []string{callLine("2", "echo", `{"text":"a"}`), modernCall("3", "pay"), initializeLine, pay} {
		if status := stream.post(line); status != http.StatusAccepted {
			t.Errorf("%s: status %d", line, status)
		}
		if answer := stream.next(); answer.Error != nil {
			t.Errorf("%s: %+v", line, answer.Error)
		}
	}
}
