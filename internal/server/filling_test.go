package server

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"pgregory.net/rapid"

	"github.com/robutlerai/robutler-mcp/tools"
)

// FuzzFilling holds an answer that is filled in to what the library would have made of the same result.
func FuzzFilling(f *testing.F) {
	f.Add(`{"a":"quote \" backslash \\ tab \t < > & é \u2028"}`)
	f.Add(`{"a":{"b":[1,2.50,null,true,""]}}`)
	f.Fuzz(func(t *testing.T, facts string) {
		if !strings.HasPrefix(facts, "{") || !json.Valid([]byte(facts)) {
			return
		}
		sameAnswer(t, json.RawMessage(facts))
	})
}

func TestFillingSaysWhatTheLibraryWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, err := json.Marshal(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "facts"))
		if err != nil {
			t.Fatal(err)
		}
		sameAnswer(t, facts)
	})
}

func sameAnswer(t interface {
	Helper()
	Fatalf(format string, a ...any)
}, facts json.RawMessage,
) {
	t.Helper()
	server := &Server{mark: func() string { return "ONLYTHESERVERKNOWSTHIS" }}
	taken := &request{}
	marked := server.succeeded(withOutlet(context.Background(), requestOutlet{request: taken}), tools.Result{Structured: facts}, "")
	type readAnswer struct {
		Result struct {
			Content []struct{ Text string }
			Facts   any `json:"structuredContent"`
		}
	}
	var decoded [2]readAnswer
	for i, result := range []*mcp.CallToolResult{marked, successResult(tools.Result{Structured: facts}, "")} {
		answer, err := json.Marshal(mcp.JSONRPCResponse{JSONRPC: "2.0", ID: mcp.NewRequestId(1), Result: result})
		if err != nil {
			t.Fatalf("encode the answer: %v", err)
		}
		if i == 0 {
			answer = taken.filled().into(answer)
		}
		var read readAnswer
		if err := json.Unmarshal(answer, &read); err != nil || strings.ContainsAny(string(answer), "\n\r") {
			t.Fatalf("%s: %v", answer, err)
		}
		var text any
		if err := json.Unmarshal([]byte(read.Result.Content[0].Text), &text); err != nil || !reflect.DeepEqual(text, read.Result.Facts) {
			t.Fatalf("the text %q is not the facts: %v", read.Result.Content[0].Text, err)
		}
		decoded[i] = read
	}
	if !reflect.DeepEqual(decoded[0].Result.Facts, decoded[1].Result.Facts) {
		t.Fatalf("filled in: %v, by the library: %v", decoded[0], decoded[1])
	}
}

func TestFillingLeavesOtherAnswersAlone(t *testing.T) {
	facts := &filling{mark: "MARK", facts: json.RawMessage(`{"secret":1}`)}
	list := &filling{list: []json.RawMessage{json.RawMessage(`{"name":"a"}`), json.RawMessage(`{"name":"b"}`)}}
	for _, answer := range []string{
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"inputRequests":{}}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"MARK"}]}}`,
	} {
		for _, with := range []*filling{nil, facts, list} {
			if got := string(with.into([]byte(answer))); got != answer {
				t.Errorf("%s became %s", answer, got)
			}
		}
	}
	if got := string(list.into([]byte(`{"result":{"_meta":{"a":"\"tools\":[]"},"tools":[]}}`))); got != `{"result":{"_meta":{"a":"\"tools\":[]"},"tools":[{"name":"a"},{"name":"b"}]}}` {
		t.Error(got)
	}
}
