package telemetry

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func fetch(t *testing.T, address string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestMetricsAreServedOnAnAddressOfTheirOwn(t *testing.T) {
	t.Parallel()
	service, err := ServeMetrics(t.Context(), "127.0.0.1:0", NewMetrics("1"), quiet())
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + service.Address
	if status, body := fetch(t, base+"/metrics"); status != http.StatusOK || !strings.Contains(body, "robutler_mcp_build_info") {
		t.Errorf("%d %s", status, body)
	}
	for _, path := range []string{"/", "/debug/pprof/", "/healthz"} {
		if status, _ := fetch(t, base+path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if _, err := ServeMetrics(t.Context(), service.Address, NewMetrics("1"), quiet()); err == nil {
		t.Error("an address in use was taken")
	}
	if err := service.Close(); err != nil {
		t.Error(err)
	}
	if _, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", service.Address); err == nil {
		t.Error("it still listens")
	}
}

func TestProfilesStayOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "localhost.example.com:0", "127.0.0.1"} {
		if service, err := ServeProfiles(t.Context(), address, quiet()); err == nil {
			_ = service.Close()
			t.Errorf("served on %s", address)
		}
	}
	service, err := ServeProfiles(t.Context(), "localhost:0", quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = service.Close() }()
	base := "http://" + service.Address
	if status, body := fetch(t, base+"/debug/pprof/goroutine?debug=1"); status != http.StatusOK || !strings.Contains(body, "goroutine profile") {
		t.Errorf("%d %s", status, body)
	}
	for _, headers := range [][]string{
		{"Host", "evil.example"}, {"Host", "127.0.0.1.evil.example:80"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"},
		{"Origin", "null"},
	} {
		if status, body := fetch(t, base+"/debug/pprof/heap", headers...); status != http.StatusForbidden || len(body) > 100 {
			t.Errorf("%v: %d", headers, status)
		}
	}
}

// TestProfilesHeedWhereTheyAreBound: the name localhost may stand for any address.
func TestProfilesHeedWhereTheyAreBound(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{"127.0.0.1:0": true, "0.0.0.0:0": false} {
		listener, err := bind(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		if err := boundToLoopback(listener); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Most often another program has the address already: the error names it once, and says what to do.
func TestATakenAddressIsExplained(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	_, err = bind(t.Context(), address)
	if err == nil || strings.Count(err.Error(), address) != 1 || !strings.Contains(err.Error(), "another address") {
		t.Errorf("got %v", err)
	}
}
