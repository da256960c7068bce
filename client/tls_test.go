package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// TestConnectingFails tells apart what keeps a call from leaving, for a read and for a charge: in each case nothing was
// sent, nothing is tried again that would fail again, and the message says what to look at.
func TestConnectingFails(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came through") }))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.Config.ErrorLog = log.New(io.Discard, "", 0)
	old.StartTLS()
	t.Cleanup(old.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	trusted := func(change func(*tls.Config)) http.RoundTripper {
		transport, ok := secure.Client().Transport.(*http.Transport)
		if !ok {
			t.Fatal("no transport")
		}
		transport = transport.Clone()
		change(transport.TLSClientConfig)
		return transport
	}
	nowhere := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "nowhere.invalid", IsNotFound: true}}
	}}
	tests := map[string]struct {
		base      string
		transport http.RoundTripper
		says      string
	}{
		"unknown authority": {secure.URL, &http.Transport{}, "authority that this machine does not trust"},
		"another host":      {secure.URL, trusted(func(c *tls.Config) { c.ServerName = "robutler.ai" }), "not valid for this address"},
		"old protocol":      {old.URL, &http.Transport{}, "no secure connection"},
		"no TLS there":      {strings.Replace(plain.URL, "http:", "https:", 1), &http.Transport{}, "no secure connection"},
		"no such host":      {"https://nowhere.invalid", nowhere, "host not found"},
	}
	calls := invocations()
	for name, test := range tests {
		for _, method := range []string{"User.Get, User.ValidateKey", "Agents.Create", "Tokens.Settle"} {
			t.Run(name+"/"+method, func(t *testing.T) {
				t.Parallel()
				err := calls[method](t.Context(), newClient(t, test.base, client.WithTransport(test.transport), client.WithMaxRetries(0)))
				apiError, ok := errors.AsType[*client.APIError](err)
				if !ok || !errors.Is(err, client.ErrUnavailable) || errors.Is(err, client.ErrOutcomeUnknown) || !apiError.NotSent {
					t.Fatalf("error = %v, want unavailable and not sent", err)
				}
				if !strings.Contains(err.Error(), test.says) {
					t.Errorf("error %q does not say %q", err, test.says)
				}
			})
		}
	}
}
