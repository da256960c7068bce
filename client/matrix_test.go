package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/faultnet"
)

// invocations call every operation of the table, by its method.
func invocations() map[string]func(context.Context, *client.Client) error {
	one, model := credits("1"), "m"
	wants := client.PaymentRequirements{Scheme: "token", Network: "robutler", MaxAmountRequired: "1", PayTo: "x"}
	ask := client.ChatParams{Messages: []client.ChatMessage{{Role: "user", Content: "x"}}}
	return map[string]func(context.Context, *client.Client) error{
		"Agents.List": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.List(ctx, client.AgentListOptions{}))
		},
		"Agents.Get": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Get(ctx, "5f0c2a52-6f2b-5a86-9c6f-0f6f5b1d2a11"))
		},
		"Agents.GetByName": func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.GetByName(ctx, "a")) },
		"Agents.Create": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Create(ctx, client.AgentCreateParams{Name: "a", Instructions: "b"}))
		},
		"Agents.Update": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Update(ctx, "a", client.AgentUpdateParams{Model: &model}))
		},
		"Agents.Delete": func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.Delete(ctx, "a")) },
		"Agents.Search": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Search(ctx, "q", client.AgentSearchOptions{}))
		},
		"Agents.Discover": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Discover(ctx, []string{"a"}, 1))
		},
		"Agents.FindSimilar":      func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.FindSimilar(ctx, "a", 1)) },
		"Agents.APIKey":           func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.APIKey(ctx, "a")) },
		"Agents.RegenerateAPIKey": func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.RegenerateAPIKey(ctx, "a")) },
		"Agents.Chat, Agents.ChatStream": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Agents.Chat(ctx, "a", ask))
		},
		"Agents.Intents": func(ctx context.Context, c *client.Client) error { return errorOf(c.Agents.Intents(ctx, "a")) },
		"Content.List": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Content.List(ctx, client.ContentListOptions{}))
		},
		"Content.AgentAccess": func(ctx context.Context, c *client.Client) error { return errorOf(c.Content.AgentAccess(ctx, "")) },
		"Content.ListOfAgent": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Content.ListOfAgent(ctx, "a", "", 1, client.Cursor{}))
		},
		"Content.Upload": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Content.Upload(ctx, client.BytesUpload("a", []byte("x"))))
		},
		"Content.Read": func(ctx context.Context, c *client.Client) error { return errorOf(c.Content.Read(ctx, "c")) },
		"Content.ReadOfAgent": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Content.ReadOfAgent(ctx, "a", "c"))
		},
		"Content.Delete": func(ctx context.Context, c *client.Client) error { return errorOf(c.Content.Delete(ctx, "c")) },
		"User.Get, User.ValidateKey": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.User.Get(ctx))
		},
		"User.Credits": func(ctx context.Context, c *client.Client) error { return errorOf(c.User.Credits(ctx)) },
		"User.Transactions": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.User.Transactions(ctx, client.TransactionListOptions{}))
		},
		"APIKeys.List":   func(ctx context.Context, c *client.Client) error { return errorOf(c.APIKeys.List(ctx)) },
		"APIKeys.Create": func(ctx context.Context, c *client.Client) error { return errorOf(c.APIKeys.Create(ctx, "k")) },
		"APIKeys.Delete": func(ctx context.Context, c *client.Client) error { return errorOf(c.APIKeys.Delete(ctx, "k")) },
		"Tokens.Validate, Tokens.Balance": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.Validate(ctx, "t"))
		},
		"Tokens.Redeem": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.Redeem(ctx, client.RedeemParams{Token: "t", AmountCredits: one, IdempotencyKey: "k"}))
		},
		"Tokens.Verify":     func(ctx context.Context, c *client.Client) error { return errorOf(c.Tokens.Verify(ctx, "t", "a")) },
		"Tokens.Lock":       func(ctx context.Context, c *client.Client) error { return errorOf(c.Tokens.Lock(ctx, "t", one)) },
		"Tokens.ExtendLock": func(ctx context.Context, c *client.Client) error { return errorOf(c.Tokens.ExtendLock(ctx, "l", one)) },
		"Tokens.Settle": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.Settle(ctx, client.SettleParams{LockID: "l", AmountCredits: &one, IdempotencyKey: "k"}))
		},
		"Tokens.Delegate": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Tokens.Delegate(ctx, client.DelegateParams{ParentToken: "t", DelegateTo: "a", AmountCredits: one}))
		},
		"Facilitator.Supported": func(ctx context.Context, c *client.Client) error { return errorOf(c.Facilitator.Supported(ctx)) },
		"Facilitator.Verify": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Facilitator.Verify(ctx, "h", wants))
		},
		"Facilitator.Settle": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Facilitator.Settle(ctx, "h", wants))
		},
		"Facilitator.ExchangeRates": func(ctx context.Context, c *client.Client) error { return errorOf(c.Facilitator.ExchangeRates(ctx)) },
		"Facilitator.Exchange": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Facilitator.Exchange(ctx, "h", wants, client.ExchangeOutput{Amount: "9.8"}))
		},
		"Intents.Publish": func(ctx context.Context, c *client.Client) error {
			return errorOf(c.Intents.Publish(ctx, []client.IntentPublication{{Text: "x", AgentID: "a"}}))
		},
		"Intents.Create": func(ctx context.Context, c *client.Client) error {
			return c.Intents.Create(ctx, "a", []string{"x"}, "")
		},
		"Intents.Search": func(ctx context.Context, c *client.Client) error { return errorOf(c.Intents.Search(ctx, "q", 1)) },
		"Health":         func(ctx context.Context, c *client.Client) error { return c.Health(ctx) },
	}
}

