package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestProfilesSayWhoAllocates reads the profile of the memory, for which Go has to take samples from the start: every half
// megabyte, of which the profile tells the double.
func TestProfilesSayWhoAllocates(t *testing.T) {
	served := serve(t, "--sandbox", "--sandbox-db", ":memory:", "--pprof-addr", "127.0.0.1:0")
	_, rest, found := strings.Cut(served.stderr.String(), "serves profiles at ")
	if !found {
		t.Fatalf("it does not say where its profiles are:\n%s", served.stderr)
	}
	address, _, _ := strings.Cut(rest, "\n")
	response, err := http.Get(address + "heap?debug=1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	profile, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(string(profile), "\n"); !strings.HasSuffix(first, "@ heap/1048576") {
		t.Errorf("%s", first)
	}
}
