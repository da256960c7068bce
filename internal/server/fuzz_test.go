package server

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"pgregory.net/rapid"
)

// FuzzParseMessage compares with encoding/json: what is accepted means the same to it, and to a reader that takes keys
// in one case only.
func FuzzParseMessage(f *testing.F) {
	for _, seed := range []string{
		initializeLine, callLine("1", "echo", `{"text":"a"}`), modernCall(`"a"`, "echo"), ping(`"a":"\ud83d\ude00"`),
		`{"jsonrpc":"2.0","id":9007199254740993,"METHOD":"ping","paramſ":{}}`, `{"jsonrpc":"2.0","id":1,"result":{"Action":"x"}}`,
		`[1,2.5e3,-0,"\u0000",null,true]`, "\xff", `{"jsonrpc":"2.0","id":"\u00e9","method":"a","params":null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, refusal := parseMessage(raw)
		if refusal != nil {
			if m.ID != nil && !validID(m.ID) {
				t.Fatalf("the refusal bears the id %q", m.ID)
			}
			if refusal.code == codeParseError && json.Valid(raw) {
				t.Fatal("this is JSON")
			}
			return
		}
		var loose struct {
			JSONRPC, Method           string
			ID, Params, Result, Error json.RawMessage
		}
		strict := map[string]json.RawMessage{}
		if err := json.Unmarshal(raw, &loose); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &strict); err != nil {
			t.Fatal(err)
		}
		method, _ := textOf(strict["method"])
		for name, pair := range map[string][3][]byte{
			"id": {m.ID, loose.ID, strict["id"]}, "params": {m.Params, loose.Params, strict["params"]},
			"result": {m.Result, loose.Result, strict["result"]}, "error": {m.Error, loose.Error, strict["error"]},
			"method": {[]byte(m.Method), []byte(loose.Method), []byte(method)},
		} {
			if !bytes.Equal(pair[0], pair[1]) || !bytes.Equal(pair[0], pair[2]) {
				t.Fatalf("%s is %q, or %q, or %q", name, pair[0], pair[1], pair[2])
			}
		}
		var bound struct {
			Name, Cursor, URI, RequestState string
			Meta                            json.RawMessage `json:"_meta"`
			Arguments                       json.RawMessage
		}
		exact := map[string]json.RawMessage{}
		if json.Unmarshal(m.Params, &bound) == nil && json.Unmarshal(m.Params, &exact) == nil {
			name, _ := textOf(exact["name"])
			if bound.Name != name || !bytes.Equal(bound.Meta, exact["_meta"]) || !bytes.Equal(bound.Arguments, exact["arguments"]) ||
				!bytes.Equal(m.Meta, exact["_meta"]) {
				t.Fatalf("params are %+v, or %q", bound, exact)
			}
		}
	})
}

// FuzzStdioFraming sends anything: only messages come back, each request that is accepted is answered once, and the
// server ends with the input.
func FuzzStdioFraming(f *testing.F) {
	for _, seed := range []string{
		initializeLine + "\n" + callLine("1", "echo", `{"text":"a"}`) + "\n", callLine("1", "pay", `{}`),
		callLine("1", "echo", `{"text":"a"}`) + "\r\n" + callLine("1", "echo", `{"text":"b"}`) + "\n" + cancelLine(`{"requestId":1}`) + "\n\n",
		strings.Repeat("x", 300) + "\n" + `{"jsonrpc":"2.0","id":2,"method":"ping"}`, listenLine + "\n" + `{"jsonrpc":"2.0","id":9,"result":{}}` + "\n",
		"[]\n1\nnull\n\xff\n" + `{"jsonrpc":"2.0","id":"\ud800","method":"ping"}`, modernCall("3", "explode"), callLine("4", "fail", `{}`),
	} {
		f.Add([]byte(seed), uint8(7))
	}
	s, _ := newTestServer(f, newFakes())
	s.drain = patience
	f.Fuzz(func(t *testing.T, input []byte, part uint8) {
		if bytes.Contains(input, []byte(`wait`)) || bytes.Contains(input, []byte(`stubborn`)) {
			t.Skip("these tools wait for a test")
		}
		output := &syncBuffer{}
		ended := make(chan error, 1)
		go func() { ended <- s.ServeStdio(t.Context(), chunks(input, int(part)), output) }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(patience):
			t.Fatal("the server does not end")
		}
		checkAnswers(t, input, output.String())
	})
}

// TestStdioAnswersWhateverComes sends what is nearly right, which mutations of bytes seldom are.
func TestStdioAnswersWhateverComes(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	s.drain = patience
	rapid.Check(t, func(r *rapid.T) {
		id := rapid.SampledFrom([]string{"1", `"1"`, "2", "9007199254740993", "null", "1.5", `"\u0031"`})
		line := rapid.OneOf(
			rapid.Map(id, func(id string) string { return callLine(id, "echo", `{"text":"a"}`) }),
			rapid.Map(id, func(id string) string { return callLine(id, "pay", `{"text":"a"}`) }),
			rapid.Map(id, func(id string) string { return callLine(id, "explode", `{}`) }),
			rapid.Map(id, func(id string) string { return modernCall(id, "pay") }),
			rapid.Map(id, func(id string) string { return cancelLine(`{"requestId":` + id + `}`) }),
			rapid.Map(id, func(id string) string { return `{"jsonrpc":"2.0","id":` + id + `,"Method":"ping"}` }),
			rapid.Map(id, func(id string) string { return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/list","params":[]}` }),
			rapid.Map(id, func(id string) string { return `{"jsonrpc":"2.0","id":` + id + `,"result":{}}` }),
			rapid.SampledFrom([]string{initializeLine, listenLine, "", "{", "[]", `{"jsonrpc":"2.0","method":"notifications/initialized"}`}),
		)
		input := []byte(strings.Join(rapid.SliceOfN(line, 1, 40).Draw(r, "lines"), "\n"))
		output := &syncBuffer{}
		if err := s.ServeStdio(t.Context(), chunks(input, rapid.IntRange(1, 500).Draw(r, "part")), output); err != nil {
			r.Fatal(err)
		}
		checkAnswers(t, input, output.String())
	})
}

