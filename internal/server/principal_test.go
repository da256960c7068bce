package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// badges takes the bearer for the caller's name. Callers whose name ends in -reader may only read.
type badges struct {
	// unverified is what checking a caller gives.
	unverified error
}

func (b badges) Authenticate(r *http.Request) (Principal, error) {
	name := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch name {
	case "", "Bearer":
		return Principal{}, &Refusal{Status: http.StatusUnauthorized, Challenge: `Bearer realm="test"`, Reason: "who are you?"}
	case "nobody":
		return Principal{}, nil
	case "fault":
		return Principal{}, errors.New("dial " + canary)
	}
	who := Principal{ID: name, Key: func(context.Context) (string, error) { return "key of " + name, nil }, KeyAdvice: "advice"}
	if b.unverified != nil {
		who.Verify = func(context.Context) error { return b.unverified }
	}
	if strings.HasSuffix(name, "-reader") {
		refusal := &Refusal{Status: http.StatusForbidden, Challenge: `Bearer error="insufficient_scope", scope="money"`, Reason: "more scope"}
		who.Denied = map[Permission]*Refusal{PermissionWrite: refusal, PermissionSecret: refusal, PermissionMoney: refusal}
	}
	return who, nil
}

func (badges) Documents() map[string][]byte {
	return map[string][]byte{"/about": []byte(`{"open":true}`)}
}

// whoTools tell who calls.
func whoTools() []tools.Tool {
	return []tools.Tool{
		tools.Define(readSpec("get_agent", tools.ToolsetAgents), func(ctx context.Context, _ echoInput) (echoOutput, error) {
			key, err := CallerKey(ctx)
			return echoOutput{Text: tools.CallerOf(ctx).ID + ", " + key}, err
		}),
		tools.Define(readSpec("get_user", tools.ToolsetAccount), func(context.Context, echoInput) (echoOutput, error) {
			return echoOutput{}, fmt.Errorf("get user: %w", client.ErrUnauthorized)
		}),
		tools.Define(specOf("settle", tools.ToolsetPayments, client.Money), func(ctx context.Context, _ echoInput) (echoOutput, error) {
			return echoOutput{Text: tools.CallerOf(ctx).ID}, nil
		}),
	}
}

func startCallers(t *testing.T, o HTTPOptions) (*httpRun, *syncBuffer) {
	t.Helper()
	s, log := serve(t, whoTools()...)
	if o.Authenticator == nil {
		o.Authenticator = badges{}
	}
	return startHTTP(t, s, o), log
}

func as(name string, headers ...string) []string {
	return append([]string{"Authorization: Bearer " + name}, headers...)
}

func TestEveryRequestIsAuthenticated(t *testing.T) {
	run, log := startCallers(t, HTTPOptions{})
	for _, target := range []string{"POST /mcp", "GET /mcp", "DELETE /mcp", "GET /sse", "POST /message?sessionId=x"} {
		method, path, _ := strings.Cut(target, " ")
		for name, status := range map[string]int{"": 401, "nobody": 503, "fault": 503} {
			response := run.do(method, path, initializeLine, as(name)...)
			if body := text(t, response); response.StatusCode != status || strings.Contains(body, canary) ||
				(status == 401) != (response.Header.Get("WWW-Authenticate") == `Bearer realm="test"`) {
				t.Errorf("%s as %q: %d %s", target, name, response.StatusCode, body)
			}
		}
	}
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/about": 200, "/elsewhere": 404} {
		if response := run.do(http.MethodGet, path, ""); response.StatusCode != status {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
	if response := run.do(http.MethodPost, "/about", "{}"); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /about: %d", response.StatusCode)
	}
	if !strings.Contains(log.String(), "callers cannot be authenticated") {
		t.Error("the fault is not logged")
	}
}

func TestCallsAreMadeForWhoeverAsks(t *testing.T) {
	run, _ := startCallers(t, HTTPOptions{})
	for _, name := range []string{"alice", "bob"} {
		answer := text(t, run.do(http.MethodPost, "/mcp", modernCall("1", "get_agent"), as(name, modernHeaders("get_agent")...)...))
		if !strings.Contains(answer, name+", key of "+name) {
			t.Errorf("%s: %s", name, answer)
		}
		answer = text(t, run.do(http.MethodPost, "/mcp", modernCall("1", "get_user"), as(name, modernHeaders("get_user")...)...))
		if !strings.Contains(answer, tools.CodeKeyRefused) || !strings.Contains(answer, "advice") {
			t.Errorf("%s: %s", name, answer)
		}
	}
	if _, err := CallerKey(t.Context()); !errors.Is(err, client.ErrMissingKey) {
		t.Errorf("a key of nobody: %v", err)
	}
}

