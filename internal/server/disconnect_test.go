package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// heldServer serves one tool, whose calls tell in the end whether they were given up.
func heldServer(t *testing.T) (s *Server, started chan string, release chan struct{}, givenUp chan bool) {
	t.Helper()
	started, release, givenUp = make(chan string, 8), make(chan struct{}), make(chan bool, 8)
	spec := tools.Spec{Name: "hold", Title: "Hold", Description: "Holds.", Toolset: tools.ToolsetAgents, Class: client.Read}
	hold := tools.Define(spec, func(ctx context.Context, in echoInput) (echoOutput, error) {
		started <- in.Text
		select {
		case <-release:
		case <-ctx.Done():
			<-release
		}
		givenUp <- ctx.Err() != nil
		return echoOutput(in), nil
	})
	s, err := New(Options{Catalog: collect(t, hold), Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return s, started, release, givenUp
}

// post gives a request to the handler without a connection, so that the test says when its client leaves.
func post(ctx context.Context, body string, headers ...string) *http.Request {
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1/mcp", strings.NewReader(body))
	for _, header := range append(headers, "Content-Type: application/json") {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	return request
}

// What a client's leaving means is the revision's to say: before 2026 its call goes on, since it can be canceled by
// name; from then on leaving is how calls are canceled.
func TestTheRevisionSaysWhatADisconnectMeans(t *testing.T) {
	for name, test := range map[string]struct {
		stateless, modern, cancels bool
	}{
		"a session":                {},
		"no session":               {stateless: true},
		"2026-07-28":               {modern: true, cancels: true},
		"2026-07-28 and stateless": {stateless: true, modern: true, cancels: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, started, release, givenUp := heldServer(t)
			handler, shutdown, err := s.HTTPHandler(HTTPOptions{Stateless: test.stateless})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = shutdown(t.Context()) }()
			opened := newRecorder()
			handler.ServeHTTP(opened, post(t.Context(), initializeLine))
			headers := []string{"Mcp-Session-Id: " + opened.Header().Get("Mcp-Session-Id")}
			body := callLine("1", "hold", `{"text":"a"}`)
			if test.modern {
				body, headers = modernCall("1", "hold"), modernHeaders("hold")
			}
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				handler.ServeHTTP(newRecorder(), post(ctx, body, headers...))
			}()
			receive(t, started, "the call")
			leave()
			close(release)
			if got := receive(t, givenUp, "the end of the call"); got != test.cancels {
				t.Errorf("given up: %t", got)
			}
			receive(t, ended, "the end of the request")
		})
	}
}

// A call that outlasts its client can still be canceled by name, and ends with its session and with the server.
func TestAnAbandonedCallCanBeEnded(t *testing.T) {
	for name, end := range map[string]func(run *httpRun, session string){
		"canceled": func(run *httpRun, session string) {
			text(t, run.do(http.MethodPost, "/mcp", cancelLine(`{"requestId":1}`), session))
		},
		"session":  func(run *httpRun, session string) { text(t, run.do(http.MethodDelete, "/mcp", "", session)) },
		"shutdown": func(run *httpRun, _ string) { run.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakes()
			s, _ := newTestServer(t, f)
			run := startHTTP(t, s, HTTPOptions{})
			session := run.session()
			call := inBackground(t, run, callLine("1", "wait", `{"text":"a"}`), session)
			receive(t, f.started, "the call")
			call.leave()
			receive(t, call.ended, "the client")
			end(run, session)
			receive(t, f.givenUp, "the end of the call")
		})
	}
}

// A question that was on a connection which broke is not waited for: the call ends undone.
func TestALostQuestionIsNotWaitedFor(t *testing.T) {
	connection, leave := context.WithCancel(t.Context())
	call := outlast(t.Context(), connection)
	defer call.release()
	heard, stop := until(call, connectionOf(call))
	defer stop()
	leave()
	receive(t, heard.Done(), "the end of the question")
	if call.Err() != nil {
		t.Error("the call ended with its connection")
	}
}
