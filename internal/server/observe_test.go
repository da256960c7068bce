package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// witness notes what an observer is told, and knows the credential.
type witness struct {
	mu     sync.Mutex
	told   []string
	learnt []string
}

const credential = "rok_the_callers_own"

func (w *witness) note(format string, values ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, fmt.Sprintf(format, values...))
}

func (w *witness) saw(what string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.told, what)
}

func (w *witness) StartRequest(ctx context.Context, method, target string, carrier func(string) string) (context.Context, func(bool)) {
	parent := carrier("traceparent")
	return ctx, func(failed bool) { w.note("span %s %s %s %t", method, target, parent, failed) }
}

func (w *witness) StartCall(ctx context.Context, tool, class string) (context.Context, func(string)) {
	return ctx, func(code string) { w.note("call %s %s %s", tool, class, code) }
}
func (w *witness) CountUnknownTool(code string)           { w.note("unknown %s", code) }
func (w *witness) CountRequest(method string, fails bool) { w.note("request %s %t", method, fails) }
func (w *witness) CountRefusal(reason string)             { w.note("refusal %s", reason) }
func (w *witness) Add(secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.learnt = append(w.learnt, secret)
}
func (w *witness) WithoutCredentials(shown []byte) []byte {
	return bytes.ReplaceAll(shown, []byte(credential), []byte("[redacted]"))
}

func TestAnObserverLearnsOfEveryRequest(t *testing.T) {
	w := &witness{}
	s, err := New(Options{Catalog: collect(t, newFakes().all()...), Version: "1", Observer: w, Logger: discard()})
	if err != nil {
		t.Fatal(err)
	}
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, body := range []string{
		callLine("1", "echo", `{"text":"a"}`),
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"missing","arguments":{},"_meta":{"traceparent":"` + parent + `"}}}`,
		callLine("3", "sk_live_made_up", `{}`),
		`{"jsonrpc":"2.0","id":4,"method":"tools/list"}`,
	} {
		text(t, run.do(http.MethodPost, "/mcp", body, session, "Traceparent: of-the-header"))
	}
	for _, want := range []string{
		"call echo read ok", "call missing read not_found", "unknown not_found",
		"span tools/call echo of-the-header false", "span tools/call missing " + parent + " true",
		"request initialize false", "request tools/list false", "request tools/call false", "request tools/call true",
	} {
		if !w.saw(want) {
			t.Errorf("not told %q of %q", want, w.told)
		}
	}
	if strings.Contains(strings.Join(w.told, "\n"), "made_up") {
		t.Errorf("a name that a client made up: %q", w.told)
	}
	if s.Sessions() != 1 {
		t.Errorf("%d sessions", s.Sessions())
	}
	stream := run.sse()
	stream.post(callLine("1", "echo", `{"text":"a"}`))
	stream.next()
	if open := s.Streams(); open["sse"] != 1 || open["http"] != 0 {
		t.Errorf("%v", open)
	}
}

type mintedOutput struct {
	APIKey string `json:"api_key"`
	Echo   string `json:"echo"`
}

type payInput struct {
	Token string `json:"token"`
}

func TestSecretsAreLearntAndCredentialsAreHidden(t *testing.T) {
	spec := func(name string, class client.Class) tools.Spec {
		return tools.Spec{Name: name, Title: "T", Description: "D.", Toolset: tools.ToolsetAgents, Class: class}
	}
	w := &witness{}
	s, err := New(Options{Version: "1", Secrets: w, Logger: discard(), Catalog: collect(t,
		tools.Define(spec("mint", client.Secret), func(_ context.Context, _ payInput) (mintedOutput, error) {
			return mintedOutput{APIKey: "minted-key", Echo: "your key is " + credential}, nil
		}),
		tools.Define(spec("refuse", client.Money), func(_ context.Context, _ payInput) (mintedOutput, error) {
			return mintedOutput{}, &tools.Error{Code: tools.CodeRejected, Message: "key " + credential, NextStep: credential,
				PlatformSaid: credential, ValidValues: []string{credential}}
		}),
		tools.Define(spec("break", client.Read), func(_ context.Context, _ payInput) (mintedOutput, error) {
			return mintedOutput{}, errors.New(credential)
		}),
	)})
	if err != nil {
		t.Fatal(err)
	}
	out, failure := s.Call(t.Context(), "mint", json.RawMessage(`{"token":"tok_of_the_caller"}`))
	if failure != nil || strings.Contains(string(out.Structured), credential) || !strings.Contains(string(out.Structured), "minted-key") {
		t.Errorf("%s %+v", out.Structured, failure)
	}
	for _, secret := range []string{"tok_of_the_caller", "minted-key"} {
		if !slices.Contains(w.learnt, secret) {
			t.Errorf("%s is not known: %q", secret, w.learnt)
		}
	}
	for _, tool := range []string{"refuse", "break"} {
		if _, failure := s.Call(t.Context(), tool, json.RawMessage(`{"token":"t"}`)); failure == nil || strings.Contains(string(failure.JSON()), credential) {
			t.Errorf("%s: %+v", tool, failure)
		}
	}
}
