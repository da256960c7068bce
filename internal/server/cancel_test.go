package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// slowPlatform never answers. It tells when a request comes and when it is given up.
type slowPlatform struct{ asked, aborted chan struct{} }

func (p slowPlatform) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client is gone
	p.asked <- struct{}{}
	<-r.Context().Done()
	p.aborted <- struct{}{}
}

// newUpstreamServer serves the real tools before a platform that never answers.
func newUpstreamServer(t testing.TB) (*Server, slowPlatform) {
	t.Helper()
	platform := slowPlatform{asked: make(chan struct{}, 64), aborted: make(chan struct{}, 64)}
	upstream := httptest.NewServer(platform)
	connections := &http.Transport{}
	t.Cleanup(func() {
		connections.CloseIdleConnections()
		upstream.Close()
	})
	c, err := client.New(client.WithBaseURL(upstream.URL), client.WithAPIKey("key"), client.WithMaxRetries(0), client.WithTransport(connections))
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := tools.NewCatalog(tools.Platform{Client: c})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Catalog: catalog, Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return s, platform
}

// giveUps are the ways in which a client gives up what it asked for. Each sends a message, awaits that it is being
// served, and gives it up.
func giveUps() map[string]func(t *testing.T, s *Server, message string, served <-chan struct{}) {
	cancel := cancelLine(`{"requestId":1,"reason":"the user has changed their mind"}`)
	return map[string]func(*testing.T, *Server, string, <-chan struct{}){
		"stdio": func(t *testing.T, s *Server, message string, served <-chan struct{}) {
			t.Helper()
			run := startStdio(t, s)
			run.send(message)
			receive(t, served, "the request")
			run.send(cancel)
		},
		"http with a session": func(t *testing.T, s *Server, message string, served <-chan struct{}) {
			t.Helper()
			run := startHTTP(t, s, HTTPOptions{})
			session := run.session()
			over := inBackground(t, run, message, session)
			receive(t, served, "the request")
			if response := run.do(http.MethodPost, "/mcp", cancel, session); response.StatusCode != http.StatusAccepted {
				t.Errorf("status %d", response.StatusCode)
			}
			receive(t, over.ended, "the answer")
		},
		"http without one": func(t *testing.T, s *Server, message string, served <-chan struct{}) {
			t.Helper()
			run := startHTTP(t, s, HTTPOptions{})
			method, name := "tools/call", "get_credits"
			if strings.Contains(message, "resources/read") {
				method, name = "resources/read", tools.ResourceAccount
			}
			body, headers := modern(message, method, name)
			over := inBackground(t, run, body, headers...)
			receive(t, served, "the request")
			over.leave()
			receive(t, over.ended, "the end")
		},
		"sse message": func(t *testing.T, s *Server, message string, served <-chan struct{}) {
			t.Helper()
			stream := startHTTP(t, s, HTTPOptions{}).sse()
			stream.post(message)
			receive(t, served, "the request")
			stream.post(cancel)
		},
		"sse stream": func(t *testing.T, s *Server, message string, served <-chan struct{}) {
			t.Helper()
			stream := startHTTP(t, s, HTTPOptions{}).sse()
			stream.post(message)
			receive(t, served, "the request")
			_ = stream.response.Body.Close()
		},
	}
}

// background is a request that is under way.
type background struct {
	leave context.CancelFunc
	ended chan struct{}
}

func inBackground(t *testing.T, run *httpRun, body string, headers ...string) background {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, run.base+"/mcp", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range append(headers, "Content-Type: application/json") {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	under := background{leave: leave, ended: make(chan struct{}, 1)}
	go func() {
		if response, err := run.web.Do(request); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		under.ended <- struct{}{}
	}()
	return under
}

// Giving up a call, in whatever way, aborts what the platform is asked for: it must not go on for nobody.
func TestGivingUpAbortsTheUpstreamRequest(t *testing.T) {
	for name, giveUp := range giveUps() {
		for what, message := range map[string]string{
			"call": `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_credits","arguments":{}}}`,
			"read": `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"` + tools.ResourceAccount + `"}}`,
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				s, platform := newUpstreamServer(t)
				giveUp(t, s, message, platform.asked)
				receive(t, platform.aborted, "the end of the request to the platform")
			})
		}
	}
}