// matrixFault is a way in which the platform or the network fails, and what a read and a write must make of it.
type matrixFault struct {
	name        string
	handler     http.HandlerFunc
	network     faultnet.Fault
	read, write error
}

func answerWith(status int, contentType, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func matrixFaults() []matrixFault {
	const jsonType = "application/json"
	return []matrixFault{
		{name: "401", handler: answerWith(401, jsonType, `{"error":"x"}`), read: client.ErrUnauthorized, write: client.ErrUnauthorized},
		{name: "402", handler: answerWith(402, jsonType, `{"error":"x"}`), read: client.ErrInsufficientFunds, write: client.ErrInsufficientFunds},
		{name: "403", handler: answerWith(403, jsonType, `{"error":"x"}`), read: client.ErrForbidden, write: client.ErrForbidden},
		{name: "409", handler: answerWith(409, jsonType, `{"error":"x"}`), read: client.ErrConflict, write: client.ErrConflict},
		{name: "413", handler: answerWith(413, jsonType, `{"error":"x"}`), read: client.ErrInvalidArgument, write: client.ErrInvalidArgument},
		{name: "422", handler: answerWith(422, jsonType, `{"error":"x"}`), read: client.ErrInvalidArgument, write: client.ErrInvalidArgument},
		{name: "429", handler: answerWith(429, jsonType, `{"error":"x"}`, "Retry-After", "3600"), read: client.ErrRateLimited, write: client.ErrRateLimited},
		{name: "500", handler: answerWith(500, jsonType, `{"error":"x"}`), read: client.ErrUpstream, write: client.ErrOutcomeUnknown},
		{name: "502", handler: answerWith(502, "text/html", `<html>bad gateway</html>`), read: client.ErrUpstream, write: client.ErrOutcomeUnknown},
		{name: "504", handler: answerWith(504, jsonType, `{}`), read: client.ErrUpstream, write: client.ErrOutcomeUnknown},
		{name: "redirect", handler: answerWith(308, jsonType, "", "Location", "http://evil.example/"), read: client.ErrRedirect, write: client.ErrRedirect},
		{name: "web page", handler: answerWith(200, "text/html", "<html>login</html>"), read: client.ErrBadResponse, write: client.ErrOutcomeUnknown},
		{name: "200 with an error", handler: answerWith(200, jsonType, `{"success":false,"error":"x"}`), read: client.ErrRejected, write: client.ErrRejected},
		{name: "empty", handler: answerWith(200, jsonType, ""), read: client.ErrBadResponse, write: client.ErrOutcomeUnknown},
		{name: "204", handler: answerWith(204, jsonType, ""), read: client.ErrBadResponse, write: client.ErrOutcomeUnknown},
		{name: "half JSON", handler: answerWith(200, jsonType, `{"a":`), read: client.ErrBadResponse, write: client.ErrOutcomeUnknown},
		{name: "an array", handler: answerWith(200, jsonType, `[]`), read: client.ErrBadResponse, write: client.ErrOutcomeUnknown},
		{name: "gzip bomb", handler: gzipBomb, read: client.ErrBadResponse, write: client.ErrOutcomeUnknown},
		{name: "echo", handler: echo, read: client.ErrInvalidArgument, write: client.ErrInvalidArgument},
		{name: "stall", network: faultnet.Stall, read: client.ErrTimeout, write: client.ErrOutcomeUnknown},
		{name: "drip", network: faultnet.Drip, read: client.ErrTimeout, write: client.ErrOutcomeUnknown},
		{name: "cut off", network: faultnet.TruncateBody, read: client.ErrBadResponse, write: client.ErrOutcomeUnknown},
		{name: "closed", network: faultnet.CloseAfterRequest, read: client.ErrUnavailable, write: client.ErrOutcomeUnknown},
		{name: "reset", network: faultnet.ResetAfterRequest, read: client.ErrUnavailable, write: client.ErrOutcomeUnknown},
	}
}

// echo answers with everything that was sent, secrets included.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", r.Header.Get("X-API-Key"))
	w.WriteHeader(http.StatusBadRequest)
	text := r.Header.Get("Authorization") + " " + r.Header.Get("X-API-Key") + " " + r.URL.RawQuery + " tok_canary:canarysecret"
	encoded, _ := json.Marshal(map[string]string{"error": text, "code": r.Header.Get("X-API-Key")})
	_, _ = w.Write(encoded)
}

