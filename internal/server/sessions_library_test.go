package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// askedLine opens the session of a client that can ask its user.
const askedLine = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",` +
	`"capabilities":{"elicitation":{}},"clientInfo":{"name":"asks","version":"2"}}}`

// libraryKnows reports whether the library keeps a session of its own for one.
func libraryKnows(s *Server, session string) bool {
	return !errors.Is(s.mcp.DeleteSessionTools(session, "nothing"), mcpserver.ErrSessionNotFound)
}

// sessionIn gives the id of a session's header.
func sessionIn(header string) string { return strings.TrimPrefix(header, "Mcp-Session-Id: ") }

// serveIn serves a message of a session, and gives the status and the answer.
func serveIn(t *testing.T, transport *streamable, session, message string) (status int, answer string) {
	t.Helper()
	recorder := newRecorder()
	transport.serve(recorder, post(t.Context(), message, "Mcp-Session-Id: "+session))
	return recorder.Code, recorder.Body.String()
}

// lists are the requests that are answered out of what they say.
func lists(id string) (lines []string) {
	for _, method := range []string{"ping", "tools/list", "prompts/list", "resources/list", "resources/templates/list"} {
		lines = append(lines, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q}`, id, method))
	}
	return lines
}

// The library keeps nothing of a session until something needs that, and nothing after its end.
func TestTheLibraryKnowsOnlySessionsThatNeedIt(t *testing.T) {
	for name, needed := range map[string]string{
		"a call that may be asked about": callLine("7", "pay", `{"text":"a"}`),
		"a call of what there is not":    callLine("7", "nothing", `{}`),
		"a prompt":                       `{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":"x"}}`,
		"an answer":                      `{"jsonrpc":"2.0","id":7,"result":{"action":"accept"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			o := newOpener(t)
			server := o.transport.server
			id := o.open("")
			for range 3 {
				for _, line := range append(lists("1"), callLine("2", "echo", `{"text":"a"}`), `{"jsonrpc":"2.0","method":"notifications/initialized"}`) {
					if status, answer := serveIn(t, o.transport, id, line); status > http.StatusAccepted {
						t.Fatalf("%s: %d %s", line, status, answer)
					}
				}
			}
			if libraryKnows(server, id) {
				t.Error("the library keeps a session that does not need it")
			}
			serveIn(t, o.transport, id, needed)
			if !libraryKnows(server, id) {
				t.Error("the library does not know the session")
			}
			ended := newRecorder()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/mcp", http.NoBody)
			r.Header.Set("Mcp-Session-Id", id)
			o.transport.serve(ended, r)
			if ended.Code != http.StatusOK || libraryKnows(server, id) {
				t.Errorf("status %d; the library still knows the session: %t", ended.Code, libraryKnows(server, id))
			}
		})
	}
}

// A session that ends while the library comes to know it is forgotten all the same.
func TestASessionThatEndsWhileItIsJoinedIsForgotten(t *testing.T) {
	o := newOpener(t)
	id := o.open("")
	used, _ := o.transport.sessions.use(t.Context(), id)
	o.transport.sessions.end(id)
	o.transport.join(used)
	if libraryKnows(o.transport.server, id) {
		t.Error("the library keeps a session that has ended")
	}
}

// However messages that need the library and the end of their session meet, it keeps nothing afterwards.
func TestEndedSessionsAreForgottenByTheLibrary(t *testing.T) {
	o := newOpener(t)
	for range 200 {
		id := o.open("")
		var meeting sync.WaitGroup
		for range 3 {
			meeting.Go(func() { serveIn(t, o.transport, id, callLine("1", "nothing", `{}`)) })
		}
		meeting.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/mcp", http.NoBody)
			r.Header.Set("Mcp-Session-Id", id)
			o.transport.serve(newRecorder(), r)
		})
		meeting.Wait()
		if libraryKnows(o.transport.server, id) {
			t.Fatal("the library keeps a session that has ended")
		}
	}
}

// What was read in a session is forgotten with it, whether the library knows it or not, and not before.
func TestWhatASessionHasReadEndsWithIt(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	for _, joined := range []bool{false, true} {
		session := run.session()
		text(t, run.do(http.MethodPost, "/mcp", callLine("1", "echo", `{"text":"a"}`), session))
		if joined {
			stream := run.do(http.MethodGet, "/mcp", "", session)
			_ = stream.Body.Close()
		}
		text(t, run.do(http.MethodPost, "/mcp", lists("2")[1], session))
		if !s.readers.has(sessionIn(session)) {
			t.Errorf("joined %t: forgotten too early", joined)
		}
		run.do(http.MethodDelete, "/mcp", "", session)
		if s.readers.has(sessionIn(session)) {
			t.Errorf("joined %t: remembered after its end", joined)
		}
	}
}

// What was read in a session that makes room for others is forgotten, too.
func TestWhatASessionHasReadEndsWhenItMakesRoom(t *testing.T) {
	o := newOpener(t)
	id := o.open("alice")
	r := post(o.as("alice"), callLine("1", "echo", `{"text":"a"}`), "Mcp-Session-Id: "+id)
	o.transport.serve(newRecorder(), r)
	if !o.transport.server.readers.has(id) {
		t.Fatal("it is not remembered")
	}
	for range maxSessionsEach {
		o.open("alice")
	}
	if o.transport.server.readers.has(id) {
		t.Error("it is remembered after its end")
	}
}

// What was agreed on when a session was opened holds for what the library carries out much later.
func TestTheLibraryLearnsWhatWasAgreedOn(t *testing.T) {
	var info mcp.Implementation
	var capable mcp.ClientCapabilities
	var version string
	tell := tools.Define(
		tools.Spec{Name: "tell", Title: "Tell", Description: "Tells.", Toolset: tools.ToolsetAgents, Class: client.Create},
		func(ctx context.Context, _ noInput) (echoOutput, error) {
			if session, ok := mcpserver.ClientSessionFromContext(ctx).(mcpserver.SessionWithClientInfo); ok {
				info, capable = session.GetClientInfo(), session.GetClientCapabilities()
			}
			version = mcpserver.RequestProtocolVersion(ctx)
			return echoOutput{}, nil
		})
	w := &witness{}
	s, err := New(Options{Catalog: collect(t, append(newFakes().all(), tell)...), Observer: w})
	if err != nil {
		t.Fatal(err)
	}
	transport := s.newStreamable(t.Context(), false)
	t.Cleanup(func() { _ = transport.shutdown(context.WithoutCancel(t.Context())) })
	opened := newRecorder()
	transport.serve(opened, post(t.Context(), askedLine))
	id := opened.Header().Get("Mcp-Session-Id")
	for i := range 100 {
		serveIn(t, transport, id, callLine(strconv.Itoa(i), "echo", `{"text":"a"}`))
	}
	for range 2 {
		if status, answer := serveIn(t, transport, id, callLine("1", "tell", `{}`)); status != http.StatusOK || strings.Contains(answer, "isError") {
			t.Fatalf("%d %s", status, answer)
		}
		if info.Name != "asks" || info.Version != "2" || !takesForms(capable.Elicitation) || version != "2025-06-18" {
			t.Errorf("%+v %+v %s", info, capable, version)
		}
	}
	counted := 0
	for _, told := range w.told {
		if told == "request initialize false" {
			counted++
		}
	}
	if counted != 1 {
		t.Errorf("%d handshakes are counted", counted)
	}
}

// event reads the next message of a response that is a stream.
func event(t *testing.T, from *bufio.Scanner) (read rpcAnswer) {
	t.Helper()
	for from.Scan() {
		if data, ok := strings.CutPrefix(from.Text(), "data: "); ok {
			if err := json.Unmarshal([]byte(data), &read); err != nil {
				t.Fatal(err)
			}
			return read
		}
	}
	t.Fatal("the stream has ended")
	return read
}

// Several questions may be open in a session: each is answered, in whatever order the calls end.
func TestQuestionsOfASessionAreAnsweredEach(t *testing.T) {
	gate := &oneHandle{}
	run := startHTTP(t, asking(t, gate), HTTPOptions{})
	opened := run.do(http.MethodPost, "/mcp", askedLine)
	session := "Mcp-Session-Id: " + opened.Header.Get("Mcp-Session-Id")
	for _, line := range lists("9") {
		text(t, run.do(http.MethodPost, "/mcp", line, session))
	}
	streams, questions := make([]*bufio.Scanner, 3), make([]rpcAnswer, 3)
	for i := range streams {
		call := run.do(http.MethodPost, "/mcp", callLine(strconv.Itoa(i), "delete_api_key", `{"key_id":"k1"}`), session)
		streams[i] = bufio.NewScanner(call.Body)
		questions[i] = event(t, streams[i])
	}
	for i, question := range questions {
		answer := fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"action":"accept","content":{"agree":true}}}`, question.ID)
		if response := run.do(http.MethodPost, "/mcp", answer, session); response.StatusCode != http.StatusAccepted {
			t.Errorf("status %d: %s", response.StatusCode, text(t, response))
		}
		if result := event(t, streams[i]); !strings.Contains(string(result.Result), "done") || gate.executed() != i+1 {
			t.Errorf("%s, executed %d times", result.Result, gate.executed())
		}
	}
}
