package client_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/faultnet"
)

const canary = "rok_canary0123456789abcdefghijklmnop"

func newClient(t *testing.T, base string, options ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(append([]client.Option{
		client.WithAPIKey(canary), client.WithBaseURL(base), client.WithMaxRetries(2),
	}, options...)...)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return c
}

// calls are one read and one write, since classes decide what faults mean.
var calls = map[string]func(context.Context, *client.Client) error{
	"read": func(ctx context.Context, c *client.Client) error {
		_, err := c.Agents.List(ctx, client.AgentListOptions{})
		return err
	},
	"create": func(ctx context.Context, c *client.Client) error {
		_, err := c.Agents.Create(ctx, client.AgentCreateParams{Name: "a", Instructions: "b"})
		return err
	},
	"upload": func(ctx context.Context, c *client.Client) error {
		_, err := c.Content.Upload(ctx, client.BytesUpload("a.txt", []byte("hello")))
		return err
	},
}

func TestHTTPFaults(t *testing.T) {
	t.Parallel()
	jsonAnswer := func(status int, body string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	tests := []struct {
		name      string
		handler   http.HandlerFunc
		read      error
		write     error
		readHits  int64
		writeHits int64
		says      string
	}{
		{"401", jsonAnswer(401, `{"error":"bad key","message":"bad key"}`), client.ErrUnauthorized, client.ErrUnauthorized, 1, 1, "bad key"},
		{"402", jsonAnswer(402, `{"error":"need 5 credits"}`), client.ErrInsufficientFunds, client.ErrInsufficientFunds, 1, 1, "need 5 credits"},
		{"403", jsonAnswer(403, `{"error":"no"}`), client.ErrForbidden, client.ErrForbidden, 1, 1, "no"},
		{"409", jsonAnswer(409, `{"error":{"message":"taken"}}`), client.ErrConflict, client.ErrConflict, 1, 1, "taken"},
		{"422", jsonAnswer(422, `{"message":"bad field"}`), client.ErrInvalidArgument, client.ErrInvalidArgument, 1, 1, "bad field"},
		{"429", jsonAnswer(429, `{"error":"slow"}`, "Retry-After", "3600"), client.ErrRateLimited, client.ErrRateLimited, 1, 1, "slow"},
		{"500", jsonAnswer(500, `{"error":"boom"}`), client.ErrUpstream, client.ErrOutcomeUnknown, 3, 1, "boom"},
		{"503", jsonAnswer(503, `{}`), client.ErrUpstream, client.ErrOutcomeUnknown, 3, 1, ""},
		{"redirect", jsonAnswer(307, ``, "Location", "http://evil.example/steal?key=1"), client.ErrRedirect, client.ErrRedirect, 1, 1, "evil.example"},
		{"web page", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>Sign in</html>")
		}, client.ErrBadResponse, client.ErrOutcomeUnknown, 1, 1, "web page"},
		{"200 with error", jsonAnswer(200, `{"error":"quota"}`), client.ErrRejected, client.ErrRejected, 1, 1, "quota"},
		{"200 with success false", jsonAnswer(200, `{"success":false,"message":"nope"}`), client.ErrRejected, client.ErrRejected, 1, 1, "nope"},
		{"empty", jsonAnswer(200, ``), client.ErrBadResponse, client.ErrOutcomeUnknown, 1, 1, "empty"},
		{"not JSON", jsonAnswer(200, `{"agents":`), client.ErrBadResponse, client.ErrOutcomeUnknown, 1, 1, "not valid JSON"},
		{"array", jsonAnswer(200, `[]`), client.ErrBadResponse, client.ErrOutcomeUnknown, 1, 1, "JSON object"},
		{"echoed key", jsonAnswer(400, `{"error":"key `+canary+` is bad"}`), client.ErrInvalidArgument, client.ErrInvalidArgument, 1, 1, "[redacted]"},
		{"too large", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for range 9 << 4 {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 64<<10)); err != nil {
					return
				}
			}
		}, client.ErrBadResponse, client.ErrOutcomeUnknown, 1, 1, "8 MiB"},
		{"gzip bomb", gzipBomb, client.ErrBadResponse, client.ErrOutcomeUnknown, 1, 1, "8 MiB"},
	}
	for _, test := range tests {
		for kind, call := range calls {
			t.Run(test.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				var hits atomic.Int64
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					if r.Method != http.MethodGet || kind == "read" {
						hits.Add(1) // what a write looks up afterwards does not count
					}
					test.handler(w, r)
				}))
				defer server.Close()
				err := call(t.Context(), newClient(t, server.URL))
				want, wantHits := test.read, test.readHits
				if kind != "read" {
					want, wantHits = test.write, test.writeHits
				}
				if !errors.Is(err, want) {
					t.Fatalf("error = %v, want %v", err, want)
				}
				if got := hits.Load(); got != wantHits {
					t.Errorf("requests = %d, want %d", got, wantHits)
				}
				checkErrorText(t, err, test.says)
			})
		}
	}
}