// unanswered are the ways to cancel a call of a tool that waits. Each gives what the client gets before the answer to a
// ping that follows.
func unanswered() map[string]func(t *testing.T, s *Server, f *fakes) string {
	call, cancel := callLine("1", "wait", `{"text":"a"}`), cancelLine(`{"requestId":1}`)
	const after = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	pipe := func(call string) func(*testing.T, *Server, *fakes) string {
		return func(t *testing.T, s *Server, f *fakes) string {
			t.Helper()
			run := startStdio(t, s)
			run.send(call)
			receive(t, f.started, "the call")
			run.send(cancel)
			run.send(after) // of the same id, which is free
			receive(t, f.givenUp, "the end of the call")
			_ = run.in.Close()
			answers := run.rest()
			run.end()
			return string(answers["1"].Result)
		}
	}
	return map[string]func(*testing.T, *Server, *fakes) string{
		"stdio": pipe(call), "stdio, modern": pipe(modernCall("1", "wait")),
		"sse": func(t *testing.T, s *Server, f *fakes) string {
			t.Helper()
			stream := startHTTP(t, s, HTTPOptions{}).sse()
			stream.post(call)
			receive(t, f.started, "the call")
			stream.post(cancel)
			stream.post(after)
			receive(t, f.givenUp, "the end of the call")
			return string(stream.next().Result)
		},
		"http": func(t *testing.T, s *Server, f *fakes) string {
			t.Helper()
			run := startHTTP(t, s, HTTPOptions{})
			mine, other := run.session(), run.session()
			ended := make(chan string, 1)
			go func() {
				response := run.do(http.MethodPost, "/mcp", call, mine)
				if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/event-stream" {
					t.Errorf("status %d, %s", response.StatusCode, kind)
				}
				ended <- text(t, response)
			}()
			receive(t, f.started, "the call")
			if response := run.do(http.MethodPost, "/mcp", call, mine); response.StatusCode != http.StatusBadRequest {
				t.Errorf("the id twice: status %d", response.StatusCode)
			}
			run.do(http.MethodPost, "/mcp", cancel, other) // whose call it is not
			if response := run.do(http.MethodPost, "/mcp", cancel, mine); response.StatusCode != http.StatusAccepted {
				t.Errorf("status %d", response.StatusCode)
			}
			receive(t, f.givenUp, "the end of the call")
			got := receive(t, ended, "the end of the response")
			if got != "" {
				return got
			}
			return string(parseAnswer(t, []byte(text(t, run.do(http.MethodPost, "/mcp", after, mine)))).Result)
		},
	}
}

// A call that was given up gets no answer, and its id is free.
func TestACancelledCallIsNotAnswered(t *testing.T) {
	for name, cancel := range unanswered() {
		t.Run(name, func(t *testing.T) {
			f := newFakes()
			s, _ := newTestServer(t, f)
			if got := cancel(t, s, f); got != "{}" {
				t.Errorf("got %s", got)
			}
		})
	}
}

// BenchmarkCancel is the time from a client's cancellation to the end of the request to the platform.
func BenchmarkCancel(b *testing.B) {
	s, platform := newUpstreamServer(b)
	stream := startHTTP(b, s, HTTPOptions{}).sse()
	go func() { _, _ = io.Copy(io.Discard, stream.response.Body) }()
	id := 0
	for b.Loop() {
		id++
		b.StopTimer()
		stream.post(callLine(strconv.Itoa(id), "get_credits", `{}`))
		receive(b, platform.asked, "the request")
		b.StartTimer()
		stream.post(cancelLine(`{"requestId":` + strconv.Itoa(id) + `}`))
		receive(b, platform.aborted, "the end of the request")
	}
}
