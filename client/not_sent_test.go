package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/faultnet"
)

// transportFunc is a transport that tells nothing of its connections.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestACanceledCallMayHaveBeenSent cancels every write at three points. That nothing was sent is claimed only where the
// transport shows that there was no connection to send it on.
func TestACanceledCallMayHaveBeenSent(t *testing.T) {
	t.Parallel()
	type place struct {
		transport func(context.CancelFunc) http.RoundTripper
		base      func(*testing.T, context.CancelFunc) string
		notSent   bool
	}
	somewhere := func(*testing.T, context.CancelFunc) string { return "https://robutler.test" }
	places := map[string]place{
		"in a transport of one's own": {transport: func(cancel context.CancelFunc) http.RoundTripper {
			return transportFunc(func(r *http.Request) (*http.Response, error) {
				if r.Body != nil {
					_, _ = io.Copy(io.Discard, r.Body)
				}
				cancel()
				return nil, r.Context().Err()
			})
		}, base: somewhere},
		"while it connects": {transport: func(cancel context.CancelFunc) http.RoundTripper {
			return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				cancel()
				<-ctx.Done()
				return nil, ctx.Err()
			}}
		}, base: somewhere, notSent: true},
		"at the platform": {transport: func(context.CancelFunc) http.RoundTripper { return new(http.Transport) },
			base: func(t *testing.T, cancel context.CancelFunc) string {
				t.Helper()
				server := faultnet.Start(t, faultnet.Stall)
				server.OnRequest = func(*http.Request) { cancel() }
				return server.URL()
			}},
	}
	calls := invocations()
	for _, operation := range client.Operations() {
		if operation.Class == client.Read {
			continue
		}
		for name, at := range places {
			t.Run(operation.Method+"/"+name, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				c := newClient(t, at.base(t, cancel), client.WithTransport(at.transport(cancel)))
				err := calls[operation.Method](ctx, c)
				apiError, ok := errors.AsType[*client.APIError](err)
				if !ok || !errors.Is(err, client.ErrCanceled) {
					t.Fatalf("error = %v, want canceled", err)
				}
				if apiError.NotSent != at.notSent || errors.Is(err, client.ErrOutcomeUnknown) == at.notSent {
					t.Errorf("not sent %t: %v", apiError.NotSent, err)
				}
			})
		}
	}
}

// TestACallOfACallerWhoHasLeftIsNotSent makes every write after its caller has left.
func TestACallOfACallerWhoHasLeftIsNotSent(t *testing.T) {
	t.Parallel()
	calls := invocations()
	for _, operation := range client.Operations() {
		if operation.Class == client.Read {
			continue
		}
		t.Run(operation.Method, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			transport := transportFunc(func(*http.Request) (*http.Response, error) {
				t.Error("a request was made")
				return nil, io.EOF
			})
			err := calls[operation.Method](ctx, newClient(t, "https://robutler.test", client.WithTransport(transport)))
			apiError, ok := errors.AsType[*client.APIError](err)
			if !ok || !apiError.NotSent || !errors.Is(err, client.ErrCanceled) || errors.Is(err, client.ErrOutcomeUnknown) {
				t.Errorf("error = %v", err)
			}
		})
	}
}