// chunks gives the input some bytes at a time.
func chunks(input []byte, size int) io.Reader {
	var parts []io.Reader
	for len(input) > 0 {
		n := min(max(size, 1), len(input))
		parts = append(parts, bytes.NewReader(input[:n]))
		input = input[n:]
	}
	return io.MultiReader(parts...)
}

// checkAnswers compares what came out with what went in. A request may be given up, or have the id of another.
func checkAnswers(t *testing.T, input []byte, output string) {
	t.Helper()
	asked, canceled, rejected := map[string]int{}, false, 0
	for line := range bytes.SplitSeq(input, []byte("\n")) {
		if line = trimmed(line); len(line) == 0 {
			continue
		}
		m, refusal := parseMessage(line)
		canceled = canceled || m.Method == string(mcp.MethodNotificationCancelled)
		switch {
		case m.ID != nil && (refusal != nil || m.isRequest()):
			asked[idKey(m.ID)]++
		case refusal != nil:
			rejected++
		}
	}
	answered := map[string]int{}
	for line := range strings.Lines(output) {
		if answer := parseAnswer(t, []byte(line)); answer.Method == "" {
			answered[idKey(answer.ID)]++
		}
	}
	for id, count := range asked {
		if got := answered[id]; got > count || got == 0 && !canceled {
			t.Errorf("%d answers to %d requests of %q", got, count, id)
		}
		rejected += count - answered[id]
		delete(answered, id)
	}
	if got := answered["null"]; got != rejected && !canceled {
		t.Errorf("%d answers without an id, want %d", got, rejected)
	}
	delete(answered, "null")
	if len(answered) > 0 {
		t.Errorf("answers to nothing: %v", answered)
	}
}
