package webguard_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/webguard"
)

// The address that a connection came in on needs no list, whatever its family; any other does.
func TestGuardKnowsItsOwnAddress(t *testing.T) {
	g, err := webguard.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for host, allowed := range map[string]bool{
		"192.0.2.7:8080": true, "192.0.2.7:8081": false, "192.0.2.7": false, "192.0.2.8:8080": false, "[::ffff:192.0.2.7]:8080": true,
		"": false, "a b": false, "mcp.example.com:8080": false,
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", http.NoBody)
		request.Host = host
		if g.AllowsHost(request) {
			t.Errorf("%q is allowed though the address is not known", host)
		}
		local := &net.TCPAddr{IP: net.ParseIP("192.0.2.7"), Port: 8080}
		request = request.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local))
		if g.AllowsHost(request) != allowed {
			t.Errorf("%q: allowed %t", host, !allowed)
		}
	}
}

// The port that goes without saying is that of the scheme.
func TestGuardKnowsTheDefaultPort(t *testing.T) {
	g, err := webguard.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for port, secured := range map[int]bool{80: false, 443: true} {
		for _, encrypted := range []bool{false, true} {
			local := &net.TCPAddr{IP: net.ParseIP("192.0.2.7"), Port: port}
			request := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local), http.MethodGet, "/healthz", http.NoBody)
			if request.Host = "192.0.2.7"; encrypted {
				request.TLS = &tls.ConnectionState{}
			}
			if g.AllowsHost(request) != (secured == encrypted) {
				t.Errorf("port %d, TLS %t: allowed %t", port, encrypted, secured != encrypted)
			}
		}
	}
}