func TestNothingIsKeptForWhoIsNotVerified(t *testing.T) {
	for status, fault := range map[int]error{401: &Refusal{Status: 401, Reason: "unknown"}, 503: errors.New("down")} {
		run, _ := startCallers(t, HTTPOptions{Authenticator: badges{unverified: fault}})
		for target, body := range map[string]string{"POST /mcp": initializeLine, "GET /sse": ""} {
			method, path, _ := strings.Cut(target, " ")
			response := run.do(method, path, body, as("alice")...)
			if response.StatusCode != status || response.Header.Get("Mcp-Session-Id") != "" {
				t.Errorf("%s: %d", target, response.StatusCode)
			}
		}
		if response := run.do(http.MethodPost, "/mcp", modernCall("1", "get_agent"), as("alice", modernHeaders("get_agent")...)...); response.StatusCode != 200 {
			t.Errorf("a call of no session: %d", response.StatusCode)
		}
	}
}

// A caller sees the tools that the scopes allow, and is told on HTTP's own level how to get further.
func TestPermissionsNarrow(t *testing.T) {
	run, _ := startCallers(t, HTTPOptions{})
	for name, want := range map[string][]string{"alice": {"get_agent", "get_user", "settle"}, "alice-reader": {"get_agent", "get_user"}} {
		response := run.do(http.MethodPost, "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{`+modernMeta+`}}`,
			as(name, "Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: tools/list")...)
		var list struct {
			Result struct{ Tools []struct{ Name string } }
		}
		var got []string
		_ = json.Unmarshal([]byte(text(t, response)), &list)
		for _, tool := range list.Result.Tools {
			got = append(got, tool.Name)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	stream := run.sse(as("alice-reader")...)
	for name, response := range map[string]*http.Response{
		"modern": run.do(http.MethodPost, "/mcp", modernCall("1", "settle"), as("alice-reader", modernHeaders("settle")...)...),
		"sse":    run.do(http.MethodPost, stream.endpoint, callLine("1", "settle", "{}"), as("alice-reader")...),
	} {
		if response.StatusCode != http.StatusForbidden || !strings.Contains(response.Header.Get("WWW-Authenticate"), `scope="money"`) {
			t.Errorf("%s: %d %v", name, response.StatusCode, response.Header)
		}
	}
	if response := run.do(http.MethodPost, "/mcp", modernCall("1", "settle"), as("alice", modernHeaders("settle")...)...); !strings.Contains(text(t, response), `"alice"`) {
		t.Error("who has the scope may not call")
	}
}

func TestOneCallerCannotTakeAllSessions(t *testing.T) {
	open := newSessions(t.Context(), systemClock{}, nil)
	of := func(name string) context.Context { return withPrincipal(t.Context(), &Principal{ID: name}) }
	for range maxSessionsEach {
		if _, ok := open.begin(of("alice")); !ok {
			t.Fatal("a new session is not open")
		}
	}
	for name, ctx := range map[string]context.Context{"alice": of("alice"), "bob": of("bob"), "": t.Context()} {
		opened, ok := open.begin(ctx)
		if ok != (name != "alice") {
			t.Errorf("%q: place %t", name, ok)
		}
		if ok {
			open.end(opened.id)
		}
	}
	bobs, _ := open.begin(of("bob"))
	open.end(bobs.id)
	open.end(bobs.id)
	if open.count["bob"] != 0 || len(open.count) != 1 {
		t.Errorf("%v", open.count)
	}
	transport := &events{streams: map[string]*stream{}}
	for i := range maxStreamsEach {
		transport.open(&stream{id: strconv.Itoa(i), caller: "alice"})
	}
	if transport.open(&stream{id: "a", caller: "alice"}) || !transport.open(&stream{id: "b", caller: "bob"}) {
		t.Error("alice's streams are not bounded, or bob's are")
	}
}

// TestSessionsAreBoundedAtOnce: what many begin to open at the same time counts at once.
func TestSessionsAreBoundedAtOnce(t *testing.T) {
	t.Parallel()
	open := newSessions(t.Context(), systemClock{}, discard())
	alice := withPrincipal(t.Context(), &Principal{ID: "alice"})
	var opening sync.WaitGroup
	for range 2 * maxSessionsEach {
		opening.Go(func() { open.begin(alice) }) // those beyond are refused: all of alice's are in use
	}
	opening.Wait()
	if open.size() != maxSessionsEach || open.count["alice"] != maxSessionsEach {
		t.Errorf("%d sessions, %v", open.size(), open.count)
	}
	if _, ok := open.begin(t.Context()); !ok {
		t.Error("others are refused")
	}
}

// heldClock stands still until it is moved.
type heldClock struct{ at time.Time }

func (c *heldClock) now() time.Time { return c.at }

func (*heldClock) ticks(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }
