package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// namesInBody lists the operations whose body names what they are about, so that a 404 may be about that.
func namesInBody(method string) bool {
	return slices.Contains([]string{
		"Tokens.Redeem", "Tokens.Lock", "Tokens.Settle", "Tokens.Delegate", "Facilitator.Verify", "Facilitator.Settle", "Facilitator.Exchange",
	}, method)
}

func namesInPath(operation *client.Operation) bool {
	return slices.ContainsFunc(operation.Routes, func(r client.Route) bool { return strings.Contains(r.Path, "{") })
}

// expected is what an operation must make of a fault; nil where the fault is none for it.
func (f *matrixFault) expected(operation *client.Operation, class client.Class) error {
	method := operation.Method
	wordless := f.name == "an array" || f.name == "nothing of it" || f.name == "wrong types"
	switch {
	case method == "Content.Read" && (wordless || f.name == "empty" || f.name == "204" || f.name == "half JSON"):
		return nil // a file may hold anything
	case f.name == "422" && (method == "Tokens.Settle" || method == "Tokens.Redeem"):
		return client.ErrConflict // they carry an idempotency key
	case (f.name == "404" || f.name == "404, the thing") && !namesInBody(method) && !namesInPath(operation):
		return client.ErrUnsupported // there is nothing else that could be absent
	case class == client.Delete && (wordless || f.name == "empty" || f.name == "204"):
		return nil // a deletion needs no words, and none are read
	case (method == "Intents.Create" || method == "Health") && wordless:
		return nil // nothing of the answer is read
	case method == "Intents.Publish" && wordless && f.name != "an array":
		return nil // what it says of each intent is not documented
	case f.name == "200 with an error" && (method == "Tokens.Verify" || method == "Facilitator.Verify" || strings.HasPrefix(method, "Tokens.Validate")):
		return client.ErrBadResponse // these answer with a verdict, and there is none
	case class == client.Read:
		return f.read
	default:
		return f.write
	}
}

const uncounted = -1

// requests is how often the operation's routes must be asked.
func (f *matrixFault) requests(operation *client.Operation, class client.Class) int64 {
	switch {
	case f.notSent:
		return 0
	case f.name == "closed at once" && (class == client.Create || class == client.Update || class == client.Delete):
		return uncounted // connections are counted there, and these are looked up afterwards
	case f.name == "404, the thing" && namesInBody(operation.Method):
		return 1
	case f.walks:
		return int64(len(operation.Routes))
	case (class == client.Read && f.repeats) || slices.Contains(f.again, class):
		return 1 + client.DefaultMaxRetries
	default:
		return 1
	}
}

// TestFaultMatrix sends every operation into every fault, with retries as they are by default. What promises nothing
// must be an error of the right kind, nothing is sent more often than its class allows, and no error holds a secret.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	calls, classes := invocations(), classes()
	for _, operation := range client.Operations() {
		call, class := calls[operation.Method], classes[operation.Method]
		if call == nil || class == 0 {
			t.Errorf("%s is not in the matrix", operation.Method)
			continue
		}
		for _, fault := range matrixFaults() {
			t.Run(operation.Method+"/"+fault.name, func(t *testing.T) {
				t.Parallel()
				ctx := newExpiring(t.Context())
				base, asked := fault.serve(t, &operation, ctx.expire)
				options := []client.Option{client.WithMaxRetries(client.DefaultMaxRetries), client.WithJitter(func() float64 { return 0 })}
				if fault.transport != nil {
					options = append(options, client.WithTransport(fault.transport(t)))
				}
				err := call(ctx, newClient(t, base, options...))
				want := fault.expected(&operation, class)
				if (want == nil) != (err == nil) || !errors.Is(err, want) {
					t.Fatalf("error = %v, want %v", err, want)
				}
				if got, want := asked(), fault.requests(&operation, class); got != want && want != uncounted {
					t.Errorf("%d requests, want %d", got, want)
				}
				fault.checkError(t, err)
			})
		}
	}
	if len(calls) != len(client.Operations()) {
		t.Errorf("the matrix calls %d operations of %d", len(calls), len(client.Operations()))
	}
}

func (f *matrixFault) checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	checkErrorText(t, err, "")
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("a secret is in %q", err)
	}
	if apiError, ok := errors.AsType[*client.APIError](err); ok && (apiError.NotSent != f.notSent || (f.notSent && errors.Is(err, client.ErrOutcomeUnknown))) {
		t.Errorf("not sent %t: %v", apiError.NotSent, err)
	}
}

// TestIdempotencyKeyIsNotSentTwice guards against net/http, which sends a request with that header again by itself
// when a reused connection breaks.
func TestIdempotencyKeyIsNotSentTwice(t *testing.T) {
	t.Parallel()
	var settles atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodGet {
			answerWith(200, "application/json", `{"user":{"id":"1"}}`)(w, r)
			return
		}
		settles.Add(1)
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	c := newClient(t, server.URL)
	if _, err := c.User.Get(t.Context()); err != nil { // leaves a connection to be reused
		t.Fatal(err)
	}
	if err := invocations()["Tokens.Settle"](t.Context(), c); !errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("error = %v", err)
	}
	if settles.Load() != 1 {
		t.Errorf("%d charges were sent", settles.Load())
	}
}

// TestHugeAnswersStaySmallInMemory reads an endless answer and looks at what the heap gained.
func TestHugeAnswersStaySmallInMemory(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(endless))
	defer server.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := errorOf(newClient(t, server.URL).User.Get(t.Context())); !errors.Is(err, client.ErrBadResponse) {
		t.Errorf("error = %v", err)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 32<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}
