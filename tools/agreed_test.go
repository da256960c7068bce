package tools_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// agreeingGate shows every call and makes it.
type agreeingGate struct {
	shown tools.Preview
	err   error
}

func (g *agreeingGate) Pass(ctx context.Context, call tools.GatedCall) (tools.Result, error) {
	if g.shown, g.err = call.Preview(ctx); g.err != nil {
		return tools.Result{}, g.err
	}
	result, err := call.Do(ctx)
	g.err = err
	return result, err
}

// agreed is a platform that answers for each path as it is told, the last answer from then on, and what it was asked.
type agreed struct {
	gate    *agreeingGate
	catalog *tools.Catalog

	mu    sync.Mutex
	asked []string
}

func newAgreed(t *testing.T, answers map[string][]string) *agreed {
	t.Helper()
	a := &agreed{gate: &agreeingGate{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		what := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api")
		a.asked = append(a.asked, what)
		w.Header().Set("Content-Type", "application/json")
		left := answers[what]
		if len(left) == 0 {
			_, _ = fmt.Fprint(w, `{"ok":true}`)
			return
		}
		if len(left) > 1 {
			answers[what] = left[1:]
		}
		if left[0] == "" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = fmt.Fprint(w, left[0])
	}))
	t.Cleanup(server.Close)
	c, err := client.New(client.WithAPIKey("rok_x"), client.WithBaseURL(server.URL), client.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	if a.catalog, err = tools.NewCatalog(tools.Platform{Client: c, Gate: a.gate, Now: noon}); err != nil {
		t.Fatal(err)
	}
	return a
}

// writes are the requests that may have changed something.
func (a *agreed) writes() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.asked), func(what string) bool {
		return strings.HasPrefix(what, "GET ") || what == "POST /payments/verify"
	})
}

// lookingUp are calls that look up what they are about before they are made.
func lookingUp() map[string]string {
	return map[string]string{
		"delegate_payment_token": `{"token":"t","recipient":"helper","amount_usd":"0.25"}`, "delete_agent": `{"agent":"helper"}`,
		"publish_intents": `{"agent":"helper","intents":["cook"]}`, "chat_with_agent": `{"agent":"helper","message":"Hello"}`,
		"get_agent_api_key": `{"agent":"helper"}`, "regenerate_agent_api_key": `{"agent":"helper"}`,
		"update_agent": `{"agent":"helper","description":"Helps."}`,
	}
}

// TestOnlyWhatWasShownIsSent has a platform that takes an agent's id for the name of another.
func TestOnlyWhatWasShownIsSent(t *testing.T) {
	t.Parallel()
	for name, arguments := range lookingUp() {
		a := newAgreed(t, map[string][]string{
			"POST /payments/verify": {`{"valid":true,"balanceDollars":5}`}, "GET /agents/helper": {`{"id":"agt_a1b2c3","name":"helper"}`},
			"GET /agents/agt_a1b2c3": {`{"id":"agt_666","name":"agt_a1b2c3"}`},
		})
		_, err := call(t, a.catalog, name, arguments)
		if told := tools.Explain(err); told.Code != tools.CodeConflict || !strings.Contains(told.NextStep, tools.NothingSent) || !errors.Is(a.gate.err, tools.ErrNotSent) {
			t.Errorf("%s: %+v", name, told)
		}
		if sent := a.writes(); len(sent) > 0 {
			t.Errorf("%s: sent %v", name, sent)
		}
	}
}

// TestAnIDIsTheSameInAnyCase has a platform that writes ids in upper case here and in lower case there.
func TestAnIDIsTheSameInAnyCase(t *testing.T) {
	t.Parallel()
	const shown, now = "2206577C-717F-54CE-B5EC-984EB3C06CD5", "2206577c-717f-54ce-b5ec-984eb3c06cd5"
	a := newAgreed(t, map[string][]string{
		"GET /agents/helper": {`{"id":"` + shown + `","name":"helper"}`}, "GET /agents/" + shown: {`{"id":"` + now + `","name":"helper"}`},
	})
	if _, err := call(t, a.catalog, "publish_intents", `{"agent":"helper","intents":["cook"]}`); tools.Explain(err).Code == tools.CodeConflict {
		t.Error(err)
	}
	if len(a.writes()) == 0 {
		t.Error("nothing was sent")
	}
}

// TestAFailedLookUpIsNotSent lets what a call reads before it is made fail, after it was shown.
func TestAFailedLookUpIsNotSent(t *testing.T) {
	t.Parallel()
	calls := lookingUp()
	calls["delete_content"] = `{"content":"f1"}`
	for name, arguments := range calls {
		a := newAgreed(t, map[string][]string{
			"POST /payments/verify": {`{"valid":true,"balanceDollars":5}`}, "GET /agents/helper": {`{"id":"agt_a1b2c3","name":"helper"}`},
			"GET /agents/agt_a1b2c3": {""}, "GET /content": {`{"files":[{"id":"f1","name":"a.txt"}]}`, ""},
		})
		_, err := call(t, a.catalog, name, arguments)
		if told := tools.Explain(err); told.Code != tools.CodeUpstreamError || !errors.Is(a.gate.err, tools.ErrNotSent) {
			t.Errorf("%s: %+v, %v", name, told, a.gate.err)
		}
		if sent := a.writes(); len(sent) > 0 {
			t.Errorf("%s: sent %v", name, sent)
		}
	}
}

// TestWhatAgreementReliesOnIsTold changes what a call would cost or do behind the same arguments.
func TestWhatAgreementReliesOnIsTold(t *testing.T) {
	t.Parallel()
	const cheap, free = `{"id":"a1","name":"helper","model":"m1","creditsPerToken":0.000001}`, `{"id":"a1","name":"helper","model":"m1"}`
	const dear, set = `{"id":"a1","name":"helper","model":"m1","creditsPerToken":5}`, `{"id":"a1","name":"helper","model":"m2"}`
	for _, test := range []struct{ tool, arguments, first, then string }{
		{"chat_with_agent", `{"agent":"helper","message":"Hello"}`, cheap, dear},
		{"chat_with_agent", `{"agent":"helper","message":"Hello"}`, free, dear},
		{"update_agent", `{"agent":"helper","model":"m2","description":"x"}`, set, free},
	} {
		a := newAgreed(t, map[string][]string{"GET /agents/helper": {test.first, test.first, test.then}, "GET /agents/a1": {test.first}})
		var terms []string
		for range 3 {
			_, _ = call(t, a.catalog, test.tool, test.arguments) // what comes of it is another matter
			terms = append(terms, a.gate.shown.Terms)
		}
		if terms[0] != terms[1] || terms[1] == terms[2] {
			t.Errorf("%s: %q", test.tool, terms)
		}
	}
}