// bomb is 32 MiB of spaces, compressed.
var bomb = sync.OnceValue(func() []byte {
	var packed bytes.Buffer
	compressed := gzip.NewWriter(&packed)
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	for range 32 {
		_, _ = compressed.Write(spaces) // a bytes.Buffer takes everything
	}
	_ = compressed.Close()
	return packed.Bytes()
})

func gzipBomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(bomb())
}

func checkErrorText(t *testing.T, err error, says string) {
	t.Helper()
	text := fmt.Sprintf("%v %+v", err, err)
	if !strings.Contains(err.Error(), says) {
		t.Errorf("error %q does not say %q", err, says)
	}
	for _, bad := range []string{canary, "<html", "?key=", "json:", "goroutine"} {
		if strings.Contains(err.Error(), bad) || (bad == canary && strings.Contains(text, bad) && !strings.Contains(says, "redacted")) {
			t.Errorf("error %q holds %q", text, bad)
		}
	}
	if _, ok := errors.AsType[*client.APIError](err); !ok {
		t.Errorf("error is no APIError: %v", err)
	}
}

func TestNetworkFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		fault     faultnet.Fault
		read      error
		write     error
		readHits  int64
		writeHits int64
	}{
		{"close at once", faultnet.CloseAtOnce, client.ErrUnavailable, client.ErrOutcomeUnknown, 0, 0},
		{"close after request", faultnet.CloseAfterRequest, client.ErrUnavailable, client.ErrOutcomeUnknown, 3, 1},
		{"reset after request", faultnet.ResetAfterRequest, client.ErrUnavailable, client.ErrOutcomeUnknown, 3, 1},
		{"truncated body", faultnet.TruncateBody, client.ErrBadResponse, client.ErrOutcomeUnknown, 3, 1},
		{"garbage", faultnet.GarbageHeader, client.ErrUnavailable, client.ErrOutcomeUnknown, 3, 1},
	}
	for _, test := range tests {
		for kind, call := range calls {
			t.Run(test.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				server := faultnet.Start(t, test.fault)
				var sent atomic.Int64
				server.OnRequest = func(r *http.Request) {
					if r.Method != http.MethodGet || kind == "read" {
						sent.Add(1)
					}
				}
				err := call(t.Context(), newClient(t, server.URL()))
				want, hits := test.read, test.readHits
				if kind != "read" {
					want, hits = test.write, test.writeHits
				}
				if !errors.Is(err, want) {
					t.Fatalf("error = %v, want %v", err, want)
				}
				if got := sent.Load(); got != hits {
					t.Errorf("requests = %d, want %d", got, hits)
				}
				checkErrorText(t, err, "")
			})
		}
	}
}

func TestConnectionRefusedIsNotSent(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			err := call(t.Context(), newClient(t, "http://127.0.0.1:1", client.WithMaxRetries(1)))
			var apiError *client.APIError
			if !errors.As(err, &apiError) || !errors.Is(err, client.ErrUnavailable) || !apiError.NotSent {
				t.Fatalf("error = %v, want unavailable and not sent", err)
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	server := faultnet.Start(t, faultnet.Stall)
	c := newClient(t, server.URL(), client.WithTimeout(50*time.Millisecond), client.WithMaxRetries(0))
	if err := calls["read"](t.Context(), c); !errors.Is(err, client.ErrTimeout) {
		t.Errorf("read: error = %v, want a timeout", err)
	}
	err := calls["create"](t.Context(), c)
	if !errors.Is(err, client.ErrOutcomeUnknown) || !errors.Is(err, client.ErrTimeout) {
		t.Errorf("create: error = %v, want an unknown outcome through a timeout", err)
	}
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	server := faultnet.Start(t, faultnet.Stall)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for server.Requests.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if err := calls["read"](ctx, newClient(t, server.URL())); !errors.Is(err, client.ErrCanceled) {
		t.Fatalf("error = %v, want canceled", err)
	}
}

// TestRetrySucceeds sees a read through two failures and its last attempt answered.
func TestRetrySucceeds(t *testing.T) {
	t.Parallel()
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if hits.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, `{"agents":[{"id":"7","name":"ok"}]}`)
	}))
	defer server.Close()
	page, err := newClient(t, server.URL).Agents.List(t.Context(), client.AgentListOptions{})
	if err != nil || len(page.Items) != 1 || page.Items[0].Name != "ok" {
		t.Fatalf("List = %+v, %v", page, err)
	}
}

// TestNothingGoesToARedirectsTarget watches the target of a redirect for any request at all.
func TestNothingGoesToARedirectsTarget(t *testing.T) {
	t.Parallel()
	var stolen atomic.Int64
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer target.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(target.URL, status))
		for kind, call := range calls {
			if err := call(t.Context(), newClient(t, server.URL)); !errors.Is(err, client.ErrRedirect) {
				t.Errorf("%d %s: error = %v, want a redirect", status, kind, err)
			}
		}
		server.Close()
	}
	if stolen.Load() != 0 {
		t.Errorf("the target saw %d requests", stolen.Load())
	}
}
