package webguard_test

import (
	"context"
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
