package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// ask sends a raw request over one transport, in one era, and gives the answer and the HTTP status, 0 where there is none.
type ask func(method, name, params string, headers ...string) (rpcAnswer, int)

// raw gives every way to ask a server.
func raw(t *testing.T, s *Server) map[string]ask {
	t.Helper()
	pipe := startStdio(t, s)
	t.Cleanup(func() {
		_ = pipe.in.Close()
		pipe.end()
	})
	web := startHTTP(t, s, HTTPOptions{})
	session, stream := web.session(), web.sse()
	stream.post(initializeLine)
	stream.next()
	asked := 0
	line := func(method, params string) string {
		asked++
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":{%s}}`, asked, method, params)
	}
	later := func(method, name, params string) (body string, headers []string) {
		return modern(line(method, params), method, name)
	}
	onPipe := func(line string) (rpcAnswer, int) {
		pipe.send(line)
		answer, _ := pipe.next()
		return answer, 0
	}
	onStream := func(line string, headers []string) (rpcAnswer, int) {
		if status := web.do(http.MethodPost, stream.endpoint, line, headers...).StatusCode; status != http.StatusAccepted {
			t.Errorf("status %d", status)
		}
		return stream.next(), 0
	}
	onHTTP := func(line string, headers []string) (rpcAnswer, int) {
		response := web.do(http.MethodPost, "/mcp", line, headers...)
		return parseAnswer(t, []byte(text(t, response))), response.StatusCode
	}
	return map[string]ask{
		"stdio": func(method, _, params string, _ ...string) (rpcAnswer, int) { return onPipe(line(method, params)) },
		"stdio, modern": func(method, name, params string, _ ...string) (rpcAnswer, int) {
			body, _ := later(method, name, params)
			return onPipe(body)
		},
		"sse": func(method, _, params string, headers ...string) (rpcAnswer, int) {
			return onStream(line(method, params), headers)
		},
		"sse, modern": func(method, name, params string, headers ...string) (rpcAnswer, int) {
			body, more := later(method, name, params)
			return onStream(body, append(headers, more...))
		},
		"http": func(method, _, params string, headers ...string) (rpcAnswer, int) {
			return onHTTP(line(method, params), append(headers, session))
		},
		"http, modern": func(method, name, params string, headers ...string) (rpcAnswer, int) {
			body, more := later(method, name, params)
			return onHTTP(body, append(headers, more...))
		},
	}
}

// want is what an error should say.
type want struct {
	code           int
	message, reads string // the code within the data
	values         []string
}

func checkRefusal(t *testing.T, what string, answer rpcAnswer, status int, want want) {
	t.Helper()
	if answer.Error == nil || string(answer.ID) == "null" {
		t.Errorf("%s: %s %+v", what, answer.Result, answer.Error)
		return
	}
	var data tools.Error
	if err := json.Unmarshal(answer.Error.Data, &data); err != nil {
		t.Errorf("%s: no data: %v", what, answer.Error)
		return
	}
	if answer.Error.Code != want.code || answer.Error.Message != want.message || data.Message != want.message ||
		data.Code != want.reads || data.NextStep == "" || data.Retryable || !slices.Equal(data.ValidValues, want.values) {
		t.Errorf("%s: %d %s, %s", what, answer.Error.Code, answer.Error.Message, answer.Error.Data)
	}
	modern := strings.HasSuffix(what, "modern")
	if status != 0 && status != map[bool]int{false: http.StatusOK, true: http.StatusBadRequest}[modern] {
		t.Errorf("%s: status %d", what, status)
	}
}

