package server

import (
	"strings"
	"testing"
)

// A request that is too long is refused under its id where the members before the long one tell that.
func TestStdioRefusesOversizeUnderTheID(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startStdio(t, s)
	long := `{"name":"echo","arguments":{"text":"` + strings.Repeat("a", maxMessage) + `"}}}`
	for line, id := range map[string]string{
		`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":` + long:             "7",
		`{"id":"a","method":"tools/call","jsonrpc":"2.0","params":` + long:           `"a"`,
		`{"jsonrpc":"2.0","id":7,"id":8,"method":"tools/call","params":` + long:      "null",
		`{"jsonrpc":"2.0","id":7,"result":{},"method":"tools/call","params":` + long: "null",
		`{"jsonrpc":"2.0","method":"tools/call","params":` + long:                    "null",
		`{"jsonrpc":"2.0","id":7,"result":` + long:                                   "null",
	} {
		run.send(line)
		if answer := answerTo(t, run, id); answer.Error == nil || answer.Error.Code != codeInvalidRequest {
			t.Errorf("got %+v", answer)
		}
	}
	_ = run.in.Close()
	run.end()
}

func TestHalfAnIDIsNone(t *testing.T) {
	for _, head := range []string{`{"method":"ping","id":12`, `{"method":"ping","id":"a,`, `{"method":"ping"`, ``} {
		if id := requestIn([]byte(head)); id != nil {
			t.Errorf("%s: %s", head, id)
		}
	}
}