// expected is what an operation must make of a fault; nil where the fault is none for it.
func (f *matrixFault) expected(operation *client.Operation) error {
	want := f.write
	if operation.Class == client.Read {
		want = f.read
	}
	switch {
	case operation.Method == "Content.Read" && (f.name == "empty" || f.name == "204" || f.name == "half JSON" || f.name == "an array"):
		return nil // a file may hold anything
	case f.name == "422" && (operation.Method == "Tokens.Settle" || operation.Method == "Tokens.Redeem"):
		return client.ErrConflict // they carry an idempotency key
	case operation.Class == client.Delete && (f.name == "empty" || f.name == "204" || f.name == "an array"):
		return nil // a deletion needs no words, and none are read
	case (operation.Method == "Intents.Create" || operation.Method == "Health") && f.name == "an array":
		return nil // nothing of the answer is read
	case f.name == "200 with an error" && (operation.Method == "Tokens.Verify" || operation.Method == "Facilitator.Verify" || strings.HasPrefix(operation.Method, "Tokens.Validate")):
		return client.ErrBadResponse // these answer with a verdict, and there is none
	default:
		return want
	}
}

// TestFaultMatrix sends every operation into every fault. What promises nothing must be an error of the right kind, no
// write is sent twice, and no error holds the key.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	calls := invocations()
	for _, operation := range client.Operations() {
		call, ok := calls[operation.Method]
		if !ok {
			t.Errorf("%s is not in the matrix", operation.Method)
			continue
		}
		for _, fault := range matrixFaults() {
			t.Run(operation.Method+"/"+fault.name, func(t *testing.T) {
				t.Parallel()
				var writes atomic.Int64
				ctx := newExpiring(t.Context())
				base := fault.serve(t, &writes, ctx.expire)
				options := []client.Option{client.WithMaxRetries(0)} // TestHTTPFaults counts repeats
				err := call(ctx, newClient(t, base, options...))
				want := fault.expected(&operation)
				if (want == nil) != (err == nil) || !errors.Is(err, want) {
					t.Fatalf("error = %v, want %v", err, want)
				}
				if operation.Class != client.Read && writes.Load() != 1 {
					t.Errorf("%d writes were sent", writes.Load())
				}
				if err != nil {
					checkErrorText(t, err, "")
					if strings.Contains(err.Error(), "canary") {
						t.Errorf("a secret is in %q", err)
					}
				}
			})
		}
	}
	if len(calls) != len(client.Operations()) {
		t.Errorf("the matrix calls %d operations of %d", len(calls), len(client.Operations()))
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
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		block := []byte(strings.Repeat(" ", 1<<20))
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
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
