package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

func TestCallGoesTheSameWay(t *testing.T) {
	s, log := newTestServer(t, newFakes())
	out, failure := s.Call(t.Context(), "echo", json.RawMessage(`{"text":"private words"}`))
	if failure != nil || string(out.Structured) != `{"text":"private words"}` {
		t.Errorf("echo: %s, %v", out.Structured, failure)
	}
	for tool, code := range map[string]string{
		"missing": tools.CodeNotFound, "fail": tools.CodeInternal, "explode": tools.CodeInternal, "ecko": tools.CodeInvalidArgument,
	} {
		out, failure := s.Call(t.Context(), tool, nil)
		if out.Structured != nil || failure == nil || failure.Code != code || strings.Contains(string(failure.JSON()), canary) {
			t.Errorf("%s: %s, %+v", tool, out.Structured, failure)
		}
	}
	logged := log.String()
	for _, want := range []string{"tool=echo", "class=read", "code=ok", "code=not_found", "duration=", "level=ERROR"} {
		if !strings.Contains(logged, want) {
			t.Errorf("the log lacks %s:\n%s", want, logged)
		}
	}
	if strings.Contains(logged, "private words") {
		t.Error("arguments are logged")
	}
}

// What the client is told must lead to the panic in the log.
func TestReferenceOfAPanicIsInTheLog(t *testing.T) {
	for _, tool := range []string{"explode", "fail"} {
		s, log := newTestServer(t, newFakes())
		_, failure := s.Call(t.Context(), tool, nil)
		_, reference, ok := strings.Cut(failure.Message, "reference ")
		if !ok || len(reference) != referenceLength {
			t.Fatalf("%s: no reference in %q", tool, failure.Message)
		}
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, "level=ERROR") && (!strings.Contains(line, reference) || !strings.Contains(line, canary)) {
				t.Errorf("%s: logged %s", tool, line)
			}
		}
	}
}

func TestCancelledCallsAreToldSo(t *testing.T) {
	f := newFakes()
	s, log := newTestServer(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-f.started
		cancel()
	}()
	if _, failure := s.Call(ctx, "wait", json.RawMessage(`{"text":"a"}`)); failure == nil || failure.Code != tools.CodeCanceled {
		t.Errorf("given up while it ran: %+v", failure)
	}
	if _, failure := s.Call(ctx, "stubborn", json.RawMessage(`{"text":"a"}`)); failure == nil || failure.Code != tools.CodeCanceled {
		t.Errorf("given up before it ran: %+v", failure)
	}
	late, release := context.WithTimeout(t.Context(), 0)
	defer release()
	if _, failure := s.Call(late, "echo", json.RawMessage(`{"text":"a"}`)); failure == nil || failure.Code != tools.CodeTimeout {
		t.Errorf("too late: %+v", failure)
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("a call that is given up is no error of the server:\n%s", log.String())
	}
}

// The unknown outcome of a call that was given up is the truth, not that it was given up.
func TestExplainPrefersTheTellingError(t *testing.T) {
	p := pipeline{logger: discard()}
	err := fmt.Errorf("create agent: %w", errors.Join(client.ErrOutcomeUnknown, context.Canceled))
	if failure := p.explain(t.Context(), tools.Tool{}, err); failure.Code != tools.CodeOutcomeUnknown {
		t.Errorf("got %+v", failure)
	}
}

// A result that is not an object must become an error: mcp-go and clients choke on it.
func TestResultsMustBeObjects(t *testing.T) {
	list := tools.Define(tools.Spec{Name: "list", Class: client.Read},
		func(context.Context, noInput) (disguisedList, error) { return disguisedList{}, nil })
	log := &syncBuffer{}
	_, failure := pipeline{logger: slog.New(slog.NewTextHandler(log, nil)), observer: unobserved{}, secrets: unobserved{}}.run(t.Context(), list, nil)
	if failure == nil || failure.Code != tools.CodeInternal || !strings.Contains(log.String(), "not a JSON object") {
		t.Errorf("got %+v: %s", failure, log)
	}
}

// disguisedList has the schema of an object and the JSON of a list.
type disguisedList struct {
	Text string `json:"text"`
}

func (disguisedList) MarshalJSON() ([]byte, error) { return []byte(`["a"]`), nil }

// breaking spoils every result, as a fault of what takes secrets out would.
type breaking struct{ unobserved }

func (breaking) WithoutCredentials(_ context.Context, _ []byte) []byte { return []byte(`{"a":`) }

// A call that did something must not read as one that can be made again, even if its result cannot be sent.
func TestAnUnshownEffectIsNotRepeated(t *testing.T) {
	for class, want := range map[client.Class]string{client.Read: tools.CodeInternal, client.Create: tools.CodeOutcomeUnknown, client.Money: tools.CodeOutcomeUnknown} {
		spec := tools.Spec{Name: "act", Title: "T", Description: "D", Class: class}
		act := tools.Define(spec, func(context.Context, noInput) (echoOutput, error) { return echoOutput{}, nil })
		p := pipeline{logger: discard(), observer: unobserved{}, secrets: breaking{}}
		if _, failure := p.run(t.Context(), act, nil); failure == nil || failure.Code != want {
			t.Errorf("%s: %+v, want %s", class, failure, want)
		}
	}
}