// marketServer offers some of the tools that it knows of.
func marketServer(t *testing.T) *Server {
	t.Helper()
	s, err := New(Options{Catalog: collect(t, marketTools()...), Known: []string{"get_agent", "delete_agent"}, Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestToolsThatAreNotOfferedAreExplained(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for way, ask := range raw(t, marketServer(t)) {
		for name, want := range map[string]want{
			"get_agnt": {codeInvalidParams, `unknown tool "get_agnt"; did you mean get_agent?`, tools.CodeNotFound, []string{"get_agent"}},
			"verify_payments": {codeInvalidParams, `unknown tool "verify_payments"; did you mean verify_payment?`, tools.CodeNotFound,
				[]string{"verify_payment"}},
			"frobnicate":   {codeInvalidParams, `unknown tool "frobnicate"`, tools.CodeNotFound, nil},
			"":             {codeInvalidParams, "the name of the tool is missing", tools.CodeInvalidArgument, nil},
			long:           {codeInvalidParams, `unknown tool "` + long[:maxToolName-3] + `..."`, tools.CodeNotFound, nil},
			"delete_agent": {codeInvalidParams, "the tool delete_agent is not enabled in this configuration", CodeNotEnabled, nil},
		} {
			if name == "" && way == "http, modern" {
				continue // the library wants a header that names the tool
			}
			answer, status := ask("tools/call", name, fmt.Sprintf(`"name":%q,"arguments":{"agent":"a"}`, name))
			checkRefusal(t, way, answer, status, want)
		}
		if answer, _ := ask("tools/call", "get_agent", `"name":"get_agent","arguments":{"agent":"a"}`); answer.Error != nil {
			t.Errorf("%s: %+v", way, answer.Error)
		}
	}
}

// TestNamesThatAreMissingAreNotUnknown leaves out what a request is of.
func TestNamesThatAreMissingAreNotUnknown(t *testing.T) {
	s, _ := newCompletingServer(t, ownAgents)
	for way, ask := range raw(t, s) {
		for method, want := range map[string]want{
			"tools/call":  {codeInvalidParams, "the name of the tool is missing", tools.CodeInvalidArgument, nil},
			"prompts/get": {codeInvalidParams, "the name of the prompt is missing", tools.CodeInvalidArgument, nil},
		} {
			if way == "http, modern" {
				continue // the library wants a header that says the same
			}
			answer, status := ask(method, "", `"x":1`)
			checkRefusal(t, way, answer, status, want)
		}
	}
}

func TestToolsThatHeadersLeaveOutAreExplained(t *testing.T) {
	for way, ask := range raw(t, marketServer(t)) {
		if strings.HasPrefix(way, "stdio") {
			continue
		}
		narrow := "X-MCP-Toolsets: agents"
		answer, status := ask("tools/call", "lock_payment", `"name":"lock_payment","arguments":{"text":"a"}`, narrow)
		checkRefusal(t, way, answer, status, want{codeInvalidParams, "the tool lock_payment is not enabled in this configuration", CodeNotEnabled, nil})
		answer, status = ask("tools/call", "verify_paymnt", `"name":"verify_paymnt","arguments":{}`, narrow)
		checkRefusal(t, way, answer, status, want{codeInvalidParams, `unknown tool "verify_paymnt"`, tools.CodeNotFound, nil})
		if answer, _ := ask("tools/call", "lock_payment", `"name":"lock_payment","arguments":{"text":"a"}`, "X-MCP-Toolsets: payments"); answer.Error != nil {
			t.Errorf("%s: a tool that is left: %+v", way, answer.Error)
		}
	}
}

// An explanation takes the place of no check: who has no session is told of that, and so is who sends wrong headers.
func TestExplanationsComeAfterChecks(t *testing.T) {
	run := startHTTP(t, marketServer(t), HTTPOptions{})
	unknown := callLine("1", "get_agnt", `{}`)
	if response := run.do(http.MethodPost, "/mcp", unknown); response.StatusCode != http.StatusBadRequest || !strings.Contains(text(t, response), "initialize first") {
		t.Errorf("without a session: %d", response.StatusCode)
	}
	body, _ := modern(unknown, "tools/call", "")
	_, other := modern(unknown, "tools/call", "get_agent")
	if answer := parseAnswer(t, []byte(text(t, run.do(http.MethodPost, "/mcp", body, other...)))); answer.Error == nil || answer.Error.Code != -32020 {
		t.Errorf("with a header that does not fit: %+v", answer.Error)
	}
}

// At the end of a pipe, refusals that are under way come out like results: each request has its one answer.
func TestRefusalsAreDrained(t *testing.T) {
	run := startStdio(t, marketServer(t))
	const calls = 300
	go func() {
		for i := range calls {
			tool := map[bool]string{true: "get_agent", false: "get_agnt"}[i%3 == 0]
			_, _ = io.WriteString(run.in, callLine(strconv.Itoa(i), tool, `{"agent":"a"}`)+"\n")
		}
		_ = run.in.Close()
	}()
	answers := run.rest()
	run.end()
	if len(answers) != calls {
		t.Fatalf("%d answers", len(answers))
	}
	for i := range calls {
		answer := answers[strconv.Itoa(i)]
		if i%3 != 0 && (answer.Error == nil || answer.Error.Data == nil) || i%3 == 0 && answer.Error != nil {
			t.Errorf("%d: %s, %+v", i, answer.Result, answer.Error)
		}
	}
}

func TestNamesAreOfferedByLikeness(t *testing.T) {
	names := []string{"aaaaaaa", "abcdefg", "abcdefh", "abcdexx", "abcdef1", "abcdef2", "abcdef3", "abcdef4"}
	if got := nearest("abcdefgh", names); len(got) != maxNearest || got[0] != "abcdefg" || slices.Contains(got, "aaaaaaa") {
		t.Errorf("got %v", got)
	}
}

func TestPromptsThatCannotBeHadAreExplained(t *testing.T) {
	offered := slices.DeleteFunc(workflowTools(), func(tool tools.Tool) bool { return tool.Name == "list_transactions" })
	s, _ := serve(t, append(offered, echoTool("list_things", tools.ToolsetKeys, client.Read))...)
	for way, ask := range raw(t, s) {
		for params, want := range map[string]want{
			`"name":"hire_agnt"`:      {codeInvalidParams, `unknown prompt "hire_agnt"; did you mean hire_agent?`, tools.CodeNotFound, []string{"hire_agent"}},
			`"name":"audit_spending"`: {codeInvalidParams, "the prompt audit_spending is not enabled in this configuration", CodeNotEnabled, nil},
			`"name":"hire_agent"`:     {codeInvalidParams, "the prompt hire_agent: the argument task is missing", tools.CodeInvalidArgument, nil},
			`"name":"publish_agent","arguments":{"name":" \u200b "}`: {codeInvalidParams,
				"the prompt publish_agent: the arguments name and purpose are missing", tools.CodeInvalidArgument, nil},
		} {
			name, _, _ := strings.Cut(strings.TrimPrefix(params, `"name":"`), `"`)
			answer, status := ask("prompts/get", name, params)
			checkRefusal(t, way, answer, status, want)
		}
	}
}

func TestResourcesThatLeadNowhereAreExplained(t *testing.T) {
	for way, ask := range raw(t, marketServer(t)) {
		narrow := []string{"X-MCP-Tools: get_agent,lock_payment"}
		if strings.HasPrefix(way, "stdio") {
			narrow = nil
		}
		for uri, code := range map[string]string{
			"robutler://nothing": tools.CodeNotFound, "robutler://agents/nobody": tools.CodeNotFound,
			"robutler://agents/" + strings.Repeat("a", 31): tools.CodeInvalidArgument, "robutler://account": CodeNotEnabled,
		} {
			if code == CodeNotEnabled && narrow == nil {
				continue
			}
			answer, status := ask("resources/read", uri, fmt.Sprintf(`"uri":%q`, uri), narrow...)
			var data refusal
			if answer.Error == nil || json.Unmarshal(answer.Error.Data, &data) != nil {
				t.Errorf("%s, %s: %+v", way, uri, answer)
				continue
			}
			modern := strings.HasSuffix(way, "modern")
			if want := map[bool]int{false: -32002, true: codeInvalidParams}[modern]; answer.Error.Code != want {
				t.Errorf("%s, %s: %d", way, uri, answer.Error.Code)
			}
			if want := map[bool]int{false: http.StatusOK, true: http.StatusBadRequest}[modern]; status != 0 && status != want {
				t.Errorf("%s, %s: status %d", way, uri, status)
			}
			if data.URI != uri || data.Code != code || data.NextStep == "" || !strings.HasPrefix(answer.Error.Message, data.Message) {
				t.Errorf("%s, %s: %+v", way, uri, answer.Error)
			}
		}
	}
}
